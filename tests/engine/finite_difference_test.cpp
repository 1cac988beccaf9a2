// `direct` is the derivative of the discrete program: against central differences, for every method.
#include "data/error.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr double kPerturbation = 1e-5;
// Central differences: h^2 f''' / 6 and round-off / h, both about 1e-10 of the values.
constexpr double kDifferences = 1e-7;
constexpr double kIssueBound = 1e-6;

// The loss is the cotangent's product with the states.
double loss(const Json& config) {
  Json forward = config;
  forward["task"] = "solve";
  forward.erase("gradient");
  forward.erase("loss");
  const std::vector<double> states = states_of(solve(forward));
  const std::vector<double> cotangent = [&] {
    std::vector<double> flat;
    const std::function<void(const Json&)> walk = [&](const Json& j) {
      if (j.is_array())
        for (const Json& item : j) walk(item);
      else
        flat.push_back(j.get<double>());
    };
    walk(config["loss"]["cotangent"]);
    return flat;
  }();
  double sum = 0;
  for (size_t i = 0; i < states.size(); ++i) sum += states[i] * cotangent[i];
  return sum;
}

// dL/d(the number at `where`) by central differences.
double slope(const Json& config, const std::string& where) {
  const nlohmann::ordered_json::json_pointer at(where);
  const auto shifted = [&](double by) {
    Json c = config;
    c[at] = c[at].get<double>() + by;
    return loss(c);
  };
  return (shifted(kPerturbation) - shifted(-kPerturbation)) / (2 * kPerturbation);
}

Json pendulum(Json solver) {
  return {
      {"odeon", 1},
      {"task", "gradient"},
      {"gradient", "direct"},
      {"field",
       {{"plugin", "expression"},
        {"state", {"q", "w"}},
        {"parameters", {{"drag", 0.2}, {"force", 0.9}}},
        {"derivatives", {{"q", "w + 0.1*q*t"}, {"w", "force*cos(0.8*t) - drag*w*q - sin(q)"}}}}},
      {"initial", {{0.4, -0.3}, {1.1, 0.2}}},
      {"times", {0.2, 0.75, 1.4}},
      {"solver", solver},
      {"loss",
       {{"cotangent", {{{0.3, -0.2}, {0.1, 0.7}}, {{-0.6, 0.2}, {0.9, 0.5}}, {{1.0, -0.4}, {0.8, 0.3}}}}}}};
}

void check_all(const Json& config, bool times, double tolerance) {
  const auto result = differentiate(config);
  const std::vector<double> y0 = array_of(result, "grad_initial.npy").to_doubles(),
                            t = array_of(result, "grad_times.npy").to_doubles(),
                            theta = parameter_gradients(result);
  std::vector<double> expected;
  for (const char* where : {"/initial/0/0", "/initial/0/1", "/initial/1/0", "/initial/1/1"})
    expected.push_back(slope(config, where));
  CHECK(difference(y0, expected) < tolerance);
  CHECK(difference(theta, {slope(config, "/field/parameters/drag"),
                           slope(config, "/field/parameters/force")}) < tolerance);
  if (times)
    CHECK(difference(t, {slope(config, "/times/0"), slope(config, "/times/1"), slope(config, "/times/2")}) <
          tolerance);
}

std::vector<std::string> ids_with_fixed_steps() {
  return solver_ids_where([](const SolverTraits& s) { return s.fixed && !s.second_order; });
}

bool is_tableau(const std::string& id) { return solver_api(id).tableau != nullptr; }

// A second-order system, which has the drag of `pendulum` in a force of the position.
Json oscillator(Json solver) {
  Json config = pendulum(std::move(solver));
  config["field"]["derivatives"] = {{"q", "w"}, {"w", "force*cos(0.8*t) - drag*q^3 - sin(q)"}};
  return config;
}

}  // namespace

TEST_CASE("direct is the slope of a fixed-step program, for every method and interpolation") {
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& id : ids_with_fixed_steps())
      for (const char* interpolation : {"linear", "cubic"}) {
        CAPTURE(backend);
        CAPTURE(id);
        CAPTURE(interpolation);
        Json config = pendulum({{"plugin", id}, {"step_size", 0.17}, {"interpolation", interpolation}});
        config["backend"] = backend;
        check_all(config, is_tableau(id), kDifferences);
      }
}

TEST_CASE("direct is the slope of methods for second-order systems") {
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return s.second_order; })) {
      CAPTURE(backend);
      CAPTURE(id);
      Json config = oscillator({{"plugin", id}, {"step_size", 0.17}, {"interpolation", "cubic"}});
      config["backend"] = backend;
      check_all(config, false, kDifferences);
    }
}

TEST_CASE("direct is the slope with respect to the times when they are the grid") {
  for (const std::string& id : ids_with_fixed_steps()) {
    if (!is_tableau(id)) continue;
    CAPTURE(id);
    check_all(pendulum({{"plugin", id}, {"control", "fixed"}}), true, kDifferences);
  }
}

TEST_CASE("direct is the slope of an adaptive solve, up to what moving steps change") {
  // Steps are constants of the derivative; at this tolerance their motion changes nothing that shows.
  for (const std::string& id : solver_ids()) {
    const SolverTraits s = traits_of(id);
    if (!s.controlled || s.second_order || s.order < 4 || id == "cvode") continue;
    CAPTURE(id);
    check_all(pendulum({{"plugin", id}, {"rtol", 1e-13}, {"atol", 1e-13}}), true, kIssueBound);
  }
}

TEST_CASE("differences on frozen steps are those of the program that direct differentiates") {
  constexpr double kOrderFour = 1e-8;  // the strategy's step
  constexpr double kNewton =
      1e-4;  // its iteration leaves a thousandth of the tolerance, divided by that step
  const auto wanted = [](const SolverTraits& s) { return s.controlled && s.fixed && !s.second_order; };
  for (const std::string& id : solver_ids_where(wanted))
    for (const char* stepping : {"joint", "per_row"}) {
      CAPTURE(id);
      CAPTURE(stepping);
      Json config = pendulum({{"plugin", id}, {"rtol", 1e-4}, {"atol", 1e-4}, {"stepping", stepping}});
      const auto direct = differentiate(config);
      config["gradient"] = {{"plugin", "finite_difference"}, {"frozen", true}, {"step", 0.002}};
      const auto frozen = differentiate(config);
      const double tolerance = traits_of(id).is_explicit ? kOrderFour : kNewton;
      CHECK(difference(parameter_gradients(frozen), parameter_gradients(direct)) < tolerance);
      CHECK(difference(array_of(frozen, "grad_initial.npy").to_doubles(),
                       array_of(direct, "grad_initial.npy").to_doubles()) < tolerance);
    }
}

TEST_CASE("differences move the ends of a given grid with the first and the last time") {
  constexpr double kOrderFour = 1e-8;
  for (const bool back : {false, true}) {
    CAPTURE(back);
    Json config =
        pendulum({{"plugin", "rk4"}, {"grid", {0.2, 0.21, 0.6, 0.9, 1.4}}, {"interpolation", "cubic"}});
    if (back) config["times"] = {1.4, 0.75, 0.2}, config["solver"]["grid"] = {1.4, 0.9, 0.6, 0.21, 0.2};
    const auto direct = differentiate(config);
    config["gradient"] = {{"plugin", "finite_difference"}, {"step", 0.002}};
    const auto differences = differentiate(config);
    for (const char* what : {"grad_initial.npy", "grad_times.npy"})
      CHECK(difference(array_of(differences, what).to_doubles(), array_of(direct, what).to_doubles()) <
            kOrderFour);
    CHECK(difference(parameter_gradients(differences), parameter_gradients(direct)) < kOrderFour);
  }
}

TEST_CASE("steps that a solver chooses itself cannot be frozen") {
  Json config = pendulum("adams");
  config["gradient"] = {{"plugin", "finite_difference"}, {"frozen", true}};
  try {
    differentiate(config);
    FAIL("it was not refused");
  } catch (const host::Error& e) {
    CHECK(std::string(e.what()).find("capability: given steps") != std::string::npos);
  }
}

TEST_CASE("direct is the slope for networks: every weight of a block with time") {
  std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/golden/gradients.json");
  // The golden cases bring models; here the weights move, so the loss is checked along random directions of
  // y0 in place of θ, which torchdiffeq checks.
  const Json golden = Json::parse(in);
  for (const Json& c : golden["cases"]) {
    const std::string name = c["name"];
    if (name.find("rk4") == std::string::npos || name.find("expression") != std::string::npos) continue;
    CAPTURE(name);
    Json config = c["experiment"];
    config["gradient"] = "direct";
    const std::vector<double> g = array_of(differentiate(config), "grad_initial.npy").to_doubles();
    // The directional derivative along (1, -1, 1, …).
    const auto moved = [&](double by) {
      Json m = config;
      int64_t i = 0;
      const std::function<void(Json&)> walk = [&](Json& j) {
        if (j.is_array())
          for (Json& item : j) walk(item);
        else
          j = j.get<double>() + (i++ % 2 ? -by : by);
      };
      walk(m["initial"]);
      return loss(m);
    };
    double expected = 0;
    for (size_t i = 0; i < g.size(); ++i) expected += i % 2 ? -g[i] : g[i];
    const double found = (moved(kPerturbation) - moved(-kPerturbation)) / (2 * kPerturbation);
    CHECK(std::abs(found - expected) < kIssueBound * std::max(1.0, std::abs(expected)));
  }
}
