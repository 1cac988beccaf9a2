#include "embed/batch_instance.hpp"

#include <algorithm>
#include <odeon/sdk/plugin.hpp>
#include <odeon/sdk/tensor.hpp>

#include "data/array.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {
namespace {

std::span<const double> as_doubles(const odeon_tensor* x, std::vector<double>& space) {
  if (!x) return {};
  const size_t n = static_cast<size_t>(element_count(*x));
  if (x->dtype == ODEON_F64) return {data<const double>(*x), n};
  space.assign(data<const float>(*x), data<const float>(*x) + n);
  return space;
}

void write(const odeon_tensor& to, std::span<const double> values, int32_t mode) {
  const auto put = [&](auto* at) {
    using T = std::remove_reference_t<decltype(*at)>;
    for (const double value : values) {
      *at = static_cast<T>(mode == ODEON_WRITE_ACCUMULATE ? double(*at) + value : value);
      ++at;
    }
  };
  to.dtype == ODEON_F64 ? put(data<double>(to)) : put(data<float>(to));
}

template <class Body>
odeon_status guarded(Body&& body) {
  try {
    body();
    return ODEON_OK;
  } catch (...) {  // the program's own exception: thrown again outside of the components' frames
    keep_exception(std::current_exception());
    return ODEON_E_SOLVE_FAILED;
  }
}

}  // namespace

BatchInstance::BatchInstance(const BatchField& field)
    : field_(field), state_size_(static_cast<size_t>(checked_count(field.state_shape))), theta_size_(0) {
  for (const FieldParameter& p : field_.parameters) {
    odeon_parameter_slot slot{};
    slot.struct_size = sizeof slot;
    slot.rank = static_cast<int32_t>(p.shape.size());
    slot.name = to_str(p.name);
    std::copy(p.shape.begin(), p.shape.end(), slot.shape);
    slot.init = ODEON_INIT_VALUES;
    slot.values = p.values.data();
    slots_.push_back(slot);
    theta_size_ += p.values.size();
  }
  for (const odeon_parameter_slot& s : slots_) pointers_.push_back(&s);
}

odeon_status BatchInstance::info(odeon_field* field, odeon_field_info* out) {
  const BatchInstance& b = self(field);
  out->state_rank = static_cast<int32_t>(b.field_.state_shape.size());
  std::copy(b.field_.state_shape.begin(), b.field_.state_shape.end(), out->state_shape);
  out->slots = b.pointers_.data();
  out->n_slots = static_cast<int64_t>(b.pointers_.size());
  return ODEON_OK;
}

template <class Body>
void BatchInstance::for_each_time(odeon_scalar t, size_t rows, Body&& body) const {
  const auto time_of = [&](size_t row) {
    return t.device ? t.device[static_cast<int64_t>(row) * t.stride] : t.value;
  };
  for (size_t first = 0, end = 0; first < rows; first = end) {
    end = first + 1;
    while (end < rows && time_of(end) == time_of(first)) ++end;
    body(Rows{time_of(first), first, end - first});
  }
}

void BatchInstance::eval(odeon_scalar t, const odeon_tensor& y, const odeon_tensor* theta,
                         const odeon_tensor& dy, int32_t mode) {
  const Values ys = as_doubles(&y, y_), thetas = as_doubles(theta, theta_);
  out_.resize(ys.size());
  for_each_time(t, static_cast<size_t>(row_count(y)), [&](const Rows& r) {
    const size_t at = r.first * state_size_, n = r.count * state_size_;
    field_.f(r.t, ys.subspan(at, n), thetas, std::span(out_).subspan(at, n));
  });
  write(dy, out_, mode);
}

void BatchInstance::vjp(const odeon_vjp_args& a) {
  if (a.dy_mode != ODEON_WRITE_SKIP) eval(a.t, *a.y, a.theta, *a.dy, a.dy_mode);
  if (a.gy_mode == ODEON_WRITE_SKIP && a.gtheta_mode == ODEON_WRITE_SKIP && a.gt_mode == ODEON_WRITE_SKIP)
    return;
  const Values ys = as_doubles(a.y, y_), vs = as_doubles(a.v, v_), thetas = as_doubles(a.theta, theta_);
  out_.resize(ys.size());
  gt_.resize(static_cast<size_t>(row_count(*a.y)));
  gtheta_.resize(theta_size_);
  gtheta_sum_.assign(theta_size_, 0.0);
  for_each_time(a.t, gt_.size(), [&](const Rows& r) {
    const size_t at = r.first * state_size_, n = r.count * state_size_;
    field_.vjp(r.t, ys.subspan(at, n), thetas, vs.subspan(at, n),
               {std::span(gt_).subspan(r.first, r.count), std::span(out_).subspan(at, n), gtheta_});
    for (size_t i = 0; i < theta_size_; ++i) gtheta_sum_[i] += gtheta_[i];
  });
  if (a.gy_mode != ODEON_WRITE_SKIP) write(*a.gy, out_, a.gy_mode);
  if (a.gtheta_mode != ODEON_WRITE_SKIP) write(*a.gtheta, gtheta_sum_, a.gtheta_mode);
  if (a.gt_mode != ODEON_WRITE_SKIP) write(*a.gt, gt_, a.gt_mode);
}

odeon_field_api BatchInstance::table(bool vjp) {
  odeon_field_api api{};
  api.struct_size = sizeof api;
  api.destroy = [](odeon_field* field) { delete &self(field); };
  api.info = info;
  api.eval = [](odeon_field* field, odeon_queue*, odeon_scalar t, const odeon_tensor* y,
                const odeon_tensor* theta, const odeon_tensor* dy) {
    return guarded([&] { self(field).eval(t, *y, theta, *dy, ODEON_WRITE_OVERWRITE); });
  };
  if (vjp)
    api.vjp = [](odeon_field* field, odeon_queue*, const odeon_vjp_args* args) {
      return guarded([&] { self(field).vjp(*args); });
    };
  return api;
}

}  // namespace odeon::host
