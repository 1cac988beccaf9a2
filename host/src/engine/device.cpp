#include "engine/device.hpp"

#include "data/error.hpp"
#include "loader/registry.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

std::shared_ptr<Backend> Backend::open(const LoadedComponent& component, const odeon_value* options) {
  std::shared_ptr<Backend> b(new Backend);
  b->keep_alive_ = component.plugin;
  b->id_ = component.id;
  b->api_ = static_cast<const odeon_backend_api*>(component.descriptor->vtable);
  b->name_ = "backend '" + component.id + "'";
  call(b->name_, b->api_->create, &host_table(), options, &b->handle_);
  b->info_.struct_size = sizeof(odeon_backend_info);
  call(b->name_, b->api_->info, b->handle_, &b->info_);
  call(b->name_, b->api_->queue_create, b->handle_, &b->queue_);
  if (b->api_->get_ext) {
    const odeon_str graph = ODEON_STR(ODEON_EXT_BACKEND_GRAPH), solve = ODEON_STR(ODEON_EXT_BACKEND_SOLVE),
                    gradient = ODEON_STR(ODEON_EXT_BACKEND_SOLVE_GRADIENT);
    const auto ext = [&](odeon_str id) { return call_slot(b->name_, b->api_->get_ext, b->handle_, id); };
    b->graph_api_ = static_cast<const odeon_backend_graph_api*>(ext(graph));
    b->solve_api_ = static_cast<const odeon_backend_solve_api*>(ext(solve));
    b->solve_gradient_api_ = static_cast<const odeon_backend_solve_gradient_api*>(ext(gradient));
  }
  return b;
}

Backend::~Backend() {
  if (queue_) call_release(name_, api_->queue_destroy, queue_);
  if (handle_) call_release(name_, api_->destroy, handle_);
}

void Backend::upload(void* to, const void* from, int64_t bytes) {
  if (bytes > 0) call(name_, api_->copy, queue_, to, from, bytes, ODEON_COPY_TO_DEVICE);
}
void Backend::download(void* to, const void* from, int64_t bytes) {
  if (bytes > 0) call(name_, api_->copy, queue_, to, from, bytes, ODEON_COPY_TO_HOST);
}
void Backend::copy(const odeon_tensor& to, const odeon_tensor& from) {
  if (byte_count(from) > 0)
    call(name_, api_->copy, queue_, to.data, from.data, byte_count(from), ODEON_COPY_ON_DEVICE);
}
void Backend::fill(const odeon_tensor& out, double value) { call(name_, api_->fill, queue_, &out, value); }

void Backend::lincomb(const odeon_tensor& z, const odeon_tensor* base, double scale,
                      std::span<const double> c, std::span<const odeon_tensor> x) {
  call(name_, api_->lincomb, queue_, &z, base, host_scalar(scale), static_cast<int32_t>(c.size()), c.data(),
       x.data());
}

double Backend::read(const double* on_device) {
  if (info_.host_memory) return *on_device;
  double value = 0;
  download(&value, on_device, sizeof value);
  return value;
}

Buffer::Buffer(std::shared_ptr<Backend> backend, int64_t bytes)
    : backend_(std::move(backend)), bytes_(bytes) {
  call(backend_->name(), backend_->api().alloc, backend_->handle(), bytes, &data_);
}

Buffer::~Buffer() {
  if (data_) call_release(backend_->name(), backend_->api().release, backend_->handle(), data_);
}

DeviceTensor::DeviceTensor(const std::shared_ptr<Backend>& backend, int32_t dtype,
                           std::span<const int64_t> shape)
    : view(make_tensor(nullptr, dtype, shape)) {
  buffer = Buffer(backend, byte_count(view));
  view.data = buffer.data();
}

}  // namespace odeon::host
