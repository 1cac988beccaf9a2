// Adjoints of one problem one behind the other, by one plan of the backend.
#pragma once
#include <cmath>
#include <limits>

#include "engine/backend_gradient.hpp"
#include "engine/device_arrays.hpp"
#include "fake_registry.hpp"
#include "prepared_problem.hpp"

namespace odeon::test {

class Adjoints {
 public:
  explicit Adjoints(const Json& config)
      : p_(to_experiment(config, with_fake()), with_fake()),
        gtheta_(host::DeviceTensor::like(p_.backend, p_.theta.view)),
        gy0_(host::DeviceTensor::like(p_.backend, p_.y0.view)) {}

  PreparedProblem& problem() { return p_; }
  // dL/dy0, dL/dt and, if wanted, dL/dtheta, for dL/dys = scale ys.
  std::vector<double> run(const std::vector<double>& times, double scale, bool wants_theta = true) {
    std::vector<int64_t> shape = {std::ssize(times)};
    shape.insert(shape.end(), p_.y0.view.shape, p_.y0.view.shape + p_.y0.view.rank);
    const host::DeviceTensor ys(p_.backend, p_.y0.view.dtype, shape),
        gys(p_.backend, p_.y0.view.dtype, shape);
    odeon_row_solve_args args{};
    args.struct_size = sizeof args;
    args.method = ODEON_SOLVE_GRADIENT_ADJOINT;
    args.rtol = args.atol = std::numeric_limits<double>::quiet_NaN();
    args.y0 = &p_.y0.view, args.ys = &ys.view;
    args.times = times.data(), args.n_times = std::ssize(times);
    const auto solve = host::solve_rows_by_backend(*p_.problem, args);
    REQUIRE(solve);
    const double one = 1;
    p_.backend->lincomb(gys.view, nullptr, scale, {&one, 1}, {&ys.view, 1});
    p_.backend->fill(gtheta_.view, 0);
    std::vector<double> found(times.size());
    odeon_row_reverse_args reverse{};
    reverse.struct_size = sizeof reverse;
    reverse.gys = &gys.view, reverse.gy0 = &gy0_.view;
    reverse.gtheta = wants_theta ? &gtheta_.view : nullptr;
    reverse.gtimes = found.data();
    host::reverse_rows_by_backend(*p_.problem, *solve, reverse);
    for (const odeon_tensor& x : {gy0_.view, gtheta_.view}) {
      const auto values = host::download(*p_.backend, x).to_doubles();
      found.insert(found.end(), values.begin(), values.end());
    }
    return found;
  }

  // theta[i] = value cos(i): in place; or somewhere else, as it is.
  void set_theta(double value) {
    host::Array theta = host::download(*p_.backend, p_.theta.view);
    for (int64_t i = 0; i < theta.size(); ++i) theta.set(i, value * std::cos(double(i)));
    host::upload(*p_.backend, p_.theta.view, theta);
  }
  void move_theta() {
    other_ = host::DeviceTensor::like(p_.backend, p_.theta.view);
    p_.backend->copy(other_.view, p_.theta.view);
    p_.backend->fill(p_.theta.view, 0);
    p_.problem->set_theta(other_.view);
  }

 private:
  PreparedProblem p_;
  host::DeviceTensor gtheta_, gy0_, other_;
};

}  // namespace odeon::test
