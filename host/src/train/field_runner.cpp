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
  const DeviceTensor state = uploaded(y);
  DeviceTensor dy(backend_, dtype_, y.shape);
  problem(y.shape[0])->rhs->eval(0, state.view, dy.view, nullptr);
  return odeon::host::download(*backend_, dy.view);
}

Array FieldRunner::slopes(const Array& states, const std::vector<double>& times) const {
  const DeviceTensor all = uploaded(states);
  DeviceTensor slopes(backend_, dtype_, states.shape);
  const std::vector<int64_t> shape(states.shape.begin() + 1, states.shape.end());
  const std::unique_ptr<odeon_problem> p = problem(shape[0]);
  const int64_t bytes = states.size() / states.shape[0] * dtype_bytes(dtype_);
  const auto at = [&](const DeviceTensor& a, size_t i) {
    return make_tensor(static_cast<char*>(a.view.data) + static_cast<int64_t>(i) * bytes, dtype_, shape);
  };
  for (size_t i = 0; i < times.size(); ++i) p->rhs->eval(times[i], at(all, i), at(slopes, i), nullptr);
  return odeon::host::download(*backend_, slopes.view);
}

const ParameterSet& FieldRunner::download() {
  parameters_.flat = odeon::host::download(*backend_, theta_.view);
  return parameters_;
}

}  // namespace odeon::host
