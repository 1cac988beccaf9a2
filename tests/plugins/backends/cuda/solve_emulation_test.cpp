// Whole solves by generated source, on the processor, against the host's own steps per row on the reference
// backend.
#include "adaptive_cases.hpp"
#include "engine/failure.hpp"
#include "gradient_on_fake.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// The same operations in the same order; compilers may contract neither side, but pow and the field's
// functions are those of the same library, so that only sums which the host splits otherwise differ.
const double kRoundOff = on_gpu(1e-14);
const double kShared = on_gpu(1e-12);
constexpr double kSingle = 2e-5;  // f32: the reference backend adds in double

Json config_of(const Json& solver) {
  Json s = solver;
  s["stepping"] = "per_row";
  if (!s.contains("rtol")) s["rtol"] = 1e-6, s["atol"] = 1e-8;
  return {{"odeon", 1},
          {"task", "solve"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"w", "y"}},
            {"parameters", {{"a", 0.7}}},
            {"derivatives", {{"w", "-0.1*a*w"}, {"y", "a*cos(w*t) - 0.2*y*t"}}}}},
          {"initial", {{1, 0.5}, {40, 2}, {0.1, 0.1}, {5, 7}, {90, 0.3}, {0, 0}}},
          {"times", {0.0, 0.3, 0.31, 1.0, 2.5}},
          {"solver", s}};
}

Json fixed_config(const Json& solver) {
  Json config = config_of(solver);
  for (const char* key : {"rtol", "atol", "stepping"}) config["solver"].erase(key);
  return config;
}

// The same steps, and states alike.
void check_alike_by(const char* form, const Json& config, double tolerance) {
  CAPTURE(form);
  host::RunResult device;
  const auto host = solve_on("reference", config);
  const std::string words = told([&] { device = solve_on(gpu_rows(form), config); });
  CHECK(words.find("whole solve by backend") != std::string::npos);
  CHECK(difference(states_of(device), states_of(host)) <= tolerance);
  if (tolerance > kShared) return;
  const auto count = [](const host::RunResult& r, const char* what) {
    return r.record["counters"]["forward"][what].get<int64_t>();
  };
  CHECK(count(device, "accepted") == count(host, "accepted"));
  CHECK(count(device, "rejected") == count(host, "rejected"));
  // Where no stage is f(t1, y1), the host evaluates it again for all rows after any of them moved.
  CHECK(count(device, "evaluations") <= count(host, "evaluations"));
  CHECK(count(device, "evaluations") > 0.9 * double(count(host, "evaluations")));
}

// By a thread per row, and by a block of threads per row, which adds up norms in another order.
void check_alike(const Json& config, double tolerance = kRoundOff) {
  check_alike_by("thread", config, tolerance);
  check_alike_by("block", config, std::max(tolerance, kShared));
}

std::vector<Json> both_forms() { return {gpu_rows("thread"), gpu_rows("block")}; }
size_t check_failures(const Json& config) {
  const auto host = solve_on("reference", config);
  for (const Json& form : both_forms()) check_same_failures(solve_on(form, config), host);
  return host.record["failures"].size();
}

}  // namespace

TEST_CASE("every explicit method with an error estimate takes the same steps in one kernel") {
  with_every_adaptive_method([](const Json& solver) { check_alike(config_of(solver)); });
}

TEST_CASE("options of step control, norm and interpolation are the same in one kernel" *
          doctest::test_suite("ptx")) {
  for (const Json& solver : adaptive_options()) check_alike(config_of(solver));
}

TEST_CASE("rows run backwards in time in one kernel too") {
  Json back = config_of({{"plugin", "dopri5"}});
  back["times"] = {2.5, 1.0, 0.3, 0.0};
  check_alike(back);
}

TEST_CASE("fixed steps of every explicit method are the same in one kernel") {
  int methods = 0;
  for (const std::string& id :
       solver_ids_where([](const SolverTraits& s) { return s.is_explicit && s.fixed && !s.second_order; })) {
    CAPTURE(id);
    check_alike(fixed_config({{"plugin", id}, {"step_size", 0.07}}));
    ++methods;
  }
  CHECK(methods >= 3);
}

TEST_CASE("fixed steps on every kind of grid, with every interpolation, are the same in one kernel" *
          doctest::test_suite("ptx")) {
  check_alike(fixed_config({{"plugin", "rk4"}}));  // from time to time
  check_alike(fixed_config({{"plugin", "rk4"}, {"grid", {0, 0.1, 0.5, 0.9, 2.0, 2.5}}}));
  check_alike(fixed_config({{"plugin", "rk4"}, {"step_size", 0.05}, {"interpolation", "cubic"}}));
  check_alike(fixed_config(
      {{"plugin", "dopri5"}, {"control", "fixed"}, {"step_size", 0.05}, {"interpolation", "cubic"}}));
  Json back = fixed_config({{"plugin", "rk4"}, {"step_size", 0.07}});
  back["times"] = {2.5, 1.0, 0.3, 0.0};
  check_alike(back);
  Json rounded = fixed_config({{"plugin", "rk4"}});
  for (const std::vector<double>& times : {std::vector{-0.33, 1.84}, std::vector{-1.69, -0.31, 2.0}}) {
    rounded["times"] = times;  // t0 + (t1 - t0) < t1
    check_alike(rounded);
  }
}

TEST_CASE("a state that fixed steps lose ends the solve with the same words") {
  Json config = fixed_config({{"plugin", "euler"}, {"step_size", 0.5}});
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "y^3"}}}};
  config["initial"] = {{0.1}, {30.0}, {10.0}};
  config["times"] = {0.0, 1.0, 2.0, 8.0};
  const auto words = [&](const Json& backend) {
    try {
      solve_on(backend, config);
      return std::string("it did not fail");
    } catch (const host::SolveFailed& e) {
      return e.what() + std::string(" at ") + std::to_string(e.failure().t) + " after " +
             std::to_string(e.failure().steps);
    }
  };
  CHECK(words("reference").find("not finite at the requested time") != std::string::npos);
  for (const Json& device : both_forms()) CHECK(words(device) == words("reference"));
}

TEST_CASE("in single precision the states agree to its round-off" * doctest::test_suite("ptx")) {
  Json config = config_of({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-5}});
  config["precision"] = "float32";
  check_alike(config, kSingle * 10);
}

TEST_CASE("norms that single precision cannot square, and tolerances that it does not have, are no failure") {
  Json config = config_of({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-37}});
  config["precision"] = "float32";
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "50*exp(-t)"}}}};
  config["initial"] = {{0.0}, {1.0}};  // the norm of f in the first row is 5e38
  check_alike(config, kSingle * 10);
  config["field"]["derivatives"]["y"] = "-y";
  config["solver"]["atol"] = 1e-50;
  check_alike(config, kSingle * 10);
}

TEST_CASE("a small network is a field for one thread" * doctest::test_suite("ptx")) {
  Json config = config_of({{"plugin", "tsit5"}});
  config["seed"] = 3;
  config["field"] = {
      {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 16}}, "tanh", {{"linear", 2}}}}};
  config["initial"] = {{1, 0.5}, {0.3, 2}, {0.1, 0.1}};
  check_alike(config, on_gpu(1e-12));  // tanh amplifies nothing, but products are added in another order
}

TEST_CASE("rows that fail are named with the same reason, place and counts" * doctest::test_suite("ptx")) {
  Json config = config_of({{"plugin", "dopri5"}});
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "y^2"}}}};
  config["initial"] = {{0.1}, {1.0}, {0.2}, {2.0}};
  config["times"] = {0.0, 0.25, 0.75, 2.0};
  const auto host = solve_on("reference", config);
  REQUIRE(host.record["failures"].size() == 2);
  for (const Json& form : both_forms()) {
    const auto device = solve_on(form, config);
    check_same_failures(device, host);
    const auto a = states_of(host), b = states_of(device);
    for (size_t i = 0; i < a.size(); ++i)
      CHECK((std::isnan(a[i]) ? std::isnan(b[i]) : std::abs(a[i] - b[i]) <= kRoundOff * std::abs(a[i])));
  }
}

TEST_CASE("a start that is not finite, and steps that are spent, end a row in one kernel as on the host") {
  Json config = config_of({{"plugin", "dopri5"}});
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "log(y)"}}}};
  config["initial"] = {{1.5}, {-1.0}, {2.5}};
  check_failures(config);
  config["initial"] = {{1.5}, {2.5}};
  config["solver"]["max_steps"] = 3;
  check_failures(config);
}

TEST_CASE("stiffness of a row ends it in one kernel as on the host") {
  Json config = config_of({{"plugin", "dopri5"}, {"rtol", 1e-5}, {"atol", 1e-7}, {"max_steps", 100000}});
  config["field"] = {{"plugin", "expression"},
                     {"state", {"rate", "y"}},
                     {"derivatives", {{"rate", "0*rate"}, {"y", "-rate*(y - cos(t))"}}}};
  config["initial"] = {{1, 0}, {1e6, 0}};
  config["times"] = {0.0, 100.0};
  CHECK(check_failures(config) == 1);
}

TEST_CASE("a network that is too large for a thread is one for a block, whatever its size in memory") {
  Json config = config_of({{"plugin", "dopri5"}});
  config["seed"] = 3;
  config["initial"] = {{1, 0.5}, {0.3, 2}, {-4, 1}};
  for (const int width : {64, 2000}) {  // 2000 numbers are not for shared memory
    CAPTURE(width);
    Json layers = {{{"linear", width}}, "tanh", {{"linear", width == 64 ? 64 : 3}}, "tanh", {{"linear", 2}}};
    config["field"] = {{"plugin", "neural"}, {"network", layers}};
    check_alike_by("block", config, kShared);
    check_alike_by("auto", config, kShared);
  }
}

TEST_CASE("one field is taken by threads or by blocks, as there are many rows or few") {
  Json config = config_of({{"plugin", "bosh3"}, {"rtol", 1e-2}, {"atol", 1e-2}});
  config["seed"] = 3;
  config["times"] = {0.0, 0.01};
  config["field"] = {{"plugin", "neural"}, {"network", {{{"linear", 20}}, "tanh", {{"linear", 2}}}}};
  const auto bits = [&](const Json& backend, int rows) {
    config["initial"] = Json::array();
    for (int row = 0; row < rows; ++row) config["initial"].push_back({std::sin(row), std::cos(row)});
    return states_of(solve_on(backend, config));
  };
  CHECK(bits(gpu(), 3) == bits(gpu_rows("block"), 3));
  CHECK(bits(gpu(), 2500) == bits(gpu_rows("thread"), 2500));
}

TEST_CASE("blocks go on with other rows where there are more of them than blocks, each with its own steps") {
  Json config = config_of({{"plugin", "bosh3"}, {"rtol", 1e-2}, {"atol", 1e-2}});
  config["times"] = {0.0, 1.0};
  config["initial"] = Json::array();
  for (int row = 0; row < 4300; ++row) config["initial"].push_back({row % 97, 1 + row % 3});
  check_alike_by("block", config, kShared);
}

TEST_CASE("a field whose fixed steps are too much work for a block is solved by the host's") {
  Json config = fixed_config({{"plugin", "rk4"}, {"step_size", 0.5}});
  config["seed"] = 3;
  config["field"] = {{"plugin", "neural"}, {"network", {{{"linear", 1700}}, "tanh", {{"linear", 2}}}}};
  config["initial"] = {{1, 0.5}, {0.3, 2}};
  const auto host = solve_on("reference", config);
  const std::string words =
      told([&] { CHECK(difference(states_of(solve_on(gpu(), config)), states_of(host)) <= kShared); });
  CHECK(words.find("terms per row, more than 8192, too many for one block of threads") != std::string::npos);
}

TEST_CASE("a block takes rows of images, whose statistics are of groups of channels") {
  Json config = config_of({{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-4}});
  config["seed"] = 3;
  config["times"] = {0.0, 0.4, 1.0};
  config["field"] = {{"plugin", "neural"},
                     {"time", "concat"},
                     {"network",
                      {{{"group_norm", 2}},
                       "relu",
                       {{"conv2d", {{"channels", 4}, {"kernel", 3}, {"padding", 1}}}},
                       {{"group_norm", 2}}}}};
  config["initial"] = Json::array();
  for (int row = 0; row < 3; ++row) {
    Json image = Json::array();
    for (int c = 0; c < 4; ++c)
      image.push_back({{std::sin(row + c), std::cos(3 * c)}, {0.1 * row * c, std::sin(2 * c)}});
    config["initial"].push_back(image);
  }
  check_alike_by("block", config, kShared);
  check_alike_by("auto", config, kShared);
}
