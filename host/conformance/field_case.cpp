#include "conformance/field_case.hpp"

#include <cmath>

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
  write(*backend_, t_, d.t), write(*backend_, y_, d.y), write(*backend_, theta_, d.theta);
  backend_->fill(dy_.view, std::nan(""));
  const odeon_scalar t =
      time_per_row ? odeon_scalar{0, odeon::data<const double>(t_.view), 1} : host_scalar(d.t[0]);
  program_.eval(t, y_.view, d.theta.empty() ? nullptr : &theta_.view, dy_.view);
  return read(*backend_, dy_);
}

Numbers FieldCase::eval_by_itself(const FieldData& d) {
  const odeon_field_api& api = field_->api();
  if (api.bind)
    call(field_->name(), api.bind, field_->handle(), &backend_->api(), backend_->handle(), dtype_, batch_);
  write(*backend_, t_, d.t), write(*backend_, y_, d.y), write(*backend_, theta_, d.theta);
  const odeon_scalar t{0, odeon::data<const double>(t_.view), 1};
  call(field_->name(), api.eval, field_->handle(), backend_->queue(), t, &y_.view,
       d.theta.empty() ? nullptr : &theta_.view, &dy_.view);
  return read(*backend_, dy_);
}

Numbers FieldCase::eval_halves(const FieldData& d) {
  write(*backend_, t_, d.t), write(*backend_, y_, d.y), write(*backend_, theta_, d.theta);
  const Field::Halves& halves = *field_->halves();
  const odeon_scalar t{0, odeon::data<const double>(t_.view), 1};
  int32_t mode = ODEON_WRITE_OVERWRITE;
  for (const Graph* graph : {&halves.implicit_half, &halves.explicit_half}) {
    GraphProgram(backend_, *graph, dtype_, batch_)
        .run({t, d.theta.empty() ? nullptr : &theta_.view, {&y_.view, 1}, {&dy_.view, 1}, {&mode, 1}});
    mode = ODEON_WRITE_ACCUMULATE;
  }
  return read(*backend_, dy_);
}

VjpResult FieldCase::vjp(const FieldData& d, const Numbers& v, const VjpModes& modes) {
  write(*backend_, t_, d.t), write(*backend_, y_, d.y), write(*backend_, theta_, d.theta),
      write(*backend_, v_, v);
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
  return {read(*backend_, dy_), read(*backend_, gy_), read(*backend_, gtheta_), read(*backend_, gt_)};
}

Numbers FieldCase::jvp(const FieldData& d, const Numbers& u) {
  write(*backend_, y_, d.y), write(*backend_, theta_, d.theta), write(*backend_, v_, u);
  const bool known =
      program_.jvp(d.t[0], y_.view, d.theta.empty() ? nullptr : &theta_.view, v_.view, gy_.view);
  return known ? read(*backend_, gy_) : Numbers{};
}

FieldData FieldCase::inputs() const {
  return {read(*backend_, y_), read(*backend_, theta_), read(*backend_, t_)};
}

long FieldCase::allocations_of(const FieldData& d, int evaluations) {
  eval(d);  // what the first one sets up stays
  const long before = *allocations();
  for (int i = 0; i < evaluations; ++i)
    program_.eval(host_scalar(d.t[0]), y_.view, d.theta.empty() ? nullptr : &theta_.view, dy_.view);
  return *allocations() - before;
}

}  // namespace odeon::host::conformance
