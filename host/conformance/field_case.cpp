#include "conformance/field_case.hpp"

#include <cmath>
#include <random>

#include "conformance/allocations.hpp"
#include "experiment/session.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

std::shared_ptr<Field> make_field(const Subject& s) {
  const auto shape = s.given.state.empty() ? std::nullopt : std::optional(s.given.state);
  return Field::create(*s.component, &s.choice().options.value(), shape);
}

}  // namespace

Numbers random_numbers(int64_t count, uint32_t seed, double low, double high) {
  std::mt19937 engine(seed);
  Numbers out(static_cast<size_t>(count));
  // A third of the last place: sums of numbers with few digits would be exact in any order.
  for (double& x : out) x = low + (high - low) * (double(engine()) + 1. / 3) / 4294967296.0;
  return out;
}

double largest(const Numbers& x) {
  double most = 0;
  for (const double e : x) most = std::max(most, std::abs(e));
  return most;
}

double largest_difference(const Numbers& x, const Numbers& y) {
  double most = 0;
  for (size_t i = 0; i < x.size(); ++i)
    most = std::isfinite(x[i] - y[i]) ? std::max(most, std::abs(x[i] - y[i])) : INFINITY;
  return most;
}

FieldCase::FieldCase(const Subject& s, int64_t batch, int32_t dtype)
    : backend_(s.open_backend()),
      field_(make_field(s)),
      program_(backend_, field_, dtype, batch),
      batch_(batch),
      row_(checked_count(field_->state_shape())),
      dtype_(dtype) {
  std::vector<int64_t> shape = field_->state_shape();
  shape.insert(shape.begin(), batch);
  for (DeviceTensor* x : {&y_, &v_, &dy_, &gy_}) *x = DeviceTensor(backend_, dtype, shape);
  const int64_t parameters[] = {field_->parameter_count()}, rows[] = {batch};
  for (DeviceTensor* x : {&theta_, &gtheta_}) *x = DeviceTensor(backend_, dtype, parameters);
  gt_ = DeviceTensor(backend_, dtype, rows);
  t_ = DeviceTensor(backend_, ODEON_F64, rows);
}

FieldData FieldCase::data(uint32_t seed) const {
  const odeon_field_info& info = field_->info();
  const ParameterSet p = initial_parameters({info.slots, static_cast<size_t>(info.n_slots)}, ODEON_F64, seed);
  return {random_numbers(batch_ * row_, seed, 0.2, 0.8), p.flat.to_doubles(),
          random_numbers(batch_, seed + 1, 0.1, 0.9)};
}

Numbers FieldCase::eval(const FieldData& d, bool time_per_row) {
  put(t_, d.t), put(y_, d.y), put(theta_, d.theta);
  backend_->fill(dy_.view, std::nan(""));
  const odeon_scalar t =
      time_per_row ? odeon_scalar{0, odeon::data<const double>(t_.view), 1} : host_scalar(d.t[0]);
  program_.eval(t, y_.view, d.theta.empty() ? nullptr : &theta_.view, dy_.view);
  return get(dy_);
}

Numbers FieldCase::eval_by_itself(const FieldData& d) {
  const odeon_field_api& api = field_->api();
  if (api.bind)
    call(field_->name(), api.bind, field_->handle(), &backend_->api(), backend_->handle(), dtype_, batch_);
  put(t_, d.t), put(y_, d.y), put(theta_, d.theta);
  const odeon_scalar t{0, odeon::data<const double>(t_.view), 1};
  call(field_->name(), api.eval, field_->handle(), backend_->queue(), t, &y_.view,
       d.theta.empty() ? nullptr : &theta_.view, &dy_.view);
  return get(dy_);
}

VjpResult FieldCase::vjp(const FieldData& d, const Numbers& v, const VjpModes& modes) {
  put(t_, d.t), put(y_, d.y), put(theta_, d.theta), put(v_, v);
  for (DeviceTensor* x : {&dy_, &gy_, &gtheta_, &gt_}) backend_->fill(x->view, modes.before);
  odeon_vjp_args a{};
  a.struct_size = sizeof a;
  a.dy_mode = modes.dy, a.gy_mode = modes.gy, a.gt_mode = modes.gt;
  a.gtheta_mode = d.theta.empty() ? ODEON_WRITE_SKIP : modes.gtheta;
  a.t = {0, odeon::data<const double>(t_.view), 1};
  a.y = &y_.view;
  a.theta = d.theta.empty() ? nullptr : &theta_.view;
  a.v = &v_.view;
  a.dy = &dy_.view, a.gy = &gy_.view, a.gtheta = &gtheta_.view, a.gt = &gt_.view;
  program_.vjp(a);
  return {get(dy_), get(gy_), get(gtheta_), get(gt_)};
}

Numbers FieldCase::jvp(const FieldData& d, const Numbers& u) {
  put(y_, d.y), put(theta_, d.theta), put(v_, u);
  const bool known =
      program_.jvp(d.t[0], y_.view, d.theta.empty() ? nullptr : &theta_.view, v_.view, gy_.view);
  return known ? get(gy_) : Numbers{};
}

FieldData FieldCase::inputs() const { return {get(y_), get(theta_), get(t_)}; }

long FieldCase::allocations_of(const FieldData& d, int evaluations) {
  eval(d);  // what the first one sets up stays
  const long before = *allocations();
  for (int i = 0; i < evaluations; ++i)
    program_.eval(host_scalar(d.t[0]), y_.view, d.theta.empty() ? nullptr : &theta_.view, dy_.view);
  return *allocations() - before;
}

DeviceTensor& FieldCase::put(DeviceTensor& to, const Numbers& from) {
  const Array cast = Array::of(from, {static_cast<int64_t>(from.size())}).cast(to.view.dtype);
  backend_->upload(to.view.data, cast.bytes.data(), static_cast<int64_t>(cast.bytes.size()));
  return to;
}

Numbers FieldCase::get(const DeviceTensor& from) const {
  Array a = Array::zeros(from.view.dtype, {from.view.shape, from.view.shape + from.view.rank});
  backend_->download(a.bytes.data(), from.view.data, byte_count(from.view));
  return a.to_doubles();
}

}  // namespace odeon::host::conformance
