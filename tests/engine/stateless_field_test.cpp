// Fields that do not read the state, or read it in one half only: y(T) = y0 + a sin T.
#include <cmath>

#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

Json driven(const Json& gradient) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", "reference"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"y"}},
            {"parameters", {{"a", 1.5}}},
            {"derivatives", {{"y", "a*cos(t)"}}}}},
          {"initial", {{5.0}, {-1.0}}},
          {"times", {0.0, 0.4, 1.0}},
          {"solver", {{"plugin", "dopri5"}, {"rtol", 1e-9}, {"atol", 1e-11}}},
          {"gradient", gradient},
          {"loss", {{"cotangent", {{{0.0}, {0.0}}, {{0.5}, {0.0}}, {{2.0}, {-1.0}}}}}}};
}

constexpr double kClose = 1e-7;

}  // namespace

TEST_CASE("the gradient of a field that does not read the state is that of its integral, by every strategy") {
  const double by_a = 0.5 * std::sin(0.4) + std::sin(1.0);
  for (const char* id : {"direct", "checkpoint", "symplectic_adjoint", "adjoint", "adjoint_interpolated",
                         "adjoint_quadrature", "forward", "finite_difference"}) {
    CAPTURE(id);
    for (const char* backend : {"reference", "cpu"}) {
      Json config = driven(id);
      config["backend"] = backend;
      const auto r = host::run_gradient(to_experiment(config, installed()), installed());
      CHECK(std::abs(parameter_gradients(r)[0] - by_a) <= kClose);
      CHECK(difference(array_of(r, "grad_initial.npy").to_doubles(), {2.5, -1.0}) <= kClose);
      const auto by_time = array_of(r, "grad_times.npy").to_doubles();
      CHECK(std::abs(by_time[2] - 1.5 * std::cos(1.0) * (2.0 - 1.0)) <= kClose);
    }
  }
}

TEST_CASE("implicit methods solve such a field and differentiate it") {
  Json config = driven("direct");
  config["solver"] = {{"plugin", "radau_iia5"}, {"rtol", 1e-8}, {"atol", 1e-10}};
  const auto r = host::run_gradient(to_experiment(config, installed()), installed());
  CHECK(std::abs(parameter_gradients(r)[0] - (0.5 * std::sin(0.4) + std::sin(1.0))) <= kClose);
}

TEST_CASE("the Hessian-vector product of such a field is that of its integral") {
  Json config = driven("direct");
  config["field"]["derivatives"]["y"] = "a^2*cos(t)";
  config["tangent"] = {{"parameters", {{"a", 0.5}}}};
  const auto r = host::run_gradient(to_experiment(config, installed()), installed());
  const double by_a = 2 * 0.5 * (0.5 * std::sin(0.4) + std::sin(1.0));
  CHECK(std::abs(array_of(r, "hvp_parameters.npy").to_doubles()[0] - by_a) <= kClose);
}
