// The continuous strategies: they converge to `direct`, whatever the solver, direction, stepping, precision
// and backend; and where the state cannot be solved backwards, `adjoint` says so.
#include "data/error.hpp"
#include "engine/failure.hpp"
#include "experiment_case.hpp"
#include "loader/host_table.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

const std::vector<std::string> kContinuous{"adjoint", "adjoint_interpolated", "adjoint_quadrature"};
const std::vector<std::string> kStored{"adjoint_interpolated", "adjoint_quadrature"};

Json experiment(const Json& solver, const Json& gradient, std::vector<double> times = {0.2, 0.75, 1.4}) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", "reference"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"q", "w"}},
            {"parameters", {{"drag", 0.2}, {"force", 0.9}}},
            {"derivatives", {{"q", "w + 0.1*q*t"}, {"w", "force*cos(0.8*t) - drag*w*q - sin(q)"}}}}},
          {"initial", {{0.4, -0.3}, {1.1, 0.2}}},
          {"times", times},
          {"solver", solver},
          {"gradient", gradient}};
}

Json with_tolerance(const std::string& solver, double tolerance) {
  return {{"plugin", solver}, {"rtol", tolerance}, {"atol", tolerance}};
}

// All that a gradient is, one number behind the other.
std::vector<double> all_of(const host::RunResult& result) {
  std::vector<double> all;
  for (const char* name : {"grad_initial.npy", "grad_parameters.npy", "grad_times.npy"})
    for (double v : array_of(result, name).to_doubles()) all.push_back(v);
  return all;
}

std::vector<double> exact(const std::vector<double>& times) {
  return all_of(differentiate(experiment(with_tolerance("dopri8", 1e-13), "direct", times)));
}

// y' = -rate y over [0, 1].
Json decay(double rate, const Json& solver, const Json& gradient, const std::string& precision = "float64") {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"precision", precision},
          {"backend", "cpu"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"y"}},
            {"parameters", {{"rate", rate}}},
            {"derivatives", {{"y", "-rate*y"}}}}},
          {"initial", {{1.0}}},
          {"times", {0.0, 1.0}},
          {"solver", solver},
          {"gradient", gradient}};
}

}  // namespace

TEST_CASE("continuous strategies converge to direct with the tolerance, forwards and backwards in time") {
  // A slope of one is the controller's promise; order 5 with dense output of order 4 loses a fifth of it.
  constexpr double kLoose = 1e-5, kTight = 1e-10, kLeastSlope = 0.7, kMostSlope = 1.4;
  for (const std::vector<double>& times : {std::vector{0.2, 0.75, 1.4}, std::vector{1.4, 0.75, 0.2}}) {
    const std::vector<double> truth = exact(times);
    for (const std::string& gradient : kContinuous)
      for (const std::string solver : {"dopri5", "tsit5", "bosh3", "radau_iia5"}) {
        const auto error = [&](double tolerance) {
          const Json config = experiment(with_tolerance(solver, tolerance), gradient, times);
          return difference(all_of(differentiate(config)), truth);
        };
        const double loose = error(kLoose), tight = error(kTight);
        const double slope = std::log(loose / tight) / std::log(kLoose / kTight);
        CAPTURE(gradient);
        CAPTURE(solver);
        CAPTURE(loose);
        CAPTURE(tight);
        CHECK(slope > kLeastSlope);
        CHECK(slope < kMostSlope);
      }
  }
}

TEST_CASE("with fixed steps the stored adjoints converge at the method's order") {
  // rk4 by cubics between its steps: order 4; bosh3's order 3 on Hermite's cubic; the default lines would
  // give 2.
  const std::vector<double> truth = exact({0.2, 0.75, 1.4});
  for (const std::string& gradient : kStored)
    for (const auto& [id, order] : {std::pair(std::string("rk4"), 4), std::pair(std::string("bosh3"), 3),
                                    std::pair(std::string("heun2"), 2)}) {
      const std::string solver = id;
      const auto error = [&](double step) {
        return difference(
            all_of(differentiate(
                experiment({{"plugin", solver}, {"step_size", step}, {"interpolation", "cubic"}}, gradient))),
            truth);
      };
      const double slope = std::log2(error(0.025) / error(0.0125));
      CAPTURE(gradient);
      CAPTURE(solver);
      CHECK(slope > order - 0.3);
      CHECK(slope < order + 0.7);  // where the leading error term is small
    }
}

TEST_CASE("a fixed grid is gone through backwards between the times, in the gradient's own solver, too") {
  std::vector<double> grid{0.2};
  for (int i = 1; i <= 24; ++i) grid.push_back(0.2 + 0.05 * i);
  grid.back() = 1.4;
  const std::vector<double> times{0.2, 0.75, 1.4};
  const Json on_grid = {{"plugin", "rk4"}, {"grid", grid}},
             by_step = {{"plugin", "rk4"}, {"step_size", 0.05}};
  std::vector<double> backwards(grid.rbegin(), grid.rend());
  for (const std::string& gradient : kContinuous) {
    CAPTURE(gradient);
    const std::vector<double> expected = all_of(differentiate(experiment(by_step, gradient, times)));
    const auto close_to_expected = [&](const Json& solver, const Json& of) {
      return difference(all_of(differentiate(experiment(solver, of, times))), expected) <= 1e-13;
    };
    CHECK(close_to_expected(on_grid, gradient));
    for (const auto& own : {grid, backwards})
      CHECK(
          close_to_expected(by_step, {{"plugin", gradient}, {"solver", {{"plugin", "rk4"}, {"grid", own}}}}));
  }
}

TEST_CASE("a grid of the gradient's solver that leaves out some of the times is refused") {
  const Json own = {{"plugin", "adjoint"}, {"solver", {{"plugin", "rk4"}, {"grid", {0.2, 0.5, 1.0}}}}};
  CHECK_THROWS_WITH_AS(differentiate(experiment({{"plugin", "rk4"}, {"step_size", 0.05}}, own)),
                       doctest::Contains("runs from 0.2 to 1, without 1.4"), host::RunError);
}

TEST_CASE("continuous strategies take rows on their own, single precision and both backends") {
  const std::vector<double> truth = exact({0.2, 0.75, 1.4});
  for (const std::string& gradient : kContinuous)
    for (const std::string backend : {"reference", "cpu"})
      for (const std::string stepping : {"joint", "per_row"})
        for (const auto& [dtype, tolerance, bound] : {std::tuple(std::string("float64"), 1e-9, 1e-7),
                                                      std::tuple(std::string("float32"), 1e-5, 2e-4)}) {
          const std::string precision = dtype;
          CAPTURE(gradient);
          CAPTURE(backend);
          CAPTURE(stepping);
          CAPTURE(precision);
          Json config = experiment(with_tolerance("dopri5", tolerance), gradient);
          config["solver"]["stepping"] = stepping;
          config["backend"] = backend;
          config["precision"] = precision;
          CHECK(difference(all_of(differentiate(config)), truth) < bound);
        }
}

TEST_CASE("the stored adjoints may have a solver, tolerances, a norm and nodes of their own") {
  const std::vector<double> truth = exact({0.2, 0.75, 1.4});
  for (const Json& gradient :
       {Json{{"plugin", "adjoint_interpolated"}, {"solver", with_tolerance("tsit5", 1e-9)}},
        Json{{"plugin", "adjoint_interpolated"}, {"rtol", 1e-8}, {"atol", 1e-8}, {"norm", "full"}},
        Json{{"plugin", "adjoint_quadrature"}, {"solver", with_tolerance("radau_iia5", 1e-9)}},
        Json{{"plugin", "adjoint_quadrature"}, {"rtol", 1e-8}, {"atol", 1e-8}, {"nodes", 5}}}) {
    CAPTURE(gradient.dump());
    CHECK(difference(all_of(differentiate(experiment(with_tolerance("dopri5", 1e-10), gradient))), truth) <
          1e-6);
  }
}

TEST_CASE("Gauss nodes cost fewer products than stages where there are parameters") {
  const auto vjps = [](const char* gradient) -> int64_t {
    return differentiate(experiment(with_tolerance("dopri8", 1e-9), gradient))
        .record["counters"]["backward"]["vjps"];
  };
  // The stages need products with df/dy in both; here they are counted together, and Gauss adds its own.
  CHECK(vjps("adjoint_quadrature") > vjps("adjoint_interpolated"));
  const auto one_node = [](int nodes) -> int64_t {
    const Json gradient{{"plugin", "adjoint_quadrature"}, {"nodes", nodes}};
    return differentiate(experiment(with_tolerance("dopri8", 1e-9), gradient))
        .record["counters"]["backward"]["vjps"];
  };
  const int64_t steps = differentiate(experiment(with_tolerance("dopri8", 1e-9), "adjoint_quadrature"))
                            .record["counters"]["backward"]["accepted"];
  CHECK(one_node(5) - one_node(2) == 3 * steps);
}

TEST_CASE("adjoint finds out that a decaying field cannot be solved backwards, and says what to use") {
  for (const std::string precision : {"float64", "float32"})
    for (const std::string solver : {"dopri5", "radau_iia5"}) {
      CAPTURE(precision);
      CAPTURE(solver);
      const std::string text =
          gradient_refusal(decay(100, with_tolerance(solver, 1e-6), "adjoint", precision));
      CAPTURE(text);
      CHECK(contains(text, "from t = 1 to 0"));
      CHECK(contains(text, "decays at a rate of about 100"));
      CHECK(contains(text, "use gradient adjoint_interpolated"));
    }
}

TEST_CASE("where adjoint cannot solve backwards, it names the options that this configuration has") {
  const Json fixed{{"plugin", "rk4"}, {"step_size", 0.02}}, controlled = with_tolerance("dopri5", 1e-6);
  const auto with_solver = [](const Json& solver) { return Json{{"plugin", "adjoint"}, {"solver", solver}}; };
  struct Case {
    Json solver, gradient;
    std::string remedy, unit;
  };
  const Case cases[] = {
      {controlled, "adjoint", "tighten gradient.rtol and gradient.atol", "times the tolerance"},
      {controlled, with_solver(controlled), "tighten gradient.solver.rtol and gradient.solver.atol",
       "times the tolerance"},
      {fixed, "adjoint", "shorten the steps of 'solver'", "times 0.0001 of its size"},
      {controlled, with_solver(fixed), "shorten the steps of 'gradient.solver'", "times 0.0001 of its size"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.remedy);
    const std::string text = gradient_refusal(decay(60, c.solver, c.gradient));
    CAPTURE(text);
    CHECK(contains(text, ", or " + c.remedy));
    CHECK(contains(text, c.unit));
    for (const Case& other : cases)
      if (other.remedy != c.remedy) CHECK(text.find(", or " + other.remedy) == std::string::npos);
  }
}

TEST_CASE("the stored adjoints solve what adjoint cannot") {
  std::vector<std::string> stiff{"dopri5", "radau_iia5", "rosenbrock23", "rodas5p", "bosh3"};
  if (installed().find(ODEON_KIND_SOLVER, "cvode")) stiff.push_back("cvode");  // comes only with SUNDIALS
  // dL/dy0 = 1 + e^-rate for the sum of both states, dL/drate = -e^-rate.
  for (const std::string& gradient : kStored)
    for (const std::string& solver : stiff) {
      CAPTURE(gradient);
      CAPTURE(solver);
      const auto result = differentiate(decay(100, with_tolerance(solver, 1e-8), gradient));
      CHECK(std::abs(array_of(result, "grad_initial.npy").to_doubles()[0] - 1) < 1e-6);
      CHECK(std::abs(parameter_gradients(result)[0]) < 1e-6);
    }
  // Slow enough to leave something to see.
  for (const std::string& gradient : kStored) {
    const auto result = differentiate(decay(5, with_tolerance("radau_iia5", 1e-9), gradient));
    CHECK(std::abs(parameter_gradients(result)[0] + std::exp(-5)) < 1e-7);
  }
}

TEST_CASE("adjoint is content with a field whose reverse is harmless") {
  for (const double rate : {2.0, -3.0}) {
    const auto result = differentiate(decay(rate, with_tolerance("dopri5", 1e-7), "adjoint"));
    CHECK(difference(parameter_gradients(result), {-std::exp(-rate)}) < 1e-4);
  }
}

TEST_CASE("adjoint goes back to a state of zero, with fixed steps and with controlled ones") {
  for (const Json& solver : {Json{{"plugin", "rk4"}, {"step_size", 0.02}}, with_tolerance("dopri5", 1e-8)}) {
    Json config = experiment(solver, "direct");
    config["initial"] = {{0.0, 0.0}};
    const auto direct = all_of(differentiate(config));
    config["gradient"] = "adjoint";
    CHECK(difference(all_of(differentiate(config)), direct) < 1e-3);
  }
}

TEST_CASE("reconstruction: warn goes on with a warning, off without a word") {
  static std::vector<std::string> lines;
  lines.clear();
  host::set_log_sink([](int32_t level, std::string_view text) {
    if (level >= ODEON_LOG_WARNING) lines.emplace_back(text);
  });
  Json gradient{{"plugin", "adjoint"}, {"reconstruction", "warn"}};
  differentiate(decay(30, with_tolerance("dopri5", 1e-6), gradient));
  const std::vector<std::string> warned = lines;
  lines.clear();
  gradient["reconstruction"] = "off";
  differentiate(decay(30, with_tolerance("dopri5", 1e-6), gradient));
  host::set_log_sink({});
  REQUIRE(warned.size() == 1);
  CHECK(contains(warned[0], "misses the stored state"));
  CHECK(lines.empty());
}

TEST_CASE("the bound of the reconstruction counts tolerances") {
  Json gradient{{"plugin", "adjoint"}, {"reconstruction_bound", 1e9}};
  CHECK(differentiate(decay(15, with_tolerance("dopri5", 1e-6), gradient)).record.contains("counters"));
  gradient["reconstruction_bound"] = 1e-3;
  CHECK(contains(gradient_refusal(decay(1, with_tolerance("dopri5", 1e-6), gradient)),
                 "reconstruction_bound: 0.001"));
}

TEST_CASE("a backward solve that breaks down names the reverse as the cause and keeps the engine's reason") {
  // y' = -50 y^3 comes from infinity: a little too large at t = 20 means infinity before t = 0.
  Json config = decay(100, with_tolerance("dopri5", 1e-3), "adjoint");
  config["field"]["derivatives"]["y"] = "-rate*y*(1 + y*y)";
  config["field"]["parameters"]["rate"] = 20.0;
  config["initial"] = {{3.0}};
  config["gradient"] = {{"plugin", "adjoint"}, {"reconstruction", "off"}};
  try {
    differentiate(config);
    FAIL("it did not fail");
  } catch (const host::SolveFailed& e) {
    const std::string text = e.what();
    CAPTURE(text);
    CHECK(contains(text, "the integration stopped"));
    CHECK(contains(text, "gradient 'adjoint' solving the state backwards from t = 1 to 0"));
    CHECK(contains(text, "use gradient adjoint_interpolated"));
    CHECK(e.failure().t > 0);
  }
}

TEST_CASE("the configuration of the failure shows it, and its remedy works") {
  const std::string path = std::string(ODEON_SOURCE_DIR) + "/configs/stiff_adjoint_failure.yaml";
  const auto run = [&](std::vector<std::string> sets) {
    return host::run_gradient(
        host::read_experiment(host::load_source({path, {}, std::move(sets)}), path, installed()),
        installed());
  };
  CHECK_THROWS_WITH_AS(run({}), doctest::Contains("use gradient adjoint_interpolated"), host::RunError);
  CHECK(std::abs(array_of(run({"gradient=adjoint_interpolated"}), "grad_initial.npy").to_doubles()[0] - 1) <
        1e-6);
}

TEST_CASE("the tape of the stored adjoints grows with the forward steps only by their dense output") {
  constexpr int64_t kStateBytes = 2 * 2 * 8, kHermite = 3;
  const auto tape = [](const std::string& gradient, int steps) -> int64_t {
    return differentiate(experiment({{"plugin", "rk4"}, {"step_size", 1.2 / steps}}, gradient))
        .record["counters"]["tape_peak_bytes"];
  };
  const int64_t more = 960 - 240, dense = more * kHermite * kStateBytes;
  const int64_t grown = tape("adjoint_interpolated", 960) - tape("adjoint_interpolated", 240);
  CHECK(grown > 0.8 * static_cast<double>(dense));
  CHECK(grown < 1.3 * static_cast<double>(dense));
}
