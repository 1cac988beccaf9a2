// Gradients of whole solves by generated source, on the processor, against the strategies of the host on the
// reference backend and against finite differences.
#include "engine/failure.hpp"
#include "experiment/run.hpp"
#include "gradient_on_fake.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// The same steps and derivatives, added in another order.
const double kDirect = on_gpu(1e-12), kAdjoint = on_gpu(1e-11);
// Central differences of a program of some hundred operations.
constexpr double kDifferences = 1e-6;
constexpr double kSingle = 2e-4;

// Cotangents of all states, none like another.
Json cotangents(size_t times, size_t rows, size_t size) {
  Json all = Json::array();
  for (size_t t = 0; t < times; ++t) {
    Json of_time = Json::array();
    for (size_t r = 0; r < rows; ++r) {
      Json row = Json::array();
      for (size_t j = 0; j < size; ++j)
        row.push_back(0.5 + 0.25 * double((7 * t + 3 * r + 5 * j) % 11) - 0.9 * double(j));
      of_time.push_back(row);
    }
    all.push_back(of_time);
  }
  return all;
}

const Json kUnwatched{{"plugin", "adjoint"}, {"reconstruction", "off"}};  // long steps lose their way

Json with_loss(Json config) {
  config["loss"] = {{"cotangent", cotangents(config["times"].size(), config["initial"].size(),
                                             config["initial"][0].size())}};
  return config;
}

Json base(const Json& field, const Json& initial, const Json& solver) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field", field},
          {"initial", initial},
          {"times", {0.0, 0.3, 0.31, 1.0, 2.5}},
          {"solver", solver},
          {"gradient", "direct"}};
}

// Nonlinear, with parameters; and one whose derivative depends on the time.
Json predators(const Json& solver) {
  return with_loss(base({{"plugin", "expression"},
                         {"state", {"x", "y"}},
                         {"parameters", {{"a", 1.5}, {"b", 1.0}, {"c", 3.0}, {"d", 1.0}}},
                         {"derivatives", {{"x", "a*x - b*x*y"}, {"y", "d*x*y - c*y"}}}},
                        {{1.0, 1.0}, {3.0, 0.5}, {0.7, 2.0}}, solver));
}
Json driven(const Json& solver) {
  return with_loss(base({{"plugin", "expression"},
                         {"state", {"w", "y"}},
                         {"parameters", {{"a", 0.7}}},
                         {"derivatives", {{"w", "-0.1*a*w"}, {"y", "a*cos(w*t) - 0.2*y*t"}}}},
                        {{1, 0.5}, {8, 2}, {0.1, 0.1}, {5, 7}}, solver));
}

// A network within formulas, which bound what it may do.
Json universal(const Json& solver) {
  return with_loss(base({{"plugin", "expression"},
                         {"state", {"x", "y"}},
                         {"parameters", {{"a", 0.7}}},
                         {"network",
                          {{"inputs", {"x", "a*y", "cos(t)"}},
                           {"outputs", {"u", "v"}},
                           {"layers", {{{"linear", 5}}, "softplus", {{"linear", 2}}}}}},
                         {"derivatives", {{"x", "u*y - a*x"}, {"y", "v*cos(x) - y"}}}},
                        {{1, 0.5}, {0.2, 2}, {0.1, 0.1}}, solver));
}

Json per_row(Json solver) {
  solver["stepping"] = "per_row";
  if (!solver.contains("rtol")) solver["rtol"] = 1e-5, solver["atol"] = 1e-7;
  return solver;
}

void check_alike_by(const char* form, const Json& config, const Logged& host, const Json& gradient,
                    double tolerance) {
  CAPTURE(form);
  const Logged device = gradient_on(gpu_rows(form), config);
  CHECK(device.by_backend);
  check_close(device.result, host.result, tolerance);
  const auto count = [](const Logged& l, const char* phase, const char* what) {
    return l.result.record["counters"][phase][what].get<int64_t>();
  };
  if (tolerance > kAdjoint) return;
  for (const char* what : {"accepted", "rejected"})
    CHECK(count(device, "forward", what) == count(host, "forward", what));
  if (gradient.dump().find("adjoint") == std::string::npos) return;
  for (const char* what : {"accepted", "rejected"})
    CHECK(count(device, "backward", what) == count(host, "backward", what));
}
// By a thread per row, and by a block of threads per row, which adds up in another order.
void check_alike(Json config, const Json& gradient, double tolerance) {
  config["gradient"] = gradient;
  const Logged host = gradient_on("reference", config);
  CHECK_FALSE(host.by_backend);
  check_alike_by("thread", config, host, gradient, tolerance);
  check_alike_by("block", config, host, gradient, std::max(tolerance, kAdjoint));
}

template <class Wanted>
std::vector<std::string> explicit_ids(Wanted wanted) {
  return solver_ids_where(
      [&](const SolverTraits& s) { return s.is_explicit && !s.second_order && wanted(s); });
}

}  // namespace

TEST_CASE("direct through adaptive steps of every explicit method is the host's") {
  for (const std::string& id : explicit_ids([](const SolverTraits& s) { return s.controlled; })) {
    CAPTURE(id);
    check_alike(predators(per_row({{"plugin", id}})), "direct", kDirect);
    check_alike(driven(per_row({{"plugin", id}})), "direct", kDirect);
  }
}

TEST_CASE("formulas with a network in them are solved and differentiated as the host does it") {
  check_alike(universal(per_row({{"plugin", "dopri5"}})), "direct", kDirect);
  check_alike(universal(per_row({{"plugin", "tsit5"}})), "adjoint", kAdjoint);
}

TEST_CASE("direct through fixed steps of every explicit method is the host's") {
  for (const std::string& id : explicit_ids([](const SolverTraits& s) { return s.fixed; })) {
    CAPTURE(id);
    check_alike(predators({{"plugin", id}, {"step_size", 0.07}}), "direct", kDirect);
    check_alike(driven({{"plugin", id}, {"step_size", 0.07}}), "direct", kDirect);
  }
}

TEST_CASE("the adjoint with adaptive steps of every explicit method takes the host's steps") {
  for (const std::string& id : explicit_ids([](const SolverTraits& s) { return s.controlled; })) {
    CAPTURE(id);
    check_alike(predators(per_row({{"plugin", id}})), "adjoint", kAdjoint);
    check_alike(driven(per_row({{"plugin", id}})), "adjoint", kAdjoint);
  }
}

TEST_CASE("the adjoint with fixed steps of every explicit method is the host's") {
  for (const std::string& id : explicit_ids([](const SolverTraits& s) { return s.fixed; })) {
    CAPTURE(id);
    check_alike(predators({{"plugin", id}, {"step_size", 0.07}}), kUnwatched, kAdjoint);
    check_alike(driven({{"plugin", id}, {"step_size", 0.07}}), kUnwatched, kAdjoint);
  }
}

TEST_CASE("every grid and interpolation is differentiated as the host does" * doctest::test_suite("ptx")) {
  for (const char* gradient : {"direct", "adjoint"}) {
    CAPTURE(gradient);
    const double tolerance = std::string(gradient) == "direct" ? kDirect : kAdjoint;
    check_alike(driven({{"plugin", "rk4"}, {"step_size", 0.05}, {"interpolation", "cubic"}}), gradient,
                tolerance);
    check_alike(
        driven({{"plugin", "dopri5"}, {"control", "fixed"}, {"step_size", 0.05}, {"interpolation", "cubic"}}),
        gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "dopri5"}, {"interpolation", "cubic"}})), gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "fehlberg2"}, {"interpolation", "cubic"}})), gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "dopri5"}, {"interpolation", "linear"}})), gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "tsit5"}, {"control", "pid"}})), gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "bosh3"}, {"norm", "max"}})), gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "dopri5"}, {"rtol", {1e-4, 1e-6}}, {"atol", {1e-5, 1e-8}}})),
                gradient, tolerance);
    check_alike(driven(per_row({{"plugin", "dopri5"}, {"first_step", 0.01}, {"max_step", 0.2}})), gradient,
                tolerance);
    Json close = predators({{"plugin", "rk4"}});  // from time to time
    close["times"] = {0.0, 0.1, 0.15, 0.3};
    check_alike(with_loss(close), gradient, tolerance);
    close["times"] = {-0.33, 1.84};  // t0 + (t1 - t0) < t1
    check_alike(with_loss(close), gradient == std::string("direct") ? Json("direct") : kUnwatched, tolerance);
    check_alike(driven({{"plugin", "rk4"}, {"grid", {0, 0.1, 0.5, 0.9, 2.0, 2.5}}}), gradient, tolerance);
  }
}

TEST_CASE("the adjoint's own solver and tolerances are taken") {
  check_alike(driven(per_row({{"plugin", "dopri5"}})),
              {{"plugin", "adjoint"}, {"rtol", 1e-7}, {"atol", 1e-8}}, kAdjoint);
  check_alike(driven(per_row({{"plugin", "dopri5"}})),
              {{"plugin", "adjoint"}, {"solver", {{"plugin", "bosh3"}, {"rtol", 1e-5}, {"atol", 1e-6}}}},
              kAdjoint);
  check_alike(driven({{"plugin", "rk4"}, {"step_size", 0.05}}),
              {{"plugin", "adjoint"}, {"solver", {{"plugin", "euler"}, {"step_size", 0.01}}}}, kAdjoint);
}

TEST_CASE("many observations in one step, and times that decrease" * doctest::test_suite("ptx")) {
  for (const char* gradient : {"direct", "adjoint"}) {
    CAPTURE(gradient);
    const double tolerance = std::string(gradient) == "direct" ? kDirect : kAdjoint;
    for (const Json& solver :
         {per_row({{"plugin", "tsit5"}, {"rtol", 1e-3}, {"atol", 1e-4}}),
          per_row({{"plugin", "bosh3"}, {"interpolation", "cubic"}, {"rtol", 1e-2}, {"atol", 1e-3}}),
          Json{{"plugin", "heun2"}, {"step_size", 0.5}}}) {
      CAPTURE(solver["plugin"]);
      Json config = driven(solver);
      config["times"] = Json::array();
      for (int i = 0; i <= 40; ++i) config["times"].push_back(0.05 * i);
      check_alike(with_loss(config), gradient, tolerance);
      Json back = driven(solver);
      back["times"] = {2.5, 1.0, 0.95, 0.9, 0.3, 0.0};
      check_alike(with_loss(back), gradient, tolerance);
    }
  }
}

TEST_CASE("direct is the difference quotient of the program") {
  Json config = driven({{"plugin", "rk4"}, {"step_size", 0.11}, {"interpolation", "cubic"}});
  config["gradient"] = "finite_difference";
  const Logged quotient = gradient_on(gpu(), config);
  CHECK_FALSE(quotient.by_backend);
  config["gradient"] = "direct";
  for (const char* form : {"thread", "block"}) {
    const Logged exact = gradient_on(gpu_rows(form), config);
    CHECK(exact.by_backend);
    check_close(exact.result, quotient.result, kDifferences);
  }
}

TEST_CASE("in single precision gradients agree to its round-off" * doctest::test_suite("ptx")) {
  for (const Json& solver : {per_row({{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-4}}),
                             Json{{"plugin", "rk4"}, {"step_size", 0.07}}})
    for (const char* gradient : {"direct", "adjoint"}) {
      CAPTURE(gradient);
      Json config = driven(solver);
      config["precision"] = "float32";
      config["initial"] = {{1, 0.5}, {2, 2}, {0.1, 0.1}, {3, 1}};
      check_alike(config, gradient, kSingle);
    }
}

TEST_CASE("a field without parameters, and a small network") {
  Json config = driven(per_row({{"plugin", "tsit5"}}));
  config["field"] = {{"plugin", "linear"}, {"matrix", {{-0.1, -2.0}, {2.0, -0.1}}}, {"power", 3}};
  config["initial"] = {{1, 0.5}, {0.3, 0.2}, {0.1, 0.1}, {0.5, 0.7}};
  for (const char* gradient : {"direct", "adjoint"}) check_alike(config, gradient, 10 * kAdjoint);
  config["seed"] = 3;
  config["field"] = {
      {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 16}}, "tanh", {{"linear", 2}}}}};
  for (const char* gradient : {"direct", "adjoint"}) check_alike(config, gradient, 10 * kAdjoint);
}

TEST_CASE("a network of more parameters than a thread could add up is differentiated by blocks") {
  for (const Json& solver :
       {per_row({{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-4}}),
        per_row({{"plugin", "bosh3"}, {"interpolation", "cubic"}, {"rtol", 1e-2}, {"atol", 1e-3}}),
        Json{{"plugin", "rk4"}, {"step_size", 0.4}}}) {
    CAPTURE(solver["plugin"]);
    Json config = driven(solver);
    config["seed"] = 3;
    config["initial"] = {{1, 0.5}, {0.3, 2}, {3, -1}};
    config["field"] = {
        {"plugin", "neural"},
        {"time", "concat"},
        {"network", {{{"linear", 40}}, "tanh", {{"linear", 40}}, "tanh", {{"linear", 2}}}}};  // 1882 numbers
    config = with_loss(config);
    for (const Json& gradient : {Json("direct"), kUnwatched}) {
      config["gradient"] = gradient;
      for (const char* precision : {"float64", "float32"}) {
        config["precision"] = precision;
        const double tolerance = precision == std::string("float64") ? 10 * kAdjoint : kSingle;
        const Logged host = gradient_on("reference", config);
        check_alike_by("auto", config, host, gradient, tolerance);
      }
    }
  }
}

TEST_CASE("networks as the configurations have them go whole to the device with rows of their own") {
  const auto layers = [](const std::vector<int>& widths, const char* activation) {
    Json network = Json::array();
    for (const int width : widths) {
      if (!network.empty()) network.push_back(activation);
      network.push_back({{"linear", width}});
    }
    return network;
  };
  Json latent = driven(per_row({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-4}}));
  latent["seed"] = 1;
  latent["field"] = {{"plugin", "neural"}, {"network", layers({20, 20, 4}, "elu")}};
  latent["initial"] = {{1, 0.5, -0.2, 0.3}, {0.3, 2, 1, -1}};
  Json moons = latent;
  moons["field"] = {{"plugin", "neural"}, {"time", "concat"}, {"network", layers({64, 64, 2}, "tanh")}};
  moons["initial"] = {{1, 0.5}, {0.3, 2}};
  for (const Json& config : {with_loss(latent), with_loss(moons)})
    for (const Json& gradient : {Json("direct"), kUnwatched}) {
      Json each = config;
      each["gradient"] = gradient;
      check_alike_by("auto", each, gradient_on("reference", each), gradient, 10 * kAdjoint);
    }
}

TEST_CASE("blocks add up the derivatives of all rows that they take, in the same order each time") {
  Json config = driven({{"plugin", "heun2"}, {"step_size", 0.5}});
  config["times"] = {0.0, 0.75};
  config["initial"] = Json::array();
  for (int row = 0; row < 4200; ++row) config["initial"].push_back({row % 7, 1 + row % 5});
  config = with_loss(config);
  for (const Json& gradient : {Json("direct"), kUnwatched}) {
    config["gradient"] = gradient;
    const Logged threads = gradient_on(gpu_rows("thread"), config),
                 blocks = gradient_on(gpu_rows("block"), config);
    CHECK(blocks.by_backend);
    check_close(blocks.result, threads.result, kAdjoint);
    check_same_bits(gradient_on(gpu_rows("block"), config).result, blocks.result);
  }
}

TEST_CASE("rows that fail on the way there are named as in a solve") {
  Json config = driven(per_row({{"plugin", "dopri5"}}));
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "y^2"}}}};
  config["initial"] = {{0.1}, {1.0}, {0.2}, {2.0}};
  config["times"] = {0.0, 0.25, 0.75, 2.0};
  for (const char* gradient : {"direct", "adjoint"}) {
    config["gradient"] = gradient;
    const auto failure = [&](const Json& backend) {
      try {
        gradient_on(backend, with_loss(config));
      } catch (const host::SolveFailed& e) {
        return e.failure();
      }
      FAIL("it did not fail");
      return host::Failure{};
    };
    const host::Failure host = failure("reference");
    CHECK(host.row == 1);
    for (const char* form : {"thread", "block"}) {
      const host::Failure device = failure(gpu_rows(form));
      CHECK(device.reason == host.reason);
      CHECK(device.remedy == host.remedy);
      CHECK(device.row == host.row);
      CHECK(device.steps == host.steps);
    }
  }
}

TEST_CASE("a row that fails on the way back is named, with the reason in the words of the host") {
  Json config = driven(per_row({{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-3}}));
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-y^3"}}}};
  config["initial"] = {{0.1}, {1e4}, {0.3}};  // the second one comes from infinity
  config["times"] = {0.0, 3.0};
  config["gradient"] = kUnwatched;
  const auto failure = [&](const Json& backend) {
    try {
      gradient_on(backend, with_loss(config));
    } catch (const host::SolveFailed& e) {
      CHECK(std::string(e.what()).starts_with("row 1: the integration stopped"));
      return e.failure();
    }
    FAIL("it did not fail");
    return host::Failure{};
  };
  const host::Failure host = failure("reference");
  for (const char* form : {"thread", "block"}) {
    const host::Failure device = failure(gpu_rows(form));
    CHECK(device.row == 1);
    CHECK(device.t > 0);
    CHECK(device.reason.find("grows without bound") != std::string::npos);
    CHECK(device.reason == host.reason);
    CHECK(device.remedy == host.remedy);
  }
}

TEST_CASE("a state that cannot be solved backwards is refused with the same words") {
  for (const Json& solver :
       {per_row({{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}, {"max_steps", 2000}}),
        Json{{"plugin", "rk4"}, {"step_size", 0.01}}}) {
    Json config = driven(solver);
    config["field"] = {
        {"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-60*(y - cos(t))"}}}};
    config["initial"] = {{0.5}, {0.1}};
    config["times"] = {0.0, 1.0, 2.0};
    config["gradient"] = "adjoint";
    const auto words = [&](const Json& backend) {
      try {
        gradient_on(backend, with_loss(config));
      } catch (const std::exception& e) {
        return std::string(e.what());
      }
      return std::string("it was not refused");
    };
    // The host names the first row's miss, the backend that of the worst one.
    for (const char* part : {"solved backwards from t = 2 to 1 ", "decays at a rate of about 60 there",
                             "use gradient adjoint_int"})
      for (const Json& backend : {Json("reference"), gpu_rows("thread"), gpu_rows("block")})
        CHECK(words(backend).find(part) != std::string::npos);
  }
}

TEST_CASE("what no thread can do is left to the host") {
  const auto left = [](Json config, const Json& gradient) {
    config["gradient"] = gradient;
    const Logged device = gradient_on(gpu(), with_loss(config)),
                 host = gradient_on("reference", with_loss(config));
    CHECK_FALSE(device.by_backend);
    check_close(device.result, host.result, 10 * kAdjoint);
  };
  Json config = driven({{"plugin", "euler"}, {"step_size", 0.5}});
  left(config, {{"plugin", "adjoint"}, {"norm", "full"}, {"reconstruction", "off"}});
  config["seed"] = 3;
  config["field"] = {{"plugin", "neural"}, {"network", {{{"linear", 2000}}, "tanh", {{"linear", 2}}}}};
  config["initial"] = {{1, 0.5}, {0.3, 0.2}};
  config["times"] = {0.0, 0.5};
  left(config, "direct");
}

TEST_CASE("checkpoint takes the backend's way where its budget holds a row's states") {
  Json config = driven({{"plugin", "rk4"}, {"step_size", 0.1}});
  check_alike(config, {{"plugin", "checkpoint"}, {"budget", 12}}, kDirect);
  config["gradient"] = {{"plugin", "checkpoint"}, {"budget", 3}};
  const Logged host = gradient_on("reference", config), device = gradient_on(gpu(), config);
  check_close(device.result, host.result, kDirect);
}

TEST_CASE("a network trains by whole solves with the losses that it has on the host") {
  host::ConfigNode root = host::load_config(ODEON_SOURCE_DIR "/configs/spiral.yaml");
  for (const char* set :
       {"train.epochs=3", "train.learning_rate_schedule=[]", "precision=float64", "data.times.count=40",
        "solver={plugin: tsit5, stepping: per_row, rtol: 1.0e-4, atol: 1.0e-6}"})
    host::set_value(root, set);
  for (const char* gradient : {"gradient=direct", "gradient=adjoint", "gradient=checkpoint"}) {
    CAPTURE(gradient);
    host::set_value(root, gradient);
    bool by_backend = false;
    const auto final_loss = [&](const std::string& backend) {
      host::set_value(root, "backend=" + backend);
      const SpecimenFolder folder;
      host::RunSettings settings;
      settings.output = folder.path() + "/out";
      settings.quiet = true;
      by_backend = false;
      host::set_log_sink([&](int32_t, std::string_view line) {
        by_backend |= line.find("whole solve and its gradient") != std::string_view::npos;
      });
      const auto result = host::run_tree(root, "spiral.yaml", settings, with_fake());
      host::set_log_sink({});
      return result.record["metrics"]["final_loss"].get<double>();
    };
    const double host = final_loss("reference");
    CHECK_FALSE(by_backend);
    CHECK(host > 0);
    for (const char* form : {"thread", "block"}) {
      const double device = final_loss("{plugin: " + std::string(gpu()) + ", row_form: " + form + "}");
      CHECK(by_backend);
      CHECK(std::abs(device - host) <= on_gpu(1e-10) * host);
    }
  }
}
