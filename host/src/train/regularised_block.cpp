#include "train/regularised_block.hpp"

#include "engine/device_arrays.hpp"

namespace odeon::host {
namespace {

Augmentation augmentation(const Regularisers& r) {
  return {Trace::hutchinson, r.kinetic > 0, r.jacobian > 0, false};
}

Shape state_of(const Field& field) { return field.graph()->shape(field.graph()->outputs[0]); }

AugmentedRow row_of(const Field& field, const Regularisers& r) {
  return augmented_row(row_elements(state_of(field)), augmentation(r));
}

// INPUT 0: x [batch, state…]; INPUT 1: the probe [batch, state], if there is one.
Graph pack_graph(const Field& field, const AugmentedRow& at) {
  GraphBuilder b;
  const int64_t terms = (at.kinetic >= 0) + (at.jacobian >= 0);
  Value row = b.reshape(b.input(0, state_of(field)), {ODEON_BATCH, at.state});
  row = b.concat(row, b.constant(0, {ODEON_BATCH, terms}), 1);
  if (at.probe >= 0) row = b.concat(row, b.input(1, {ODEON_BATCH, at.state}), 1);
  b.mark_output(row);
  return b.finish();
}

// Outputs: the state [batch, state…], then each term [batch, 1].
Graph unpack_graph(const Field& field, const AugmentedRow& at) {
  GraphBuilder b;
  const Value row = b.input(0, {ODEON_BATCH, at.width});
  b.mark_output(b.reshape(b.slice(row, 1, 0, at.state), state_of(field)));
  for (int64_t column : {at.kinetic, at.jacobian})
    if (column >= 0) b.mark_output(b.slice(row, 1, column, column + 1));
  return b.finish();
}

// INPUT 0: the cotangent of the state. The terms are linear in the loss; `scale` makes them means.
Graph cotangent_graph(const Field& field, const AugmentedRow& at, const Regularisers& weights, double scale) {
  GraphBuilder b;
  Value row = b.reshape(b.input(0, state_of(field)), {ODEON_BATCH, at.state});
  for (const auto& [column, weight] :
       {std::pair(at.kinetic, weights.kinetic), std::pair(at.jacobian, weights.jacobian)})
    if (column >= 0) row = b.concat(row, b.constant(scale * weight, {ODEON_BATCH, 1}), 1);
  if (at.probe >= 0) row = b.concat(row, b.constant(0, {ODEON_BATCH, at.state}), 1);
  b.mark_output(row);
  return b.finish();
}

}  // namespace

RegularisedBlock::RegularisedBlock(std::shared_ptr<Backend> backend, const std::shared_ptr<Field>& field,
                                   const SolverChoice& solver, const std::vector<double>& times,
                                   const Regularisers& weights, int32_t dtype, int64_t rows)
    : backend_(std::move(backend)),
      direction_(times.back() > times.front() ? 1 : -1),
      dtype_(dtype),
      rows_(rows),
      at_(row_of(*field, weights)),
      block_(backend_,
             Field::derived(field, augmented_graph(*field->graph(), augmentation(weights)), {at_.width}),
             augmented_solver(solver, at_), times, dtype, rows),
      pack_(backend_, pack_graph(*field, at_), dtype, rows),
      unpack_(backend_, unpack_graph(*field, at_), dtype, rows),
      pack_cotangent_(backend_, cotangent_graph(*field, at_, weights, direction_ / static_cast<double>(rows)),
                      dtype, rows) {
  const auto tensor = [&](int64_t columns) {
    return DeviceTensor(backend_, dtype, std::vector<int64_t>{rows, columns});
  };
  if (at_.probe >= 0) probe_ = tensor(at_.state);
  for (DeviceTensor* t : {&begin_, &end_, &gbegin_, &gend_}) *t = tensor(at_.width);
  for (int64_t column : {at_.kinetic, at_.jacobian})
    if (column >= 0) terms_.push_back(tensor(1));
}

RegularisedBlock::Terms RegularisedBlock::forward(Gradient& gradient, const odeon_tensor& x, Random random,
                                                  int64_t first_row, const odeon_tensor& out) {
  std::vector<odeon_tensor> inputs{x};
  if (at_.probe >= 0) {
    Array signs = Array::zeros(dtype_, {rows_, at_.state});
    random.skip(first_row * at_.state);
    for (int64_t i = 0; i < signs.size(); ++i) signs.set(i, random.sign());
    upload(*backend_, probe_.view, signs);
    inputs.push_back(probe_.view);
  }
  const int32_t overwrite = ODEON_WRITE_OVERWRITE;
  pack_.run({{}, nullptr, inputs, {&begin_.view, 1}, {&overwrite, 1}});
  block_.forward(gradient, begin_.view, end_.view);
  std::vector<odeon_tensor> outputs{out};
  for (const DeviceTensor& t : terms_) outputs.push_back(t.view);
  const std::vector<int32_t> modes(outputs.size(), ODEON_WRITE_OVERWRITE);
  unpack_.run({{}, nullptr, {&end_.view, 1}, outputs, modes});
  const auto mean = [&](const DeviceTensor& term) {
    return direction_ * sum_of(*backend_, term.view) / static_cast<double>(rows_);
  };
  return {at_.kinetic >= 0 ? mean(terms_.front()) : 0, at_.jacobian >= 0 ? mean(terms_.back()) : 0};
}

void RegularisedBlock::backward(const odeon_tensor& gout, const odeon_tensor& gx,
                                const odeon_tensor* gtheta) {
  const int32_t overwrite = ODEON_WRITE_OVERWRITE;
  pack_cotangent_.run({{}, nullptr, {&gout, 1}, {&gend_.view, 1}, {&overwrite, 1}});
  block_.backward(gend_.view, gbegin_.view, gtheta);
  const std::vector<odeon_tensor> outputs(1 + terms_.size(), gx);
  std::vector<int32_t> modes(outputs.size(), ODEON_WRITE_SKIP);  // the terms begin at zero whatever θ is
  modes[0] = ODEON_WRITE_OVERWRITE;
  unpack_.run({{}, nullptr, {&gbegin_.view, 1}, outputs, modes});
}

}  // namespace odeon::host
