// Gradients through events: of what comes behind a reset, of an event's time, of the state at it.
#include <odeon/gradient.h>

#include "data/error.hpp"
#include "engine/event_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;
using Numbers = std::vector<double>;

// A ball from (y0, v0) that keeps the fraction e of its speed at each bounce, in closed form.
struct Ball {
  static constexpr double y0 = 1.2, v0 = 0.7, g = 9.81, e = 0.8;
  const double s = std::sqrt(v0 * v0 + 2 * g * y0), t1 = (v0 + s) / g;
  // Derivatives by (y0, v0, g, e): of the speed at the floor, and of the time there.
  const Numbers ds{g / s, v0 / s, y0 / s, 0}, dt1{ds[0] / g, (1 + ds[1]) / g, (ds[2] - t1) / g, 0};
  // Of the second bounce, t1 + 2 e s / g.
  Numbers dt2() const {
    Numbers out;
    for (size_t i = 0; i < 4; ++i) out.push_back(dt1[i] + 2 * e * ds[i] / g);
    out[2] -= 2 * e * s / (g * g);
    out[3] += 2 * s / g;
    return out;
  }
  // Of the height at T between the first two bounces, e s d - g d^2 / 2 with d = T - t1.
  Numbers height(double T) const {
    const double d = T - t1;
    Numbers out;
    for (size_t i = 0; i < 4; ++i) out.push_back(e * ds[i] * d - (e * s - g * d) * dt1[i]);
    out[2] -= d * d / 2;
    out[3] += s * d;
    return out;
  }
};

constexpr double kLast = 0.9;  // between the first two bounces, at 0.571 and 1.371

Json ball(const Json& solver, const Json& gradient, const Json& loss, double last = kLast) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"y", "v"}},
            {"parameters", {{"g", Ball::g}, {"e", Ball::e}}},
            {"derivatives", {{"y", "v"}, {"v", "-g"}}}}},
          {"initial", {{Ball::y0, Ball::v0}}},
          {"times", {0.0, last}},
          {"solver", solver},
          {"gradient", gradient},
          {"loss", loss},
          {"events",
           {{{"name", "bounce"}, {"when", "y"}, {"direction", "falling"}, {"reset", {{"v", "-e*v"}}}}}}};
}

const Json kHeight{{"cotangent", {{{0.0, 0.0}}, {{1.0, 0.0}}}}};

Numbers by_all(const host::RunResult& r) {
  Numbers all = array_of(r, "grad_initial.npy").to_doubles();
  for (double v : parameter_gradients(r)) all.push_back(v);
  return all;
}

// A pendulum that is pushed when it swings through, and watched at its turning points: nothing is a
// polynomial.
Json pushed(const Json& solver, const Json& gradient, const Numbers& x = {0.9, 0.3, 1.4, 0.2}) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"q", "p"}},
            {"parameters", {{"k", x[2]}, {"c", x[3]}}},
            {"derivatives", {{"q", "p"}, {"p", "-k*sin(q) - 0.1*t*q"}}}}},
          {"initial", {{x[0], x[1]}}},
          {"times", {0.0, 0.5, 1.6, 3.0, 4.2}},
          {"solver", solver},
          {"gradient", gradient},
          {"events",
           {{{"name", "through"}, {"when", "q - 0.1*sin(t)"}, {"reset", {{"p", "p*(1 + c*cos(t))"}}}},
            {{"name", "turn"}, {"when", "p"}}}}};
}

}  // namespace

TEST_CASE("every strategy gives the closed gradient of a ball behind its bounce") {
  const Numbers expected = Ball().height(kLast);
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& gradient : gradient_ids_for_tableaus()) {
      CAPTURE(backend);
      CAPTURE(gradient);
      Json config = ball(kDopri5, gradient, kHeight);
      config["backend"] = backend;
      // The solution is a polynomial; differences of order four divide round-off by 0.005.
      const double tolerance = gradient == "finite_difference" ? 1e-8 : 1e-12;
      CHECK(difference(by_all(differentiate(config)), expected) < tolerance);
    }
}

TEST_CASE("every solver has gradients through events, or names what is missing") {
  const Numbers expected = Ball().height(kLast);
  for (const std::string& id : solver_ids())
    for (const std::string gradient : {"direct", "adjoint"}) {
      CAPTURE(id);
      CAPTURE(gradient);
      const SolverTraits s = traits_of(id);
      const Json solver = s.controlled ? Json{{"plugin", id}, {"rtol", 1e-8}, {"atol", 1e-8}}
                                       : Json{{"plugin", id}, {"step_size", s.order < 2 ? 0.0005 : 0.002}};
      const Json config = ball(solver, gradient, kHeight);
      if ((s.second_order && gradient == "adjoint") || (id == "cvode" && gradient == "direct")) {
        const std::string text = gradient_refusal(config);
        CAPTURE(text);
        CHECK((text.find("capability") != std::string::npos || text.find("dq/dt = v") != std::string::npos));
        continue;
      }
      constexpr double kFirstOrder = 5e-3, kOthers = 1e-5;  // at these steps
      CHECK(difference(by_all(differentiate(config)), expected) < (s.order < 2 ? kFirstOrder : kOthers));
    }
}

TEST_CASE("the time of an event has a gradient") {
  constexpr double kRoundOff = 1e-12;
  for (const std::string& gradient : gradient_ids_for_tableaus()) {
    if (!(gradient_api(gradient).capabilities & (ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_CONTINUOUS)))
      continue;
    CAPTURE(gradient);
    const Json first{{"events", {{"bounce", {{{"time", 1.0}}}}}}},
        second{{"events", {{"bounce", {Json::object(), {{"time", 1.0}}}}}}};
    CHECK(difference(by_all(differentiate(ball(kDopri5, gradient, first))), Ball().dt1) < kRoundOff);
    CHECK(difference(by_all(differentiate(ball(kDopri5, gradient, second, 1.5))), Ball().dt2()) < kRoundOff);
  }
}

TEST_CASE("the state at a terminal event has a gradient, and what the solve did not reach has none") {
  constexpr double kRoundOff = 1e-12;
  for (const char* gradient : {"direct", "adjoint"}) {
    CAPTURE(gradient);
    Json config = ball(kDopri5, gradient, {{"events", {{"bounce", {{{"state", {0.0, -1.0}}}}}}}});
    config["events"][0].erase("reset");
    config["events"][0]["terminal"] = true;
    const auto r = differentiate(config);
    CHECK(difference(by_all(r), Ball().ds) < kRoundOff);
    CHECK(std::isnan(states_of(r).back()));
    config.erase("loss");  // ones: of the initial state alone
    CHECK(by_all(differentiate(config)) == Numbers{1, 1, 0, 0});
  }
}

TEST_CASE("with fixed steps, exact strategies give the derivative of the program with its events") {
  // Order four at this distance; times of events are resolved to 1e-15, which it divides. No event may come
  // to another step within it, where the program has a corner.
  constexpr double kDistance = 2e-4, kDifferences = 1e-9;
  const Numbers x{0.9, 0.3, 1.4, 0.2};
  const auto tableau = [](const SolverTraits& s) { return s.fixed && !s.second_order; };
  for (const std::string& id : solver_ids_where(tableau)) {
    if (!solver_api(id).tableau) continue;
    CAPTURE(id);
    const Json solver{{"plugin", id}, {"step_size", 0.13}};
    const auto loss = [&](Numbers at) {
      Json config = pushed(solver, "direct", at);
      config["task"] = "solve";
      config.erase("gradient");
      double sum = 0;
      for (double y : states_of(solve(config))) sum += y;
      return sum;
    };
    Numbers expected;
    for (size_t i = 0; i < x.size(); ++i) {
      const auto moved = [&](double by) {
        Numbers to = x;
        to[i] += by * kDistance;
        return loss(to);
      };
      expected.push_back((8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * kDistance));
    }
    const auto direct = differentiate(pushed(solver, "direct"));
    REQUIRE(events_of(direct).size() >= 3);
    CHECK(difference(by_all(direct), expected) < kDifferences);
    if (!traits_of(id).is_explicit) continue;
    for (const char* other : {"checkpoint", "symplectic_adjoint"})
      CHECK(by_all(differentiate(pushed(solver, other))) == by_all(direct));
  }
}

TEST_CASE("under step control, strategies agree through events as their tolerances fall") {
  const Json tight{{"plugin", "dopri8"}, {"rtol", 1e-11}, {"atol", 1e-11}};
  const Numbers truth = by_all(differentiate(pushed(tight, "direct")));
  for (const std::string& gradient : gradient_ids_for_tableaus())
    for (const Json& solver : {tight, Json{{"plugin", "tsit5"}, {"rtol", 1e-9}, {"atol", 1e-9}},
                               Json{{"plugin", "kvaerno5"}, {"rtol", 1e-9}, {"atol", 1e-9}},
                               Json{{"plugin", "rodas5p"}, {"rtol", 1e-9}, {"atol", 1e-9}}}) {
      CAPTURE(gradient);
      CAPTURE(solver.dump());
      const bool is_explicit = traits_of(solver["plugin"]).is_explicit;
      if (!is_explicit && (gradient_api(gradient).capabilities & ODEON_GRADIENT_NEEDS_EXPLICIT)) continue;
      CHECK(difference(by_all(differentiate(pushed(solver, gradient))), truth) < 1e-5);
    }
}

TEST_CASE("times have gradients beside events, the first one too") {
  const Json tight{{"plugin", "dopri8"}, {"rtol", 1e-11}, {"atol", 1e-11}};
  const auto times = [&](const char* gradient) {
    return array_of(differentiate(pushed(tight, gradient)), "grad_times.npy").to_doubles();
  };
  const Numbers differences = times("finite_difference");
  CHECK(difference(times("direct"), differences) < 1e-6);
  CHECK(difference(times("adjoint"), differences) < 1e-6);
}

TEST_CASE("rows with events of their own have the gradients that each has alone") {
  const Json per_row{{"plugin", "dopri5"}, {"stepping", "per_row"}};
  const Json rows{{0.9, 0.3}, {-0.4, 1.1}};
  for (const char* gradient : {"direct", "adjoint"}) {
    CAPTURE(gradient);
    Json config = pushed(per_row, gradient);
    config["initial"] = rows;
    const auto both = differentiate(config);
    Numbers initial, parameters{0, 0};
    size_t events = 0;
    for (const Json& row : rows) {
      config["initial"] = Json::array({row});
      const auto one = differentiate(config);
      for (double v : array_of(one, "grad_initial.npy").to_doubles()) initial.push_back(v);
      for (size_t i = 0; i < 2; ++i) parameters[i] += parameter_gradients(one)[i];
      events += events_of(one).size();
    }
    CHECK(array_of(both, "grad_initial.npy").to_doubles() == initial);
    CHECK(difference(parameter_gradients(both), parameters) < 1e-14);
    CHECK(events_of(both).size() == events);
  }
}

TEST_CASE("backwards in time, gradients go through events too") {
  Json config = pushed({{"plugin", "dopri8"}, {"rtol", 1e-11}, {"atol", 1e-11}}, "direct");
  config["times"] = {4.2, 3.0, 1.6, 0.5};
  const auto exact = differentiate(config);
  CHECK(events_of(exact).size() >= 3);
  config["gradient"] = "finite_difference";
  CHECK(difference(by_all(exact), by_all(differentiate(config))) < 1e-6);
}

TEST_CASE("an event that is only watched, of rows that step together, has a gradient of its time") {
  // x'' = -x from (0, v): the quarter period does not depend on v, the time of x = 1/2 does: sin t = 1 / (2
  // v).
  Json config =
      oscillator(kDopri5, {{{"name", "half"}, {"when", "x - 0.5"}, {"direction", "rising"}}}, {0.0, 2.0});
  config["task"] = "gradient";
  config["gradient"] = "direct";
  config["initial"] = {{0.0, 1.0}, {0.0, 2.0}};
  config["loss"] = {{"events", {{"half", {{{"time", 1.0}}}}}}};
  const auto gradient = array_of(differentiate(config), "grad_initial.npy").to_doubles();
  for (size_t r = 0; r < 2; ++r) {
    const double v = r == 0 ? 1 : 2, t = std::asin(0.5 / v);
    CHECK(gradient[2 * r] == doctest::Approx(-1 / v).epsilon(1e-8));
    CHECK(gradient[2 * r + 1] == doctest::Approx(-std::tan(t) / v).epsilon(1e-8));
  }
}

TEST_CASE("an event's time without a derivative, and an event that does not happen, are named") {
  Json config =
      clock({{"plugin", "rk4"}, {"step_size", 0.125}}, {{{"name", "stop"}, {"when", "relu(0.5 - t)"}}});
  config["task"] = "gradient";
  config["gradient"] = "direct";
  config["loss"] = {{"events", {{"stop", {{{"time", 1.0}}}}}}};
  CHECK(gradient_refusal(config).find("the time of event 'stop' at t = 0.5 has no derivative") !=
        std::string::npos);
  const Json third{{"events", {{"bounce", {Json::object(), Json::object(), {{"time", 1.0}}}}}}};
  CHECK(gradient_refusal(ball(kDopri5, "direct", third))
            .find("3 entries for event 'bounce', but it happened 1 times") != std::string::npos);
}
