#include "train/field_runner.hpp"

#include "engine/device_arrays.hpp"

namespace odeon::host {

FieldRunner::FieldRunner(std::shared_ptr<Backend> backend, const FieldChoice& choice, FittedParts parts,
                         int32_t dtype, uint64_t seed)
    : backend_(std::move(backend)),
      field_(std::move(parts.field)),
      parameters_(starting_parameters(*field_, choice, dtype, seed)),
      solver_(std::move(parts.solver)),
      dtype_(dtype),
      theta_(uploaded(parameters_.flat)) {}

std::unique_ptr<odeon_problem> FieldRunner::problem(int64_t batch) const {
  auto p = std::make_unique<odeon_problem>(backend_, field_, solver_, dtype_, batch);
  if (parameters_.flat.size() > 0) p->set_theta(theta_.view);
  return p;
}

DeviceTensor FieldRunner::uploaded(const Array& a) const {
  DeviceTensor t(backend_, dtype_, a.shape);
  upload(*backend_, t.view, a.cast(dtype_));
  return t;
}

Array FieldRunner::solve(const Array& y0, const std::vector<double>& times) const {
  const DeviceTensor start = uploaded(y0);
  std::vector<int64_t> shape = y0.shape;
  shape.insert(shape.begin(), static_cast<int64_t>(times.size()));
  DeviceTensor ys(backend_, dtype_, shape);
  odeon_solve_args args{};
  args.struct_size = sizeof args;
  args.y0 = &start.view;
  args.times = times.data();
  args.n_times = static_cast<int64_t>(times.size());
  args.ys = &ys.view;
  integrate(*problem(y0.shape[0]), args);
  return odeon::host::download(*backend_, ys.view);
}

Array FieldRunner::slopes(const Array& y) const {
  Array states = y;
  states.shape.insert(states.shape.begin(), 1);
  Array dy = slopes(states, {0});
  dy.shape = y.shape;
  return dy;
}

Array FieldRunner::slopes(const Array& states, const std::vector<double>& times) const {
  const DeviceTensor all = uploaded(states);
  const DeviceTensor slopes(backend_, dtype_, states.shape);
  const std::unique_ptr<odeon_problem> p = problem(states.shape[1]);
  for (size_t i = 0; i < times.size(); ++i)
    p->rhs->eval(times[i], row(all.view, static_cast<int64_t>(i)), row(slopes.view, static_cast<int64_t>(i)),
                 nullptr);
  return odeon::host::download(*backend_, slopes.view);
}

const ParameterSet& FieldRunner::download() {
  parameters_.flat = odeon::host::download(*backend_, theta_.view);
  return parameters_;
}

}  // namespace odeon::host
