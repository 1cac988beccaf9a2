// Solves that cannot go on: the reason, the place and the remedy, and a record of them.
#include "engine/failure.hpp"

#include "data/error.hpp"
#include "experiment/run.hpp"
#include "experiment_case.hpp"
#include "loader/host_table.hpp"

namespace {

using namespace odeon::test;
using odeon::host::Failure;
using odeon::host::SolveFailed;

Json experiment(const std::string& derivative, double stop, Json solver) {
  return {{"odeon", 1},
          {"task", "solve"},
          {"field", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", derivative}}}}},
          {"initial", {{1.0}}},
          {"times", {0.0, stop}},
          {"solver", solver}};
}

Failure failure_of(const Json& config) {
  try {
    solve(config);
  } catch (const SolveFailed& error) {
    return error.failure();
  }
  FAIL("the solve did not fail");
  return {};
}

// By code, and not for stiff problems.
std::vector<std::string> ids_that_choose_steps() {
  std::vector<std::string> ids;
  for (const std::string& id :
       solver_ids_where([](const SolverTraits& s) { return s.controlled && !s.fixed; }))
    if ((solver_api(id).capabilities & ODEON_SOLVER_STIFF) == 0) ids.push_back(id);
  REQUIRE(ids.size() >= 2);
  return ids;
}

}  // namespace

TEST_CASE("a blow-up is reported at its time") {
  const Failure f = failure_of(experiment("y^2", 2, {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}}));
  CHECK(std::abs(f.t - 1) < 1e-5);  // y = 1 / (1 - t)
  CHECK(!f.reason.empty());
  CHECK(f.reason.find("blows up") != std::string::npos);
}

TEST_CASE("a failure on the way back says so, and how to find a gradient that does without") {
  Json config = experiment("-y", 2, {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}});
  config["task"] = "gradient";
  config["gradient"] = {{"plugin", "adjoint"}, {"solver", {{"plugin", "dopri5"}, {"max_steps", 2}}}};
  try {
    odeon::host::run_gradient(to_experiment(config, installed()), installed());
    FAIL("the solve did not fail");
  } catch (const SolveFailed& error) {
    CHECK(error.failure().reason.starts_with("in the backward pass, max_steps (2) was reached"));
    CHECK(contains(error.what(), "the integration stopped: in the backward pass, max_steps (2)"));
    CHECK(error.failure().remedy.ends_with("`odeon compare` shows which gradients do without this solve"));
  }
}

TEST_CASE("max_steps ends a solve with what limits it") {
  const Failure f = failure_of(experiment(
      "-1e6*(y - cos(t))", 10, {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}, {"max_steps", 50}}));
  CHECK(f.reason ==
        "max_steps (50) was reached; the steps are limited by stability: the problem is stiff for solver "
        "'dopri5'");
  CHECK(f.steps == 50);
  CHECK(f.t < 0.01);
  CHECK(f.remedy.find("stiff") != std::string::npos);
}

TEST_CASE("a stiff problem ends an explicit method long before max_steps, naming the methods that would do") {
  for (const std::string& id :
       solver_ids_where([](const SolverTraits& s) { return s.is_explicit && s.controlled; })) {
    CAPTURE(id);
    const Failure f =
        failure_of(experiment("-1e6*(y - cos(t))", 1e3, {{"plugin", id}, {"rtol", 1e-4}, {"atol", 1e-6}}));
    CAPTURE(f.reason);
    CHECK(f.reason.find("stiff") != std::string::npos);
    CHECK(f.remedy.find("implicit_euler") != std::string::npos);
    CHECK(f.steps < 20000);
  }
}

TEST_CASE("Robertson's problem ends a solver that is not for stiff ones long before max_steps") {
  std::vector<std::string> ids = ids_that_choose_steps();
  ids.push_back("dopri5");
  for (const std::string& id : ids) {
    CAPTURE(id);
    Json config = experiment("", 1e11, {{"plugin", id}, {"rtol", 1e-6}, {"atol", 1e-12}});
    config["field"] = {
        {"plugin", "expression"},
        {"state", {"a", "b", "c"}},
        {"derivatives", {{"a", "-0.04*a + 1e4*b*c"}, {"b", "0.04*a - 1e4*b*c - 3e7*b^2"}, {"c", "3e7*b^2"}}}};
    config["initial"] = {{1.0, 0.0, 0.0}};
    const Failure f = failure_of(config);
    CAPTURE(f.reason);
    CHECK(f.reason.find("stability holds the steps of solver '" + id + "' down") != std::string::npos);
    CHECK(f.remedy.find("radau_iia5") != std::string::npos);
    CHECK(f.steps < 20000);
  }
}

TEST_CASE("a long problem that is not stiff is not taken for one") {
  // Smooth growth and decay; waves, where stability limits steps too but every step has something to follow.
  const Json waves{
      {"plugin", "expression"}, {"state", {"y", "v"}}, {"derivatives", {{"y", "v"}, {"v", "-25*y"}}}};
  std::vector<std::string> ids =
      solver_ids_where([](const SolverTraits& s) { return s.is_explicit && s.controlled; });
  for (const std::string& id : ids_that_choose_steps()) ids.push_back(id);
  for (const std::string& id : ids) {
    CAPTURE(id);
    Json config =
        experiment("cos(t)*y", 100, {{"plugin", id}, {"rtol", 1e-5}, {"atol", 1e-5}, {"max_steps", 60000}});
    CHECK(std::isfinite(states_of(solve(config))[1]));
    if (traits_of(id).order < 3) continue;  // accuracy alone takes them more steps than these
    config["field"] = waves;
    config["initial"] = {{1.0, 0.0}};
    CHECK(std::isfinite(states_of(solve(config))[2]));
  }
}

TEST_CASE("max_steps tells when max_step holds the steps down") {
  const Failure f = failure_of(experiment(
      "-y", 10,
      {{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-3}, {"max_step", 0.01}, {"max_steps", 50}}));
  CHECK(f.reason == "max_steps (50) was reached; the steps are limited by max_step");
  CHECK(f.remedy == "raise max_step or max_steps");
}

TEST_CASE("a field that leaves its domain is named non-finite") {
  // sqrt of a negative number from t = 0.5 on.
  const Failure f =
      failure_of(experiment("sqrt(0.5 - t)", 2, {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}}));
  CHECK(std::abs(f.t - 0.5) < 1e-3);
  CHECK(f.reason.find("non-finite") != std::string::npos);
}

TEST_CASE("a field that is not finite at the start is found before a step") {
  const Failure f = failure_of(experiment("log(y - 1)", 2, {{"plugin", "dopri5"}}));
  CHECK(f.t == 0);
  CHECK(f.reason.find("not finite") != std::string::npos);
}

TEST_CASE("steps by code that fail at every size end as too short for time, not as a bug of the solver") {
  for (const std::string id : {"alf", "reversible_heun", "rodas5p", "rosenbrock23"}) {
    CAPTURE(id);
    const Failure f = failure_of(experiment("log(y - 1)", 2, {{"plugin", id}, {"first_step", 0.1}}));
    CHECK(f.t == 0);
    CHECK(!f.reason.empty());
  }
}

TEST_CASE("a state that allows no error is not taken for one that is not finite") {
  Json config = experiment("1 - t", 2, {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 0}});
  config["initial"] = {{0.0}};
  const Failure f = failure_of(config);
  CHECK(f.t == 0);
  CHECK(f.reason.find("zero where atol is zero") != std::string::npos);
  CHECK(f.remedy == "raise atol");
}

TEST_CASE("a field too large for a norm is not taken for a state that allows no error") {
  const Failure f = failure_of(experiment("1e300 * y", 2, {{"plugin", "dopri5"}}));
  CHECK(f.t == 0);
  CHECK(f.reason == "the field is so large that its norm overflows");
}

TEST_CASE("a batch that steps together says which row it is that cannot go on") {
  const auto failed = [](const std::string& derivative, const Json& initial, const Json& solver,
                         double stop) {
    Json config = experiment(derivative, stop, solver);
    config["initial"] = initial;
    return failure_of(config);
  };
  const std::string others = "with stepping: per_row the other rows go on without it";
  for (const std::string id : {"dopri5", "kvaerno5", "rodas5p", "adams", "extrapolation"}) {
    CAPTURE(id);
    const Failure f = failed("y^2", {{-1.0}, {0.1}, {1.0}, {0.5}}, {{"plugin", id}}, 1.5);
    CHECK(f.row == 2);
    CHECK(f.remedy.ends_with(others));
  }
  CHECK(failed("-sqrt(y)", {{5.0}, {0.2}}, {{"plugin", "dopri5"}}, 2).row == 1);
  CHECK(failed("log(y)", {{2.0}, {1.0}, {-1.0}}, {{"plugin", "dopri5"}}, 2).row == 2);  // at the first time
  CHECK(failed("1 - t", {{1.0}, {0.0}}, {{"plugin", "dopri5"}, {"atol", 0}}, 2).row == 1);
  CHECK(failed("y^2", {{-1.0}, {2.0}}, {{"plugin", "rk4"}, {"step_size", 0.5}}, 40).row == 1);
  const Failure alone = failed("y^2", {{1.0}}, {{"plugin", "dopri5"}}, 1.5);
  CHECK(alone.row == -1);
  CHECK(alone.remedy.find(others) == std::string::npos);
}

TEST_CASE("fixed steps into infinity are found at the next requested time") {
  const Failure f = failure_of(experiment("y^2", 40, {{"plugin", "rk4"}, {"step_size", 0.5}}));
  CHECK(f.reason.find("not finite") != std::string::npos);
  CHECK(f.remedy.find("step_size") != std::string::npos);
}

TEST_CASE("shorter steps are asked for by the option that fixes them") {
  const auto remedy = [](const Json& solver) {
    const Failure f = failure_of(experiment("y^2", 40, solver));
    CHECK(f.reason.find("not finite") != std::string::npos);
    CHECK(f.remedy.find("rtol") == std::string::npos);
    return f.remedy.substr(0, f.remedy.find(','));
  };
  CHECK(remedy({{"plugin", "rk4"}, {"step_size", 0.5}}) == "use a smaller step_size");
  std::vector<double> grid;
  for (int i = 0; i <= 80; ++i) grid.push_back(0.5 * i);
  CHECK(remedy({{"plugin", "rk4"}, {"grid", grid}}) == "use a finer grid");
}

TEST_CASE("one step from each time to the next becomes shorter by step_size") {
  Json config = experiment("y^2", 40, {{"plugin", "rk4"}});
  std::vector<double> times;
  for (int i = 0; i <= 40; ++i) times.push_back(i);
  config["times"] = times;
  CHECK(
      failure_of(config).remedy.starts_with("set step_size: without it, a step goes from each of the times"));
}

TEST_CASE("min_step is named where there is one, and not where there is none") {
  const Json solver{{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}};
  const Failure free = failure_of(experiment("y^2", 2, solver));
  CHECK(free.reason.find("min_step") == std::string::npos);
  CHECK(free.remedy.find("min_step") == std::string::npos);
  Json limited = solver;
  limited["min_step"] = 0.001;
  const Failure f = failure_of(experiment("y^2", 2, limited));
  CHECK(f.reason.find("min_step allows") != std::string::npos);
  CHECK(f.remedy.find("lower min_step") != std::string::npos);
}

TEST_CASE("a method for stiff problems is not told to use one") {
  const Failure f =
      failure_of(experiment("-50*(y - cos(t))", 100,
                            {{"plugin", "radau_iia5"}, {"rtol", 1e-9}, {"atol", 1e-9}, {"max_steps", 20}}));
  CHECK(f.remedy == "loosen the tolerances or raise max_steps");
}

TEST_CASE("min_step ends a solve that would go below it") {
  const Failure f = failure_of(
      experiment("-1e4*y", 1, {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}, {"min_step", 0.01}}));
  CHECK(f.reason.find("min_step") != std::string::npos);
}

TEST_CASE("a failed run leaves a record with the failure and no states") {
  const auto folder = std::filesystem::path(ODEON_BINARY_DIR) / "tests" / "failed_run";
  std::filesystem::remove_all(folder);
  const Json config = experiment("y^2", 2, {{"plugin", "dopri5"}});
  const std::string path = to_experiment(config, installed()).path;
  CHECK_THROWS_AS(odeon::host::run_experiment({path, {}, {}}, {folder.string(), true}), SolveFailed);
  std::ifstream in(folder / "record.json");
  const Json record = Json::parse(in);
  CHECK(record["status"] == "failed");
  CHECK(std::abs(record["failure"]["t"].get<double>() - 1) < 1e-4);
  CHECK(!std::filesystem::exists(folder / "states.npy"));
}

TEST_CASE("a gradient that overflows where the states do not warns") {
  static std::vector<std::string> lines;
  lines.clear();
  odeon::host::set_log_sink([](int32_t level, std::string_view text) {
    if (level >= ODEON_LOG_WARNING) lines.emplace_back(text);
  });
  Json config = experiment("a * y", 470, {{"plugin", "dopri5"}});
  config["task"] = "gradient";
  config["gradient"] = "direct";
  config["field"]["parameters"] = {{"a", 1.5}};
  const std::vector<double> states = states_of(differentiate(config));
  odeon::host::set_log_sink({});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("dL/dθ is not finite"));
  CHECK(std::isfinite(states[1]));
}
