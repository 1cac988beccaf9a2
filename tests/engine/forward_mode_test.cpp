// Gradients that are computed forwards: `forward`, by sensitivities, and `finite_difference`, by solves
// alone.
#include <odeon/host/odeon.hpp>

#include "data/error.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

Json experiment(Json solver, Json gradient) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", "reference"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"q", "w"}},
            {"parameters", {{"drag", 0.2}, {"force", 0.9}}},
            {"derivatives", {{"q", "w + 0.1*q*t"}, {"w", "force*cos(0.8*t) - drag*w*q - sin(q)"}}}}},
          {"initial", {{0.4, -0.3}, {1.1, 0.2}, {-0.8, 0.5}}},
          {"times", {0.2, 0.75, 1.4}},
          {"solver", std::move(solver)},
          {"gradient", std::move(gradient)}};
}

const Json kFixed{{"plugin", "rk4"}, {"step_size", 0.05}};

double gradient_difference(const Json& config, const Json& expected, bool times = false) {
  const host::RunResult found = differentiate(config), truth = differentiate(expected);
  double most = difference(parameter_gradients(found), parameter_gradients(truth));
  for (const char* name : {"grad_initial.npy", "grad_times.npy"})
    if (times || std::string(name) != "grad_times.npy")
      most =
          std::max(most, difference(array_of(found, name).to_doubles(), array_of(truth, name).to_doubles()));
  return most;
}

// The same experiment by `direct`.
Json by_direct(Json config) {
  config["gradient"] = "direct";
  return config;
}

// Sums over steps and rows in another order.
constexpr double kRoundOff = 1e-12, kRoundOffF32 = 1e-5;
// h^4 f^(5) / 30 with h = 0.005 is about 1e-11; of float32, round-off / h.
constexpr double kDifferences = 1e-9, kDifferencesF32 = 1e-3;

}  // namespace

TEST_CASE("with fixed steps forward sensitivities are the derivative of the discrete program") {
  for (const char* backend : {"reference", "cpu"})
    for (const char* stepping : {"joint", "per_row"})
      for (const auto& [precision, tolerance] :
           {std::pair("float64", kRoundOff), {"float32", kRoundOffF32}}) {
        CAPTURE(backend);
        CAPTURE(stepping);
        CAPTURE(precision);
        Json config = experiment(kFixed, "forward");
        config["backend"] = backend;
        config["precision"] = precision;
        config["solver"]["stepping"] = stepping;
        CHECK(gradient_difference(config, by_direct(config)) < tolerance);
        CHECK(states_of(differentiate(config)) == states_of(differentiate(by_direct(config))));
      }
}

TEST_CASE(
    "with fixed steps finite_difference is the derivative of the discrete program up to its truncation") {
  for (const char* backend : {"reference", "cpu"})
    for (const char* stepping : {"joint", "per_row"})
      for (const auto& [precision, tolerance] :
           {std::pair("float64", kDifferences), {"float32", kDifferencesF32}}) {
        CAPTURE(backend);
        CAPTURE(stepping);
        CAPTURE(precision);
        Json config = experiment(kFixed, "finite_difference");
        config["backend"] = backend;
        config["precision"] = precision;
        config["solver"]["stepping"] = stepping;
        config["solver"]["interpolation"] = "cubic";
        CHECK(gradient_difference(config, by_direct(config)) < tolerance);
      }
}

TEST_CASE("finite_difference moves the times, also where they are the grid") {
  const Json config = experiment({{"plugin", "rk4"}, {"control", "fixed"}}, "finite_difference");
  CHECK(gradient_difference(config, by_direct(config), true) < kDifferences);
}

TEST_CASE("forward converges to the gradient of the flow as the solver's tolerance falls") {
  const Json truth = experiment({{"plugin", "dopri8"}, {"rtol", 1e-13}, {"atol", 1e-13}}, "direct");
  double before = 1;
  for (const double rtol : {1e-4, 1e-7, 1e-10}) {
    const double error = gradient_difference(
        experiment({{"plugin", "dopri5"}, {"rtol", rtol}, {"atol", rtol}}, "forward"), truth, true);
    CAPTURE(rtol);
    CHECK(error < 10 * rtol);
    CHECK(error < before / 50);
    before = error;
  }
}

TEST_CASE("the error of finite_difference falls with the fourth power of its step") {
  const auto error = [](double step) {
    const Json config = experiment(kFixed, {{"plugin", "finite_difference"}, {"step", step}});
    return gradient_difference(config, by_direct(config));
  };
  const double ratio = error(0.2) / error(0.1);
  CHECK(ratio > 12);
  CHECK(ratio < 20);
}

TEST_CASE("both work for a network's weights on both backends") {
  for (const char* backend : {"reference", "cpu"})
    for (const char* gradient : {"forward", "finite_difference"}) {
      CAPTURE(backend);
      CAPTURE(gradient);
      Json config = experiment(kFixed, gradient);
      config["backend"] = backend;
      config["field"] = {
          {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 4}}, "tanh", {{"linear", 2}}}}};
      CHECK(gradient_difference(config, by_direct(config)) < 1e-8);
    }
}

TEST_CASE("forward may have a solver of its own, also where the experiment's is for second-order systems") {
  Json config =
      experiment({{"plugin", "leapfrog"}, {"step_size", 0.001}, {"interpolation", "cubic"}}, "forward");
  config["field"]["derivatives"] = {{"q", "w"}, {"w", "force*cos(0.8*t) - drag*q^3 - sin(q)"}};
  CHECK(gradient_refusal(config).find("name another solver for it with gradient.solver") !=
        std::string::npos);
  const Json truth = by_direct(config);
  config["gradient"] = {{"plugin", "forward"},
                        {"solver", {{"plugin", "dopri5"}, {"rtol", 1e-9}, {"atol", 1e-9}}}};
  CHECK(gradient_difference(config, truth) < 1e-5);  // leapfrog's steps
}

TEST_CASE("forward refuses more directions than max_directions, with the number and the remedy") {
  const Json few = experiment(kFixed, {{"plugin", "forward"}, {"max_directions", 4}});
  CHECK(gradient_difference(few, by_direct(few)) < kRoundOff);
  const Json many = experiment(kFixed, {{"plugin", "forward"}, {"max_directions", 3}});
  CHECK(gradient_refusal(many).find(
            "would integrate 4 directions here, 2 of a row's state and 2 of the parameters, but "
            "max_directions is 3; raise it, or use gradient adjoint or direct") != std::string::npos);
}

TEST_CASE("forward counts products with the Jacobian, one per direction and evaluation, and no vjps") {
  const Json counters = differentiate(experiment(kFixed, "forward")).record["counters"];
  CHECK(counters["forward"]["jvps"] == 4 * counters["forward"]["evaluations"].get<int64_t>());
  CHECK(counters["backward"]["vjps"] == 0);
}

TEST_CASE("a field without a graph and without vjp has forward sensitivities by differences") {
  host::Session session;
  const auto f = [](double t, std::span<const double> y, std::span<double> dydt) {
    dydt[0] = y[1] + 0.1 * t * y[0];
    dydt[1] = -std::sin(y[0]);
  };
  session.add_field({.id = "plain", .state_shape = {2}, .f = f});
  session.add_field(
      {.id = "known",
       .state_shape = {2},
       .f = f,
       .vjp = [](double t, std::span<const double> y, std::span<const double> v, std::span<double> gy) {
         gy[0] = 0.1 * t * v[0] - std::cos(y[0]) * v[1];
         gy[1] = v[0];
         return 0.1 * y[0] * v[0];
       }});
  const std::vector<double> times{0, 0.5, 1.3}, initial{1.0, 0.0, -0.4, 0.7}, cotangents(12, 1.0);
  const auto gradient = [&](const char* field, const char* strategy) {
    host::ProblemSpec spec;
    spec.field = field;
    spec.solver = "{plugin: rk4, step_size: 0.05}";
    return session.problem(spec).gradient(strategy, times, initial, cotangents, 2).initial.values;
  };
  const std::vector<double> truth = gradient("known", "direct");
  CHECK(difference(gradient("plain", "forward"), truth) < 1e-8);  // the cube root of round-off, squared
  CHECK(difference(gradient("plain", "finite_difference"), truth) < kDifferences);
}
