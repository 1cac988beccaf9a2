#include "train/series/recurrence.hpp"

#include "engine/device_arrays.hpp"

namespace odeon::host {

Recurrence::Recurrence(std::shared_ptr<Backend> backend, const Graph& cell, int32_t dtype, int64_t steps,
                       int64_t rows)
    : backend_(std::move(backend)), steps_(steps), forward_(backend_, cell, dtype, rows) {
  const int64_t hidden = shape_of(*find_input(cell, 0))[1], width = shape_of(*find_input(cell, 1))[1];
  const auto tensor = [&](const std::vector<int64_t>& shape) { return DeviceTensor(backend_, dtype, shape); };
  states_ = tensor({steps + 1, rows, hidden});
  cotangents_ = tensor({steps + 1, rows, hidden});
  inputs_ = tensor({steps, rows, width});
  mask_ = tensor({steps, rows, 1});
  input_ = tensor({rows, width});
  ones_ = tensor({rows, 1});
  backend_->fill(ones_.view, 1);
  meaning_ = make_vjp(cell, {.inputs = true, .parameters = true});
  reverse_ = std::make_unique<GraphProgram>(backend_, meaning_.graph, dtype, rows);
}

void Recurrence::forward(const odeon_tensor& theta, const Array& inputs, const Array& mask) {
  upload(*backend_, inputs_.view, inputs);
  upload(*backend_, mask_.view, mask);
  backend_->fill(row(states_.view, 0), 0);
  const int32_t overwrite = ODEON_WRITE_OVERWRITE;
  for (int64_t k = 0; k < steps_; ++k) {
    const odeon_tensor read[] = {row(states_.view, k), row(inputs_.view, k), row(mask_.view, k)};
    const odeon_tensor write[] = {row(states_.view, k + 1)};
    forward_.run({{}, &theta, read, write, {&overwrite, 1}});
  }
}

void Recurrence::step(const odeon_tensor& theta, const odeon_tensor& from, const Array& input,
                      const odeon_tensor& to) {
  upload(*backend_, input_.view, input);
  const odeon_tensor read[] = {from, input_.view, ones_.view};
  const int32_t overwrite = ODEON_WRITE_OVERWRITE;
  forward_.run({{}, &theta, read, {&to, 1}, {&overwrite, 1}});
}

void Recurrence::backward(const odeon_tensor& theta, const odeon_tensor& gradient) {
  // g_k += (dh_{k+1}/dh_k)ᵀ g_{k+1};  dL/dθ += (dh_{k+1}/dθ)ᵀ g_{k+1}
  for (int64_t k = steps_; k-- > 0;) {
    const odeon_tensor read[] = {row(states_.view, k), row(inputs_.view, k), row(mask_.view, k),
                                 row(cotangents_.view, k + 1)};
    GraphOutputs write;
    write.add(row(cotangents_.view, k), ODEON_WRITE_ACCUMULATE);
    write.skip(), write.skip();  // by the input and the mask
    write.add_parameters(meaning_, gradient, ODEON_WRITE_ACCUMULATE);
    reverse_->run({{}, &theta, read, write.tensors, write.modes});
  }
}

}  // namespace odeon::host
