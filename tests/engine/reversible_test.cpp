// The strategy that takes steps back: it is exact, its memory does not grow with the steps, and where
// round-off does, it says so.
#include "data/error.hpp"
#include "experiment_case.hpp"
#include "loader/host_table.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Of both strategies on the same steps, where round-off does not grow.
constexpr double kRoundOff = 1e-10;

// x' = v, v' = c / (x + b sin t)^3 + b sin t: for every solver, those of second-order systems too.
Json repelled(const Json& solver, const Json& gradient) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", "cpu"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "v"}},
            {"parameters", {{"b", 0.4}, {"c", 0.6}}},
            {"derivatives", {{"x", "v"}, {"v", "c/(x + b*sin(t))^3 + b*sin(t)"}}}}},
          {"initial", {{1.0, 0.3}, {0.8, -0.5}}},
          {"times", {0.1, 0.43, 1.0, 1.9}},
          {"solver", solver},
          {"gradient", gradient}};
}

std::vector<std::string> reversible_ids() {
  std::vector<std::string> ids;
  for (const std::string& id : solver_ids())
    if (solver_api(id).capabilities & ODEON_SOLVER_REVERSIBLE) ids.push_back(id);
  return ids;
}

// The largest difference from `direct`, states and times included.
double off_direct(Json config) {
  config["gradient"] = "direct";
  const auto direct = differentiate(config);
  config["gradient"] = "reversible";
  const auto back = differentiate(config);
  CHECK(array_of(back, "states.npy").bytes == array_of(direct, "states.npy").bytes);
  double most = 0;
  for (const char* what : {"grad_initial.npy", "grad_parameters.npy", "grad_times.npy"})
    most = std::max(most, difference(array_of(back, what).to_doubles(), array_of(direct, what).to_doubles()));
  return most;
}

// y' = -rate y over [0, 1] in steps of a thousandth.
Json decay(double rate, const Json& gradient) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", "reference"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"y"}},
            {"parameters", {{"rate", rate}}},
            {"derivatives", {{"y", "-rate*y"}}}}},
          {"initial", {{1.0}}},
          {"times", {0.0, 1.0}},
          {"solver", {{"plugin", "alf"}, {"step_size", 0.001}}},
          {"gradient", gradient}};
}

}  // namespace

TEST_CASE("reversible equals direct to round-off for every reversible solver, on fixed and adaptive steps") {
  REQUIRE(reversible_ids().size() >= 5);
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& id : reversible_ids())
      for (const Json& options :
           {Json{{"step_size", 0.013}}, Json{{"step_size", 0.013}, {"interpolation", "cubic"}},
            Json{{"rtol", 1e-6}, {"atol", 1e-6}}}) {
        if (options.contains("rtol") && !traits_of(id).controlled) continue;
        CAPTURE(backend);
        CAPTURE(id);
        CAPTURE(options.dump());
        Json config = repelled(options, "direct");
        config["solver"]["plugin"] = id;
        config["backend"] = backend;
        CHECK(off_direct(config) < kRoundOff);
      }
}

TEST_CASE("reversible equals direct backwards in time, per row, behind breakpoints and on a given grid") {
  for (const std::string id : {"alf", "reversible_heun"}) {
    CAPTURE(id);
    Json backwards = repelled({{"plugin", id}, {"rtol", 1e-6}}, "direct");
    backwards["times"] = {1.9, 1.0, 0.43, 0.1};
    CHECK(off_direct(backwards) < kRoundOff);
    CHECK(off_direct(repelled({{"plugin", id}, {"rtol", 1e-6}, {"stepping", "per_row"}}, "direct")) <
          kRoundOff);
    CHECK(off_direct(repelled({{"plugin", id}, {"rtol", 1e-6}, {"breakpoints", {0.3, 1.2}}}, "direct")) <
          kRoundOff);
    CHECK(off_direct(repelled({{"plugin", id}, {"grid", {0.1, 0.2, 0.43, 0.7, 1.0, 1.5, 1.9}}}, "direct")) <
          kRoundOff);
  }
}

TEST_CASE("reversible equals direct where one step has several observations") {
  for (const std::string id : {"alf", "reversible_heun"}) {
    CAPTURE(id);
    Json config = repelled({{"plugin", id}, {"rtol", 1e-3}, {"atol", 1e-3}}, "direct");
    config["times"] = {0.1, 1.0, 1.0 + 1e-9, 1.0 + 2e-9, 1.9};
    CHECK(off_direct(config) < 1e-6);  // dL/dt of times so close is a difference of their states
  }
}

TEST_CASE("reversible equals direct through events, and in products with the Hessian") {
  Json config = repelled({{"plugin", "alf"}, {"rtol", 1e-6}, {"stepping", "per_row"}}, "direct");
  config["events"] = {{{"name", "turn"}, {"when", "v - 0.6"}, {"reset", {{"v", "-0.5*v"}}}}};
  CHECK(off_direct(config) < kRoundOff);
  CHECK(differentiate(config).record["events"]["rules"][0]["count"] > 0);
  config.erase("events");
  config["solver"] = {{"plugin", "alf"}, {"step_size", 0.013}};
  config["tangent"] = {{"initial", {{1.0, 0.2}, {-0.4, 1.0}}}, {"parameters", {{"b", 0.5}}}};
  const auto direct = differentiate(config);
  config["gradient"] = "reversible";
  CHECK(difference(array_of(differentiate(config), "hvp_initial.npy").to_doubles(),
                   array_of(direct, "hvp_initial.npy").to_doubles()) < kRoundOff);
}

TEST_CASE("reversible equals direct in single precision to single round-off") {
  for (const std::string id : {"alf", "reversible_heun"}) {
    CAPTURE(id);
    Json config = repelled({{"plugin", id}, {"step_size", 0.013}}, "direct");
    config["precision"] = "float32";
    CHECK(off_direct(config) < 2e-5);
  }
}

TEST_CASE("reversible takes the inverse of a damped step, whose round-off grows by 1 / (2 eta - 1) a step") {
  Json config = repelled({{"plugin", "alf"}, {"eta", 0.9}, {"step_size", 0.05}}, "direct");
  CHECK(off_direct(config) < 1e-11 * std::pow(1 / 0.8, 36));
  config["solver"]["step_size"] = 0.01;  // 180 steps: 3e17
  config["gradient"] = "reversible";
  CHECK(contains(gradient_refusal(config), "round-off has grown"));
}

TEST_CASE("reversible shares a forward pass among losses and gives each its own gradient") {
  const Json first{{{0.5, 1}, {2, 0}}, {{0, 1}, {-1, 0.3}}, {{1, 0}, {0, 2}}, {{1, 1}, {1, 1}}},
      second{{{0, 0}, {0, 0}}, {{0.1, -1}, {1, 4}}, {{-0.7, 2}, {1, 1}}, {{0, 3}, {1, -1}}};
  const auto of = [&](const Json& cotangent) {
    Json config = repelled({{"plugin", "alf"}, {"rtol", 1e-5}}, "reversible");
    config["loss"] = {{"cotangent", cotangent}};
    return differentiate(config);
  };
  const auto both = of({first, second}), a = of(first), b = of(second);
  CHECK(both.record["counters"]["forward"] == a.record["counters"]["forward"]);
  for (const char* what : {"grad_initial.npy", "grad_parameters.npy", "grad_times.npy"}) {
    CAPTURE(what);
    std::vector<double> each = array_of(a, what).to_doubles(), other = array_of(b, what).to_doubles();
    each.insert(each.end(), other.begin(), other.end());
    CHECK(array_of(both, what).to_doubles() == each);
  }
}

TEST_CASE("the tape of reversible is what the solver carries, whatever the number of steps") {
  const auto tape = [](const Json& solver) -> int64_t {
    return differentiate(repelled(solver, "reversible")).record["counters"]["tape_peak_bytes"];
  };
  constexpr int64_t kState = 2 * 2 * 8;
  for (const auto& [id, carried] :
       {std::pair(std::string("alf"), 2), std::pair(std::string("reversible_heun"), 3)}) {
    CAPTURE(id);
    const int64_t few = tape({{"plugin", id}, {"step_size", 0.05}});
    CHECK(tape({{"plugin", id}, {"step_size", 0.0005}}) == few);
    // The end; its cotangents, the beginning of a step, an observation; the arguments of the field; the
    // measure of the reconstruction.
    CHECK(few <= (3 * carried + 1 + 3 + 4) * kState);
    // Where the solver starts again, what it carried before is not to be had from what it carries behind.
    CHECK(tape({{"plugin", id}, {"rtol", 1e-4}, {"breakpoints", {0.3, 1.2}}}) -
              tape({{"plugin", id}, {"rtol", 1e-4}}) ==
          2 * carried * kState);
  }
}

TEST_CASE("reversible takes two evaluations and one product a step") {
  const auto backward = differentiate(repelled({{"plugin", "alf"}, {"step_size", 0.01}}, "reversible"))
                            .record["counters"]["backward"];
  const int64_t steps = backward["accepted"];
  CHECK(steps == 180);
  CHECK(backward["vjps"] == steps + 1);                 // and one for the velocity of the first step
  CHECK(backward["evaluations"] == 2 * steps + 2 + 4);  // likewise; dL/dt takes one per time
}

TEST_CASE("reversible measures a miss of a state of zero by the state at the end") {
  for (const std::string& id : reversible_ids()) {
    CAPTURE(id);
    Json config = repelled({{"plugin", id}, {"step_size", 0.013}}, "direct");
    config["field"]["derivatives"] = {{"x", "v"}, {"v", "c - b*sin(x)"}};
    config["initial"] = {{0.0, 0.0}};
    CHECK(off_direct(config) < kRoundOff);
  }
}

TEST_CASE("reversible tells how far the way back misses where the field decays") {
  const std::string text = gradient_refusal(decay(40, "reversible"));
  CAPTURE(text);
  CHECK(contains(text, "from t = 1 back to 0 round-off has grown"));
  CHECK(contains(text, "decays at a rate of about 40"));
  CHECK(contains(text, "use gradient direct"));
  CHECK(difference(parameter_gradients(differentiate(decay(2, "reversible"))), {-std::exp(-2.)}) < 1e-5);
}

TEST_CASE("reversible goes on with a warning, or without a word, where it is told to") {
  static std::vector<std::string> lines;
  lines.clear();
  host::set_log_sink([](int32_t level, std::string_view text) {
    if (level >= ODEON_LOG_WARNING) lines.emplace_back(text);
  });
  differentiate(decay(40, {{"plugin", "reversible"}, {"reconstruction", "warn"}}));
  const std::vector<std::string> warned = lines;
  lines.clear();
  differentiate(decay(40, {{"plugin", "reversible"}, {"reconstruction", "off"}}));
  differentiate(decay(40, {{"plugin", "reversible"}, {"reconstruction_bound", 1e18}}));
  host::set_log_sink({});
  REQUIRE(warned.size() == 1);
  CHECK(contains(warned[0], "round-off has grown"));
  CHECK(lines.empty());
}

TEST_CASE("reversible refuses solvers whose steps it cannot take back, and names the capability") {
  for (const Json& solver : {Json{{"plugin", "dopri5"}}, Json{{"plugin", "adams"}}}) {
    const std::string text = gradient_refusal(repelled(solver, "reversible"));
    CAPTURE(text);
    CHECK(contains(text, "(capability odeon.solver.reversible/1)"));
    CHECK(contains(text, "gradient direct"));
  }
}
