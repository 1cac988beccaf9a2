// Events: where they are found, which count, and what follows from them.
#include <numbers>

#include "engine/event_case.hpp"
#include "engine/failure.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;
using std::numbers::pi;

const std::vector<double> kZeros{pi, 2 * pi, 3 * pi};
constexpr double kAccuracy = 1e-8;  // of a solve with kDopri5 over ten units of time

host::Failure failure_of(const Json& config) {
  try {
    solve(config);
  } catch (const host::SolveFailed& error) {
    return error.failure();
  }
  FAIL("the solve did not fail");
  return {};
}

}  // namespace

TEST_CASE("events are located as accurately as the solution is computed, by every method with step control") {
  constexpr double kRtol = 1e-7, kGlobalOverLocal = 5000;
  for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return s.controlled; })) {
    CAPTURE(id);
    const auto result =
        solve(oscillator({{"plugin", id}, {"rtol", kRtol}, {"atol", kRtol}}, {{{"when", "x"}}}));
    const std::vector<double> times = times_of(events_of(result));
    REQUIRE(times.size() == kZeros.size());
    for (size_t i = 0; i < times.size(); ++i)
      CHECK(std::abs(times[i] - kZeros[i]) < kGlobalOverLocal * kRtol);
  }
}

TEST_CASE("with fixed steps the time of an event has the order of the method") {
  constexpr double kOrderBand = 0.2;
  const auto low_order = [](const SolverTraits& s) { return s.fixed && !s.second_order && s.order <= 3; };
  for (const std::string& id : solver_ids_where(low_order)) {
    CAPTURE(id);
    const auto error = [&](double h) {
      const auto result =
          solve(oscillator({{"plugin", id}, {"step_size", h}}, {{{"when", "x"}}}, {0.0, 4.0}));
      return std::abs(times_of(events_of(result)).at(0) - pi);
    };
    // Six times finer, so that where in its step the event lies matters little.
    const double order = std::log(error(0.06) / error(0.01)) / std::log(6);
    CHECK(order > traits_of(id).order - kOrderBand);
    // Symmetric systems do some methods a favour.
    CHECK(order < traits_of(id).order + 1 + kOrderBand);
  }
}

TEST_CASE("direction chooses the crossings from below or from above") {
  const auto times = [](const char* direction) {
    return times_of(events_of(solve(oscillator(kDopri5, {{{"when", "x"}, {"direction", direction}}}))));
  };
  CHECK(times("any").size() == 3);
  const std::vector<double> rising = times("rising"), falling = times("falling");
  REQUIRE(rising.size() == 1);
  CHECK(std::abs(rising[0] - 2 * pi) < kAccuracy);
  REQUIRE(falling.size() == 2);
  CHECK(std::abs(falling[1] - 3 * pi) < kAccuracy);
}

TEST_CASE("backwards in time, direction is that of the solve") {
  // x = sin t comes from above when t falls through -2 pi: x(-2 pi + s) = s, and s falls.
  const auto result = solve(oscillator(kDopri5,
                                       {{{"name", "rise"}, {"when", "x"}, {"direction", "rising"}},
                                        {{"name", "fall"}, {"when", "x"}, {"direction", "falling"}}},
                                       {0.0, -7.0}));
  REQUIRE(events_of(result).size() == 2);
  CHECK(events_of(result)[0].name == "rise");
  CHECK(std::abs(events_of(result)[0].t + pi) < kAccuracy);
  CHECK(events_of(result)[1].name == "fall");
  CHECK(std::abs(events_of(result)[1].t + 2 * pi) < kAccuracy);
}

TEST_CASE("a zero at the initial time is no event") {
  CHECK(events_of(solve(oscillator(kDopri5, {{{"when", "x"}}}, {0.0, 3.0}))).empty());
  CHECK(events_of(solve(clock({{"plugin", "rk4"}, {"step_size", 0.25}}, {{{"when", "t"}}}))).empty());
}

TEST_CASE("events behind the last requested time do not happen") {
  // The last step of an adaptive method passes the last time.
  CHECK(times_of(events_of(solve(oscillator(kDopri5, {{{"when", "x"}}}, {0.0, 3.141})))).empty());
  CHECK(times_of(events_of(solve(oscillator(kDopri5, {{{"when", "x"}}}, {0.0, 3.142})))).size() == 1);
}

TEST_CASE("two crossings in one step are both found") {
  const auto result = solve(
      clock({{"plugin", "rk4"}}, {{{"when", "(y - 0.4)*(y - 0.6)"}}, {{"when", "t - 0.45"}}}, {0.0, 1.0}));
  CHECK(result.record["counters"]["forward"]["accepted"] == 1);
  const std::vector<double> times = times_of(events_of(result));
  REQUIRE(times.size() == 3);
  for (size_t i = 0; i < 3; ++i) CHECK(std::abs(times[i] - std::array{0.4, 0.45, 0.6}[i]) < 1e-15);
}

TEST_CASE("an event exactly at the end of a step and at a requested time happens once, behind the request") {
  for (const Json& solver : {Json{{"plugin", "rk4"}, {"step_size", 0.25}}, kDopri5}) {
    const auto result =
        solve(clock(solver, {{{"when", "t - 0.5"}, {"reset", {{"y", "10"}}}}}, {0.0, 0.5, 1.0}));
    REQUIRE(events_of(result).size() == 1);
    CHECK(std::abs(events_of(result)[0].t - 0.5) < 1e-15);
    const std::vector<double> y = states_of(result);
    CHECK(std::abs(y[1] - 0.5) < 1e-14);
    CHECK(std::abs(y[2] - 10.5) < 1e-13);
  }
}

TEST_CASE("a function that stays at zero once it is there gives one event") {
  const auto result = solve(clock({{"plugin", "rk4"}, {"step_size", 0.125}}, {{{"when", "relu(0.5 - t)"}}}));
  CHECK(times_of(events_of(result)).size() == 1);
}

TEST_CASE("a terminal event ends the solve: the times behind it have no state") {
  const auto result = solve(oscillator(kDopri5,
                                       {{{"name", "half"}, {"when", "v"}, {"terminal", true}},
                                        {{"name", "later"}, {"when", "x"}, {"direction", "falling"}}},
                                       {0.0, 1.0, 2.0, 3.0, 10.0}));
  const std::vector<double> states = states_of(result);
  CHECK(std::abs(states[2] - std::sin(1.0)) < kAccuracy);
  for (size_t i = 4; i < states.size(); ++i) CHECK(std::isnan(states[i]));
  REQUIRE(events_of(result).size() == 1);
  CHECK(std::abs(events_of(result)[0].t - pi / 2) < kAccuracy);
  CHECK(std::abs(events_of(result)[0].before[0] - 1) < kAccuracy);
  CHECK(result.record["events"]["ended_by"][0] == "half");
  CHECK(result.record["events"]["rules"][0]["count"] == 1);
  CHECK(result.record["events"]["rules"][1]["count"] == 0);
  CHECK(result.summary.find("by event half") != std::string::npos);
}

TEST_CASE("a terminal event at the last time leaves every state") {
  for (const Json& solver : {Json{{"plugin", "rk4"}, {"step_size", 0.1}}, kDopri5}) {
    const auto result = solve(clock(solver, {{{"when", "t - 0.7"}, {"terminal", true}}}, {0.0, 0.35, 0.7}));
    CHECK(std::abs(states_of(result)[2] - 0.7) < 1e-14);
    CHECK(result.record["events"]["ended_by"][0] == "event1");
  }
}

TEST_CASE("a reset takes its formulas from the state before, and leaves the other elements") {
  const auto result = solve(oscillator(
      kDopri5, {{{"when", "x"}, {"reset", {{"v", "x + 2*v - 1 + 0*t"}}}, {"max_count", 1}}}, {0.0, 3.5}));
  const host::EventRecord e = events_of(result).at(0);
  CHECK(e.after[0] == e.before[0]);
  CHECK(e.after[1] == e.before[0] + 2 * e.before[1] - 1);
  // x = -3 sin(t - pi) behind it.
  CHECK(std::abs(states_of(result)[2] + 3 * std::sin(3.5 - pi)) < kAccuracy);
}

TEST_CASE("an elastic wall keeps the energy of an oscillator for many bounces") {
  for (const std::string id : {"dopri5", "tsit5", "radau_iia5"}) {
    CAPTURE(id);
    const auto result = solve(oscillator(
        {{"plugin", id}, {"rtol", 1e-9}, {"atol", 1e-11}},
        {{{"when", "x + 0.5"}, {"direction", "falling"}, {"reset", {{"v", "-v"}}}}}, {0.0, 100.0}));
    // From wall to wall in 4 pi / 3: phase 7 pi / 6 to -pi / 6.
    REQUIRE(events_of(result).size() == 23);
    for (size_t i = 0; i < 23; ++i)
      CHECK(std::abs(events_of(result)[i].t - (7. / 6 + 4. / 3 * static_cast<double>(i)) * pi) < 1e-6);
    for (const host::EventRecord& e : events_of(result))
      CHECK(std::abs(e.after[0] * e.after[0] + e.after[1] * e.after[1] - 1) < 1e-6);
  }
}

TEST_CASE("events of one moment happen in the order of their definition, each behind the one before") {
  for (const Json& solver : {Json{{"plugin", "rk4"}, {"step_size", 0.25}}, kDopri5}) {
    const auto result =
        solve(clock(solver, {{{"name", "double"}, {"when", "y - 0.3"}, {"reset", {{"y", "2*y"}}}},
                             {{"name", "note"}, {"when", "t - 0.3"}},
                             {{"name", "add"}, {"when", "0.3 - t"}, {"reset", {{"y", "y + 1"}}}}}));
    REQUIRE(events_of(result).size() == 3);
    CHECK(events_of(result)[0].name == "double");
    CHECK(events_of(result)[1].name == "note");
    CHECK(events_of(result)[2].name == "add");
    for (const host::EventRecord& e : events_of(result)) CHECK(e.t == events_of(result)[0].t);
    CHECK(events_of(result)[1].before == events_of(result)[0].after);
    CHECK(std::abs(events_of(result)[2].after[0] - 1.6) < 1e-14);
  }
}

TEST_CASE("a reset that jumps over another event's zero does not make it happen") {
  const auto result = solve(clock(
      kDopri5, {{{"when", "y - 0.3"}, {"reset", {{"y", "5"}}}}, {{"name", "never"}, {"when", "y - 2"}}}));
  CHECK(events_of(result).size() == 1);
}

TEST_CASE("an event that its own reset leaves on the other side does not happen again") {
  // A counter: the angle goes on through zero.
  Json config = oscillator(kDopri5, {{{"when", "x"}, {"reset", {{"n", "n + 1"}}}}}, {0.0, 30.0});
  config["field"]["state"] = {"x", "v", "n"};
  config["field"]["derivatives"]["n"] = "0";
  config["initial"] = {{0.0, 1.0, 0.0}};
  const auto result = solve(config);
  CHECK(events_of(result).size() == 9);
  CHECK(states_of(result)[5] == 9);
}

TEST_CASE("an event is no further than its tolerance from the zero, and before it") {
  for (const double tolerance : {1e-3, 1e-6}) {
    const auto result = solve(oscillator(
        kDopri5, {{{"when", "x^3 + x"}, {"direction", "falling"}, {"tolerance", tolerance}}}, {0.0, 4.0}));
    const host::EventRecord e = events_of(result).at(0);
    CHECK(e.t > pi - tolerance - kAccuracy);
    CHECK(e.t < pi + kAccuracy);
    CHECK(e.before[0] > 0);
  }
}

TEST_CASE("events may use parameters, the time, and elements of a state without names") {
  Json config = oscillator(kDopri5, {{{"when", "y0 - 0.1*t"}}}, {0.0, 3.0});
  config["field"] = {{"plugin", "linear"}, {"matrix", {{0.0, 1.0}, {-1.0, 0.0}}}};
  const host::EventRecord e = events_of(solve(config)).at(0);
  CHECK(std::abs(std::sin(e.t) - 0.1 * e.t) < kAccuracy);

  Json scaled = clock(kDopri5, {{{"when", "y - level*t^2"}}});
  scaled["field"]["parameters"] = {{"unused", 7.0}, {"level", 2.0}};
  CHECK(std::abs(events_of(solve(scaled)).at(0).t - 0.5) < 1e-14);
}

TEST_CASE("rows that step together each have their own events where none changes the state") {
  Json config = oscillator(kDopri5, {{{"when", "x - 0.5"}}}, {0.0, 6.0});
  config["initial"] = {{0.0, 1.0}, {1.0, 0.0}, {0.0, 0.4}};
  const auto events = events_of(solve(config));
  REQUIRE(events.size() == 4);
  const std::pair<int64_t, double> expected[] = {{0, pi / 6}, {0, 5 * pi / 6}, {1, pi / 3}, {1, 5 * pi / 3}};
  for (size_t i = 0; i < 4; ++i) {
    CHECK(events[i].row == expected[i].first);
    CHECK(std::abs(events[i].t - expected[i].second) < kAccuracy);
    CHECK(std::abs(events[i].before[0] - 0.5) < kAccuracy);
  }
}

TEST_CASE("with steps per row each row ends and begins anew by its own events, as it does alone") {
  Json config = oscillator(
      {{"plugin", "tsit5"}, {"rtol", 1e-8}, {"atol", 1e-10}},
      {{{"name", "wall"}, {"when", "x + 0.5"}, {"direction", "falling"}, {"reset", {{"v", "-0.9*v"}}}},
       {{"name", "far"}, {"when", "x - 0.9"}, {"direction", "rising"}, {"terminal", true}}},
      {0.0, 2.0, 8.0, 30.0});
  config["solver"]["stepping"] = "per_row";
  const std::vector<std::vector<double>> rows{{0, -1}, {0, -3}, {0, -0.9}};
  config["initial"] = rows;
  const auto together = solve(config);
  CHECK(together.record["events"]["ended_by"] == Json({"far", "far", nullptr}));
  size_t at = 0;
  for (size_t r = 0; r < rows.size(); ++r) {
    config["initial"] = {rows[r]};
    const auto alone = solve(config);
    for (const host::EventRecord& e : events_of(alone)) {
      REQUIRE(at < events_of(together).size());
      CHECK(events_of(together)[at].row == static_cast<int64_t>(r));
      CHECK(events_of(together)[at].t == e.t);
      CHECK(events_of(together)[at++].after == e.after);
    }
    for (size_t t = 0; t < 4; ++t)
      for (size_t i = 0; i < 2; ++i) {
        const double one = states_of(alone)[2 * t + i], all = states_of(together)[(3 * t + r) * 2 + i];
        CHECK((one == all || (std::isnan(one) && std::isnan(all))));
      }
  }
  CHECK(at == events_of(together).size());
}

TEST_CASE("the same bits, run after run and on any number of threads") {
  Json config = oscillator(
      kDopri5,
      {{{"when", "x + 0.5"}, {"direction", "falling"}, {"reset", {{"v", "-0.9*v"}}}}, {{"when", "v"}}});
  config["backend"] = {{"plugin", "cpu"}, {"threads", 1}};
  const auto a = solve(config), b = solve(config);
  config["backend"]["threads"] = 2;
  const auto c = solve(config);
  for (const auto* other : {&b, &c}) {
    CHECK(states_of(*other) == states_of(a));
    CHECK(other->texts == a.texts);
  }
}

TEST_CASE("single precision finds events as well as it can") {
  Json config = oscillator({{"plugin", "dopri5"}, {"rtol", 1e-5}, {"atol", 1e-6}},
                           {{{"when", "x"}, {"reset", {{"v", "0.5*v"}}}}});
  config["precision"] = "float32";
  const std::vector<double> times = times_of(events_of(solve(config)));
  REQUIRE(times.size() == 3);
  for (size_t i = 0; i < 3; ++i) CHECK(std::abs(times[i] - kZeros[i]) < 1e-3);
}

TEST_CASE("bounces that accumulate end the solve with their time") {
  Json config = clock(
      kDopri5, {{{"name", "bounce"}, {"when", "y"}, {"direction", "falling"}, {"reset", {{"v", "-0.5*v"}}}}},
      {0.0, 10.0});
  config["field"]["state"] = {"y", "v"};
  config["field"]["derivatives"] = {{"y", "v"}, {"v", "-2"}};
  config["initial"] = {{1.0, 0.0}};
  // It falls for 1, then flies for 1, 1/2, 1/4, …
  for (const Json& solver : {kDopri5, Json{{"plugin", "rk4"}, {"step_size", 0.01}},
                             Json{{"plugin", "radau_iia5"}, {"rtol", 1e-8}}}) {
    config["solver"] = solver;
    const host::Failure f = failure_of(config);
    CHECK(std::abs(f.t - 3) < 1e-4);
    CHECK(f.reason.starts_with("event 'bounce' comes in ever shorter time: "));
    CHECK(f.remedy.find("terminal") != std::string::npos);
  }
  config["events"][0]["max_count"] = 3;
  const host::Failure f = failure_of(config);
  CHECK(f.reason == "event 'bounce' came more often than its max_count (3)");
  CHECK(f.t < 2.75);
}

TEST_CASE("a function that is the only state itself works on every backend and in both precisions") {
  for (const char* backend : {"reference", "cpu"})
    for (const char* precision : {"float32", "float64"}) {
      Json config = clock(kDopri5, {{{"when", "y"}, {"reset", {{"y", "-1"}}}}}, {0.0, 4.0});
      config["solver"] = {{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-4}};
      config["backend"] = backend;
      config["precision"] = precision;
      config["initial"] = {{-0.5}};
      const std::vector<double> times = times_of(events_of(solve(config)));
      REQUIRE(times.size() == 4);
      for (size_t i = 0; i < 4; ++i) CHECK(std::abs(times[i] - (static_cast<double>(i) + 0.5)) < 1e-5);
    }
}

TEST_CASE("a function without a value is named with the time") {
  const host::Failure f = failure_of(clock(kDopri5, {{{"name", "root"}, {"when", "sqrt(0.5 - y)"}}}));
  CHECK(f.reason.starts_with("event 'root' has no value at t = "));
  CHECK(f.remedy.find("limit the steps with max_step") != std::string::npos);
  const host::Failure fixed = failure_of(
      clock({{"plugin", "rk4"}, {"step_size", 0.25}}, {{{"name", "root"}, {"when", "sqrt(0.5 - y)"}}}));
  CHECK(fixed.remedy.find("use a smaller step_size") != std::string::npos);
}

TEST_CASE("events.csv has a line for each event with the row's state on both sides") {
  const auto result = solve(clock({{"plugin", "rk4"}, {"step_size", 0.25}},
                                  {{{"name", "up"}, {"when", "t - 0.5"}, {"reset", {{"y", "y + 4"}}}}}));
  REQUIRE(result.texts.size() == 1);
  CHECK(result.texts[0].first == "events.csv");
  CHECK(result.texts[0].second == "row,event,time,y_before,y_after\n0,up,0.5,0.5,4.5\n");
}
