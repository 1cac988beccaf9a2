// The options of adjoint, and what a loss is.
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

Json experiment(const std::string& solver, const std::string& gradient) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", "cpu"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "y"}},
            {"parameters", {{"a", 1.5}, {"b", 1.0}}},
            {"derivatives", {{"x", "a*x - b*x*y"}, {"y", "x*y - y*cos(t)"}}}}},
          {"initial", {{1.0, 0.7}, {0.5, 1.5}}},
          {"times", {0.0, 0.4, 1.0}},
          {"solver", {{"plugin", solver}, {"rtol", 1e-8}, {"atol", 1e-8}}},
          {"gradient", gradient}};
}

// By a method of order eight at a tolerance that leaves nothing to see.
const host::RunResult& exact() {
  static const host::RunResult result = [] {
    Json config = experiment("dopri8", "direct");
    config["solver"] = {{"plugin", "dopri8"}, {"rtol", 1e-13}, {"atol", 1e-13}};
    return differentiate(config);
  }();
  return result;
}

}  // namespace

TEST_CASE("adjoint converges to direct as its tolerance falls") {
  const auto& truth = exact();
  const auto error = [&](double rtol) {
    Json config = experiment("dopri5", "adjoint");
    config["gradient"] = {{"plugin", "adjoint"}, {"rtol", rtol}, {"atol", rtol}};
    config["solver"] = {{"plugin", "dopri5"}, {"rtol", 1e-12}, {"atol", 1e-12}};
    return difference(parameter_gradients(differentiate(config)), parameter_gradients(truth));
  };
  const double loose = error(1e-4), tight = error(1e-11);
  CHECK(loose > 1e-7);
  CHECK(loose < 1e-3);
  CHECK(tight < 1e-8);
}

TEST_CASE("the backward pass of adjoint may have a solver of its own") {
  const auto& truth = exact();
  Json config = experiment("dopri5", "adjoint");
  config["gradient"] = {{"plugin", "adjoint"},
                        {"solver", {{"plugin", "tsit5"}, {"rtol", 1e-9}, {"atol", 1e-9}}}};
  const auto result = differentiate(config);
  CHECK(difference(parameter_gradients(result), parameter_gradients(truth)) < 1e-6);
}

TEST_CASE("the full norm of adjoint takes at least the steps of the seminorm") {
  const auto run = [](const char* norm) {
    Json config = experiment("dopri5", "adjoint");
    config["gradient"] = {{"plugin", "adjoint"}, {"norm", norm}};
    return differentiate(config);
  };
  const auto semi = run("seminorm"), full = run("full");
  const auto steps = [](const auto& r) {
    return r.record["counters"]["backward"]["accepted"].template get<int64_t>();
  };
  CHECK(steps(full) >= steps(semi));
  CHECK(difference(parameter_gradients(full), parameter_gradients(semi)) < 1e-6);
}

TEST_CASE("the default cotangent is one everywhere") {
  const auto by_default = differentiate(experiment("dopri5", "direct"));
  Json config = experiment("dopri5", "direct");
  const Json ones{{1, 1}, {1, 1}};
  config["loss"] = {{"cotangent", {ones, ones, ones}}};
  CHECK(parameter_gradients(by_default) == parameter_gradients(differentiate(config)));
}

TEST_CASE("several losses share a forward pass and get the gradients that each has alone") {
  const Json first{{{0.5, 1}, {2, 0}}, {{0, 1}, {-1, 0.3}}, {{1, 0}, {0, 2}}},
      second{{{0, 0}, {0, 0}}, {{0.1, -1}, {1, 4}}, {{-0.7, 2}, {1, 1}}};
  for (const char* gradient : {"direct", "adjoint"}) {
    CAPTURE(gradient);
    const auto of = [&](const Json& cotangent) {
      Json config = experiment("tsit5", gradient);
      config["loss"] = {{"cotangent", cotangent}};
      return differentiate(config);
    };
    const auto both = of({first, second}), a = of(first), b = of(second);
    CHECK(both.record["counters"]["forward"] == a.record["counters"]["forward"]);
    for (const char* what : {"grad_initial.npy", "grad_parameters.npy", "grad_times.npy"}) {
      CAPTURE(what);
      std::vector<double> each = array_of(a, what).to_doubles(), other = array_of(b, what).to_doubles();
      CHECK(array_of(both, what).shape[0] == 2);
      each.insert(each.end(), other.begin(), other.end());
      CHECK(array_of(both, what).to_doubles() == each);
    }
  }
}
