#include "train/flow_density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/device_arrays.hpp"

namespace odeon::host {

namespace {

double standard_normal_log_density(const std::vector<double>& z) {
  double squares = 0;
  for (double v : z) squares += v * v;
  return -0.5 * (squares + static_cast<double>(z.size()) * std::log(2 * std::numbers::pi));
}

}  // namespace

struct FlowDensity::Batch {
  OdeBlock block;
  DeviceTensor begin, end, gbegin, gend;  // [rows, width]
  Batch(const FlowDensity& of, int64_t rows)
      : block(of.backend_, of.field_, of.solver_, of.times_, of.dtype_, rows) {
    const std::vector<int64_t> shape{rows, of.at_.width};
    for (DeviceTensor* t : {&begin, &end, &gbegin, &gend}) *t = DeviceTensor(of.backend_, of.dtype_, shape);
  }
};

FlowDensity::FlowDensity(std::shared_ptr<Backend> backend, const FittedParts& parts,
                         const Augmentation& augmentation, std::vector<double> times, int32_t dtype)
    : backend_(std::move(backend)),
      at_(augmented_row(parts.field->state_shape()[0], augmentation)),
      field_(Field::derived(parts.field, augmented_graph(*parts.field->graph(), augmentation), {at_.width})),
      solver_(augmented_solver(parts.solver, at_)),
      times_(std::move(times)),
      direction_(times_[1] > times_[0] ? 1 : -1),
      dtype_(dtype) {}

FlowDensity::~FlowDensity() = default;

FlowDensity::Batch& FlowDensity::batch_of(int64_t rows) {
  auto& slot = batches_[rows];
  if (!slot) slot = std::make_unique<Batch>(*this, rows);
  return *slot;
}

Array FlowDensity::start(const Array& x, const Array& probe) const {
  const int64_t rows = x.shape[0], d = at_.state;
  Array out = Array::zeros(dtype_, {rows, at_.width});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < d; ++i) {
      out.set(r * at_.width + i, x.at(r * d + i));
      if (at_.probe >= 0) out.set(r * at_.width + at_.probe + i, probe.at(r * d + i));
    }
  return out;
}

FlowDensity::Rows FlowDensity::meaning_of(const Array& end) const {
  Rows out;
  std::vector<double> z(static_cast<size_t>(at_.state));
  for (int64_t r = 0; r < end.shape[0]; ++r) {
    const int64_t row = r * at_.width;
    for (int64_t i = 0; i < at_.state; ++i) z[static_cast<size_t>(i)] = end.at(row + i);
    out.log_density.push_back(standard_normal_log_density(z) - end.at(row + at_.log_density));
    if (at_.kinetic >= 0) out.kinetic.push_back(direction_ * end.at(row + at_.kinetic));
    if (at_.jacobian >= 0) out.jacobian.push_back(direction_ * end.at(row + at_.jacobian));
  }
  return out;
}

FlowDensity::Rows FlowDensity::evaluate(const Array& x, const Array& probe, const odeon_tensor& theta) {
  Batch& batch = batch_of(x.shape[0]);
  upload(*backend_, batch.begin.view, start(x, probe));
  batch.block.set_theta(theta);
  batch.block.count(forward);
  batch.block.solve(batch.begin.view, batch.end.view);
  return meaning_of(download(*backend_, batch.end.view));
}

FlowDensity::Rows FlowDensity::differentiate(const Array& x, const Array& probe, const odeon_tensor& theta,
                                             Gradient& gradient, const Regularisers& weights,
                                             const odeon_tensor& gtheta) {
  Batch& batch = batch_of(x.shape[0]);
  upload(*backend_, batch.begin.view, start(x, probe));
  batch.block.set_theta(theta);
  batch.block.count(forward);
  batch.block.forward(gradient, batch.begin.view, batch.end.view);
  const Array end = download(*backend_, batch.end.view);

  // -log N(z) has the gradient z; the columns beside it are linear in the loss.
  Array cotangent = Array::zeros(dtype_, end.shape);
  const double each = 1.0 / static_cast<double>(x.shape[0]);
  for (int64_t r = 0; r < x.shape[0]; ++r) {
    const int64_t row = r * at_.width;
    for (int64_t i = 0; i < at_.state; ++i) cotangent.set(row + i, each * end.at(row + i));
    cotangent.set(row + at_.log_density, each);
    if (at_.kinetic >= 0) cotangent.set(row + at_.kinetic, each * direction_ * weights.kinetic);
    if (at_.jacobian >= 0) cotangent.set(row + at_.jacobian, each * direction_ * weights.jacobian);
  }
  upload(*backend_, batch.gend.view, cotangent);
  backend_->fill(gtheta, 0);
  batch.block.count(backward);
  batch.block.backward(batch.gend.view, batch.gbegin.view, &gtheta);
  tape_peak = std::max(tape_peak, batch.block.tape_peak());
  return meaning_of(end);
}

}  // namespace odeon::host
