// A solve and its reverse by the engine's table, with the cotangents of a made-up loss.
#pragma once
#include "engine/device_arrays.hpp"
#include "engine/problem.hpp"
#include "fake_registry.hpp"
#include "prepared_problem.hpp"

namespace odeon::test {

class GradientPasses {
 public:
  explicit GradientPasses(const Json& config)
      : experiment(to_experiment(config, with_fake())),
        prepared(experiment, with_fake()),
        p(*prepared.problem) {
    const std::vector<int64_t> of_theta{p.shared_field->parameter_count()};
    gtheta = host::DeviceTensor(p.backend, p.dtype, of_theta);
    gy0 = host::DeviceTensor::like(p.backend, prepared.y0.view);
    args.struct_size = sizeof args;
    args.method = ODEON_SOLVE_GRADIENT_DIRECT;
    args.y0 = &prepared.y0.view;
    observe(experiment.times);
    put(gys, [](int64_t i) { return 0.1 * double(i % 13) - 0.5; });
  }

  // Other times, which the caller keeps, with room for their states.
  void observe(const std::vector<double>& times) {
    n = std::ssize(times);
    std::vector<int64_t> shape = experiment.initial.shape;
    shape.insert(shape.begin(), n);
    ys = host::DeviceTensor(p.backend, p.dtype, shape);
    gys = host::DeviceTensor(p.backend, p.dtype, shape);
    args.times = times.data();
    args.n_times = n;
    args.ys = &ys.view;
  }

  odeon_status solve() {
    odeon_row_gradient* out = nullptr;
    const odeon_status status = host::engine_table().row_solve(&p, &args, &out);
    gradient = {out, host::engine_table().row_destroy};
    return status;
  }
  odeon_status reverse() {
    p.backend->fill(gtheta.view, 0);
    p.tape->peak = 0;
    gtimes.assign(size_t(n), 0.0);
    odeon_row_reverse_args a{};
    a.struct_size = sizeof a;
    a.gys = &gys.view;
    a.gy0 = &gy0.view;
    a.gtheta = wants_theta ? &gtheta.view : nullptr;
    a.gtimes = wants_times ? gtimes.data() : nullptr;
    return host::engine_table().row_reverse(&p, gradient.get(), &a);
  }
  // By y0, theta and the times.
  std::vector<double> all() const {
    std::vector<double> values = host::download(*p.backend, gy0.view).to_doubles();
    for (double v : host::download(*p.backend, gtheta.view).to_doubles()) values.push_back(v);
    values.insert(values.end(), gtimes.begin(), gtimes.end());
    return values;
  }
  template <class Value>
  void put(const host::DeviceTensor& to, Value value) const {
    host::Array x = host::download(*p.backend, to.view);
    for (int64_t i = 0; i < x.size(); ++i) x.set(i, value(i));
    host::upload(*p.backend, to.view, x);
  }

  host::Experiment experiment;
  PreparedProblem prepared;
  odeon_problem& p;
  int64_t n = 0;  // times
  host::DeviceTensor ys, gys, gy0, gtheta;
  bool wants_theta = true, wants_times = true;
  std::vector<double> gtimes;
  odeon_row_solve_args args{};
  std::unique_ptr<odeon_row_gradient, void (*)(odeon_row_gradient*)> gradient{nullptr, nullptr};
};

}  // namespace odeon::test
