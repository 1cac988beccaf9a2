#include "engine/field_program.hpp"

#include "autodiff/tangent.hpp"
#include "data/error.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

constexpr int64_t kMaxHostStaging = int64_t{1} << 40;

}  // namespace

FieldProgram::FieldProgram(std::shared_ptr<Backend> backend, std::shared_ptr<Field> field, int32_t dtype,
                           int64_t batch)
    : backend_(std::move(backend)), field_(std::move(field)), dtype_(dtype), batch_(batch) {
  if (field_->graph()) {
    eval_program_ = std::make_unique<GraphProgram>(backend_, *field_->graph(), dtype, batch);
  } else if (field_->api().bind) {
    call(field_->name(), field_->api().bind, field_->handle(), &backend_->api(), backend_->handle(), dtype,
         batch);
  }
}

void FieldProgram::eval(odeon_scalar t, const odeon_tensor& y, const odeon_tensor* theta,
                        const odeon_tensor& dy) {
  if (eval_program_) {
    const int32_t mode = ODEON_WRITE_OVERWRITE;
    eval_program_->run({t, theta, {&y, 1}, {&dy, 1}, {&mode, 1}});
    return;
  }
  const bool direct = backend_->info().host_memory || field_->api().bind;
  odeon_tensor host_y = y, host_theta = theta ? *theta : odeon_tensor{}, host_dy = dy;
  if (!direct) {
    staged(&y, host_y, stage_[0], true);
    staged(&dy, host_dy, stage_[1], false);
    if (theta) staged(theta, host_theta, stage_[2], true);
  }
  call(field_->name(), field_->api().eval, field_->handle(), backend_->queue(), t, &host_y,
       theta ? &host_theta : nullptr, &host_dy);
  if (!direct) backend_->upload(dy.data, host_dy.data, byte_count(dy));
}

void FieldProgram::vjp(const odeon_vjp_args& args) {
  if (!field_->graph()) {
    if (!field_->api().vjp)
      throw RunError(
          "field '" + field_->id() +
          "' gives no derivative products (neither 'lower' nor 'vjp'), so it cannot be used with a "
          "gradient strategy that needs them; add 'vjp' to the field or write it as a graph");
    if (!backend_->info().host_memory && !field_->api().bind)
      throw RunError("field '" + field_->id() +
                     "' computes derivative products on host memory only, but backend '" + backend_->id() +
                     "' keeps data elsewhere; use backend cpu or lower the field to a graph");
    call(field_->name(), field_->api().vjp, field_->handle(), backend_->queue(), &args);
    return;
  }
  const VjpRequest request = request_of(args);
  auto& program = vjp_programs_[number_of(request)];
  if (!program)
    program = std::make_unique<VjpProgram>(backend_, make_vjp(*field_->graph(), request), dtype_, batch_,
                                           field_->parameter_count());
  const odeon_tensor inputs[2] = {*args.y, *args.v};
  program->run(args, inputs);
}

bool FieldProgram::jvp(double t, const odeon_tensor& y, const odeon_tensor* theta, const odeon_tensor& u,
                       const odeon_tensor& Ju) {
  if (!field_->graph()) return false;
  if (!jvp_program_)
    jvp_program_ = std::make_unique<GraphProgram>(backend_, tangent_graph(*field_->graph(), Tangent::state),
                                                  dtype_, batch_);
  const odeon_tensor inputs[] = {y, u};
  const int32_t mode = ODEON_WRITE_OVERWRITE;
  jvp_program_->run({host_scalar(t), theta, inputs, {&Ju, 1}, {&mode, 1}});
  return true;
}

bool FieldProgram::time_derivative(double t, const odeon_tensor& y, const odeon_tensor* theta,
                                   const odeon_tensor& ft) {
  if (!field_->graph()) return false;
  if (!time_program_)
    time_program_ = std::make_unique<GraphProgram>(backend_, tangent_graph(*field_->graph(), Tangent::time),
                                                   dtype_, batch_);
  const int32_t mode = ODEON_WRITE_OVERWRITE;
  time_program_->run({host_scalar(t), theta, {&y, 1}, {&ft, 1}, {&mode, 1}});
  return true;
}

void FieldProgram::staged(const odeon_tensor* device, odeon_tensor& host, std::vector<std::byte>& store,
                          bool read) {
  if (byte_count(*device) > kMaxHostStaging) throw RunError("staging buffer too large");
  store.resize(static_cast<size_t>(byte_count(*device)));
  host = *device;
  host.data = store.data();
  if (read) backend_->download(host.data, device->data, byte_count(*device));
}

}  // namespace odeon::host
