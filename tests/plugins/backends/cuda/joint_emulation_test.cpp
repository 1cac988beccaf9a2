// Batches that step together, by generated source on the stand-in device, against the host's own steps on the
// reference backend: by one block, by many that wait for each other, and by a captured loop.
#include "adaptive_cases.hpp"
#include "engine/device_arrays.hpp"
#include "engine/failure.hpp"
#include "prepared_problem.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Norms are added up in another order, which moves steps by round-off.
const double kRoundOff = on_gpu(1e-12);
constexpr double kSingle = 2e-4;

Json config_of(const Json& solver) {
  Json s = solver;
  if (!s.contains("rtol")) s["rtol"] = 1e-5, s["atol"] = 1e-7;
  return {{"odeon", 1},
          {"task", "solve"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"w", "y"}},
            {"parameters", {{"a", 0.7}}},
            {"derivatives", {{"w", "-0.1*a*w"}, {"y", "a*cos(w*t) - 0.2*y*t"}}}}},
          {"initial", {{1, 0.5}, {4, 2}, {0.1, 0.1}}},
          {"times", {0.0, 0.3, 0.31, 1.0, 2.0}},
          {"solver", s}};
}

// More work than one block is given, but no product in tiles.
Json large_config(const Json& solver) {
  Json config = config_of(solver);
  config["seed"] = 3;
  config["field"] = {
      {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 200}}, "tanh", {{"linear", 2}}}}};
  Json rows = Json::array();
  for (int i = 0; i < 150; ++i) rows.push_back({0.01 * i, 1 - 0.02 * i});
  config["initial"] = rows;
  config["times"] = {0.0, 0.3, 0.31, 1.0};
  return config;
}

// The device, in one form, and the host.
void check_alike(const Json& backend, const Json& config, double tolerance) {
  const auto host = solve_on("reference", config), device = solve_on(backend, config);
  CHECK(difference(states_of(device), states_of(host)) <= tolerance);
  const Json &mine = device.record["counters"]["forward"], &theirs = host.record["counters"]["forward"];
  if (tolerance > kRoundOff) return;
  for (const char* what : {"accepted", "rejected", "evaluations"}) {
    CAPTURE(what);
    CHECK(mine[what] == theirs[what]);
  }
}

// One block and many, with the same bits.
void check_alike(const Json& config, double tolerance = kRoundOff) {
  check_alike(gpu_by("one_block"), config, tolerance);
  const auto one = solve_on(gpu_by("one_block"), config), many = solve_on(gpu_by("many_blocks"), config);
  CHECK(states_of(many) == states_of(one));
  CHECK(many.record["counters"] == one.record["counters"]);
}

// Of the failure, with its numbers to 9 digits: round-off moves the rest.
std::string words(const Json& backend, const Json& config) {
  try {
    solve_on(backend, config);
    return "it did not fail";
  } catch (const host::SolveFailed& e) {
    const host::Failure& f = e.failure();
    char numbers[128];
    std::snprintf(numbers, sizeof numbers, " at %.9g after %lld", f.t, static_cast<long long>(f.steps));
    return f.reason + "; " + f.remedy + numbers;
  }
}

}  // namespace

TEST_CASE(
    "a batch takes the same steps in one block and in many by every explicit method with an error estimate") {
  with_every_adaptive_method([](const Json& solver) { check_alike(config_of(solver)); });
}

TEST_CASE("options of step control, norm and interpolation are the same in one block and in many" *
          doctest::test_suite("ptx")) {
  for (const Json& solver : adaptive_options()) check_alike(config_of(solver));
}

TEST_CASE("a batch goes backwards in time, and in single precision, in one block and in many" *
          doctest::test_suite("ptx")) {
  Json back = config_of({{"plugin", "dopri5"}});
  back["times"] = {2.0, 1.0, 0.3, 0.0};
  check_alike(back);
  Json single = config_of({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-5}});
  single["precision"] = "float32";
  check_alike(single, kSingle);
}

TEST_CASE("a network whose last sums are shared by warps takes the same steps" * doctest::test_suite("ptx")) {
  Json config = config_of({{"plugin", "dopri5"}});
  config["seed"] = 3;
  config["field"] = {{"plugin", "neural"},
                     {"time", "concat"},
                     {"network", {{{"power", 3}}, {{"linear", 50}}, "tanh", {{"linear", 2}}}}};
  check_alike(config);
  config["initial"] = {{0.5, 1}};
  check_alike(config);
}

TEST_CASE("a larger batch takes the same steps in a captured loop and in many blocks") {
  for (const Json& solver :
       {Json{{"plugin", "dopri5"}},
        Json{{"plugin", "fehlberg2"}, {"interpolation", "cubic"}, {"rtol", 1e-3}, {"atol", 1e-4}},
        Json{{"plugin", "bosh3"}, {"norm", "max"}, {"first_step", 0.05}}})
    for (const char* form : {"captured", "many_blocks"}) {
      CAPTURE(form);
      check_alike(gpu_by(form), large_config(solver), kRoundOff);
    }
}

TEST_CASE("many blocks give the same bits whatever the order of threads and blocks") {
  if (!on_stand_in()) return;
  const Json config = large_config({{"plugin", "bosh3"}});
  const auto expected = states_of(solve_on(gpu_by("many_blocks"), config));
  for (const char* order : {"0", "1", "3"}) {
    setenv("ODEON_FAKE_ORDER", order, 1);
    CHECK(states_of(solve_on(gpu_by("many_blocks"), config)) == expected);
  }
  unsetenv("ODEON_FAKE_ORDER");
}

TEST_CASE("a device whose blocks cannot wait for each other is not asked to, or says so") {
  if (!on_stand_in()) return;
  setenv("ODEON_FAKE_COOPERATION", "0", 1);
  check_alike(gpu(), large_config({{"plugin", "bosh3"}}), kRoundOff);
  CHECK_THROWS_WITH_AS(solve_on(gpu_by("many_blocks"), config_of({{"plugin", "dopri5"}})),
                       doctest::Contains("'joint_form' is many_blocks, but blocks of"), host::Error);
  unsetenv("ODEON_FAKE_COOPERATION");
}

TEST_CASE("one plan serves other times, other initial states and other parameters") {
  // The states at the last of three times, solve after solve of one problem.
  const auto solves = [](const Json& backend, Json config) {
    config["backend"] = backend;
    const host::Experiment e = to_experiment(config, with_fake());
    const PreparedProblem p(e, with_fake());
    const std::vector<double> forth{0, 0.4, 1}, back{1, 0.7, 0.5};
    const host::Array before = host::download(*p.backend, p.theta.view);
    const host::DeviceTensor end = host::DeviceTensor::like(p.backend, p.y0.view),
                             other = host::DeviceTensor::like(p.backend, p.theta.view);
    host::upload(*p.backend, other.view, before);
    std::vector<double> found;
    const auto solve = [&](const std::vector<double>& times) {
      odeon_solve_args args{};
      args.struct_size = sizeof args;
      args.y0 = &p.y0.view, args.y_last = &end.view;
      args.times = times.data(), args.n_times = std::ssize(times);
      host::integrate(*p.problem, args);
      const auto values = host::download(*p.backend, end.view).to_doubles();
      found.insert(found.end(), values.begin(), values.end());
    };
    solve(forth);
    solve(back);
    p.backend->copy(p.y0.view, end.view);
    solve(forth);
    p.backend->fill(p.theta.view, 0.01);  // in place
    solve(forth);
    p.problem->set_theta(other.view);  // elsewhere
    solve(forth);
    return found;
  };
  const Json small = config_of({{"plugin", "dopri5"}}), large = large_config({{"plugin", "bosh3"}});
  CHECK(difference(solves(gpu_by("one_block"), small), solves("reference", small)) <= kRoundOff);
  for (const char* form : {"many_blocks", "captured"})
    CHECK(difference(solves(gpu_by(form), large), solves("reference", large)) <= kRoundOff);
}

TEST_CASE("a batch that fails says why in the same words") {
  Json config = config_of({{"plugin", "dopri5"}});
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "y^2"}}}};
  config["initial"] = {{0.1}, {1.0}, {0.2}};
  config["times"] = {0.0, 0.25, 0.75, 2.0};
  CHECK(words("reference", config).find("did not fail") == std::string::npos);
  CHECK(words(gpu(), config) == words("reference", config));
  config["solver"]["max_steps"] = 3;
  CHECK(words(gpu(), config) == words("reference", config));
  config["field"]["derivatives"]["y"] = "log(y)";
  config["initial"] = {{1.5}, {-1.0}};
  CHECK(words(gpu(), config) == words("reference", config));
  CHECK(words(gpu(), config).find("not finite") != std::string::npos);
}

TEST_CASE("stiffness ends a batch as on the host") {
  Json config = config_of({{"plugin", "dopri5"}, {"rtol", 1e-5}, {"atol", 1e-7}, {"max_steps", 3000}});
  config["field"] = {
      {"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-1e6*(y - cos(t))"}}}};
  config["initial"] = {{0}, {0.5}};
  config["times"] = {0.0, 100.0};
  CHECK(words("reference", config).find("stiff") != std::string::npos);
  CHECK(words(gpu(), config) == words("reference", config));
}
