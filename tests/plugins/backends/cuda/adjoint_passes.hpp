// Adjoints of one problem one behind the other, by one plan of the backend.
#pragma once
#include <cmath>
#include <limits>

#include "gradient_passes.hpp"

namespace odeon::test {

class Adjoints {
 public:
  explicit Adjoints(const Json& config) : g_(config) {
    g_.args.method = ODEON_SOLVE_GRADIENT_ADJOINT;
    g_.args.rtol = g_.args.atol = std::numeric_limits<double>::quiet_NaN();
  }

  PreparedProblem& problem() { return g_.prepared; }
  // dL/dy0, dL/dtheta, if wanted, and dL/dt, for dL/dys = scale ys.
  std::vector<double> run(const std::vector<double>& times, double scale, bool wants_theta = true) {
    g_.observe(times);
    REQUIRE(g_.solve() == ODEON_OK);
    const double one = 1;
    g_.p.backend->lincomb(g_.gys.view, nullptr, scale, {&one, 1}, {&g_.ys.view, 1});
    g_.wants_theta = wants_theta;
    REQUIRE(g_.reverse() == ODEON_OK);
    return g_.all();
  }

  // theta[i] = value cos(i): in place; or somewhere else, as it is.
  void set_theta(double value) {
    g_.put(g_.prepared.theta, [&](int64_t i) { return value * std::cos(double(i)); });
  }
  void move_theta() {
    const odeon_tensor& theta = g_.prepared.theta.view;
    other_ = host::DeviceTensor::like(g_.p.backend, theta);
    g_.p.backend->copy(other_.view, theta);
    g_.p.backend->fill(theta, 0);
    g_.p.set_theta(other_.view);
  }

 private:
  GradientPasses g_;
  host::DeviceTensor other_;
};

}  // namespace odeon::test
