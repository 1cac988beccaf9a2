#include "engine/dense_recorder.hpp"

namespace odeon::host {
DenseRecorder::DenseRecorder(const odeon_problem& p)
    : solution_({p.state_shape.begin() + 1, p.state_shape.end()}, p.batch, dense_degree(p, dense_of(p))) {}

void DenseRecorder::begin(double t) { solution_.tracks().push_back({{t}, {}}); }

void DenseRecorder::add(odeon_problem& p, Stepper& stepper, double x, double t1) {
  if (!at_node_.view.data) {
    at_node_ = DeviceTensor(p.backend, p.dtype, p.state_shape);
    staged_ = Array::zeros(p.dtype, p.state_shape);
  }
  DenseSolution::Track& track = solution_.tracks().back();
  stepper.prepare_interpolation();
  for (int j = 0; j <= solution_.degree(); ++j) {
    stepper.interpolate(x * DenseSolution::node(solution_.degree(), j), at_node_.view);
    p.backend->download(staged_.bytes.data(), at_node_.view.data, byte_count(at_node_.view));
    for (int64_t i = 0; i < staged_.size(); ++i) track.values.push_back(staged_.at(i));
  }
  track.times.push_back(t1);
}

}  // namespace odeon::host
