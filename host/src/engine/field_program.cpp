#include "engine/field_program.hpp"

#include <algorithm>

#include "autodiff/tangent.hpp"
#include "data/error.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

constexpr int64_t kMaxHostStaging = int64_t{1} << 40;

// True when the slices are disjoint and cover [0, count).
bool covers_once(const std::vector<VjpGraph::ParameterGradient>& parts, int64_t count) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (const auto& p : parts) ranges.push_back({p.offset, p.offset + p.count});
  std::sort(ranges.begin(), ranges.end());
  int64_t end = 0;
  for (const auto& [from, to] : ranges) {
    if (from != end) return false;
    end = to;
  }
  return end == count;
}

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
  VjpProgram& p = vjp_program(args);
  outputs_.clear();
  modes_.clear();
  if (args.dy_mode != ODEON_WRITE_SKIP) outputs_.push_back(*args.dy), modes_.push_back(args.dy_mode);
  if (args.gy_mode != ODEON_WRITE_SKIP) outputs_.push_back(*args.gy), modes_.push_back(args.gy_mode);
  if (args.gtheta_mode != ODEON_WRITE_SKIP) {
    int32_t mode = args.gtheta_mode;
    if (mode == ODEON_WRITE_OVERWRITE && !p.covers_theta) {
      backend_->fill(*args.gtheta, 0);
      mode = ODEON_WRITE_ACCUMULATE;
    }
    for (const auto& part : p.meaning.parameters) {
      char* at = static_cast<char*>(args.gtheta->data) + part.offset * dtype_bytes(dtype_);
      odeon_tensor slice = p.program->output_shape(static_cast<size_t>(part.output));
      slice.data = at;
      outputs_.push_back(slice);
      modes_.push_back(mode);
    }
  }
  if (args.gt_mode != ODEON_WRITE_SKIP) outputs_.push_back(*args.gt), modes_.push_back(args.gt_mode);
  const odeon_tensor inputs[2] = {*args.y, *args.v};
  p.program->run({args.t, args.theta, inputs, outputs_, modes_});
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

FieldProgram::VjpProgram& FieldProgram::vjp_program(const odeon_vjp_args& args) {
  const VjpRequest request{args.dy_mode != ODEON_WRITE_SKIP, args.gy_mode != ODEON_WRITE_SKIP,
                           args.gtheta_mode != ODEON_WRITE_SKIP, args.gt_mode != ODEON_WRITE_SKIP};
  auto& slot = vjp_programs_[size_t(request.primal) + 2 * size_t(request.inputs) +
                             4 * size_t(request.parameters) + 8 * size_t(request.time)];
  if (!slot) {
    slot = std::make_unique<VjpProgram>();
    slot->meaning = make_vjp(*field_->graph(), request);
    slot->covers_theta = covers_once(slot->meaning.parameters, field_->parameter_count());
    slot->program = std::make_unique<GraphProgram>(backend_, std::move(slot->meaning.graph), dtype_, batch_);
  }
  return *slot;
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
