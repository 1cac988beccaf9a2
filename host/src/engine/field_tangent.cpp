#include "engine/field_tangent.hpp"

#include <algorithm>
#include <cmath>

#include "engine/round_off.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

void FieldTangent::operator()(const odeon_jvp_args& args) {
  if (p_.field->field().graph())
    by_graph(args);
  else
    by_differences(args);
}

void FieldTangent::by_graph(const odeon_jvp_args& args) {
  if (args.theta_dot)
    along_parameters(args);
  else if (args.u)
    p_.field->jvp(args.t.value, *args.y, theta(), *args.u, *args.Ju);
  else
    p_.backend->fill(*args.Ju, 0);
  if (args.t_dot == 0) return;
  if (!time_part_) time_part_.emplace(p_.backend, p_.dtype, p_.state_shape);
  p_.field->time_derivative(args.t.value, *args.y, theta(), time_part_->view);
  p_.backend->lincomb(*args.Ju, args.Ju, 1, {&args.t_dot, 1}, {&time_part_->view, 1});
}

void FieldTangent::along_parameters(const odeon_jvp_args& args) {
  Program& p = along_parameters_[args.u ? 1 : 0];
  if (!p.program) {
    ParameterTangent tangent = parameter_tangent(*p_.field->field().graph(), args.u != nullptr);
    p.slices = std::move(tangent.slices);
    p.program = std::make_unique<GraphProgram>(p_.backend, std::move(tangent.graph), p_.dtype, p_.batch);
  }
  inputs_.assign(1, *args.y);
  if (args.u) inputs_.push_back(*args.u);
  for (const ParameterTangent::Slice& s : p.slices)
    inputs_.push_back(make_tensor(static_cast<char*>(args.theta_dot->data) + s.offset * dtype_bytes(p_.dtype),
                                  p_.dtype, s.shape));
  const int32_t mode = ODEON_WRITE_OVERWRITE;
  p.program->run({args.t, theta(), inputs_, {args.Ju, 1}, {&mode, 1}});
}

// (f(x + d x') - f(x - d x')) / (2 d) with x = (y, θ, t).
void FieldTangent::by_differences(const odeon_jvp_args& args) {
  if (!work_) {
    const int64_t n_theta[] = {p_.field->field().parameter_count()}, one[] = {1};
    work_.emplace(Work{{p_.backend, p_.dtype, p_.state_shape},
                       {p_.backend, p_.dtype, n_theta},
                       {p_.backend, p_.dtype, p_.state_shape},
                       {p_.backend, ODEON_F64, one}});
  }
  Work& w = *work_;
  const double d = step(args);
  if (d == 0) return p_.backend->fill(*args.Ju, 0);
  const auto moved = [&](double by, const odeon_tensor& dy) {
    const odeon_tensor *y = args.y, *th = theta();
    if (args.u) p_.backend->lincomb(w.y.view, y, by, std::array{1.0}, {args.u, 1}), y = &w.y.view;
    if (args.theta_dot && th)
      p_.backend->lincomb(w.theta.view, th, by, std::array{1.0}, {args.theta_dot, 1}), th = &w.theta.view;
    p_.field->eval(host_scalar(args.t.value + by * args.t_dot), *y, th, dy);
  };
  moved(d, w.above.view);
  moved(-d, *args.Ju);
  const double weights[] = {1 / (2 * d), -1 / (2 * d)};
  const odeon_tensor terms[] = {w.above.view, *args.Ju};
  p_.backend->lincomb(*args.Ju, nullptr, 1, weights, terms);
}

// Each of y, θ and t moves by at most the cube root of the round-off of its size; 0: nothing moves.
double FieldTangent::step(const odeon_jvp_args& args) {
  const double relative = std::cbrt(unit_round_off(p_.dtype));
  constexpr double kLeastSize = 1e-3;  // of something that may be zero
  double d = INFINITY;
  const auto limit = [&](double size, double speed) {
    if (speed > 0) d = std::min(d, relative * std::max(size, kLeastSize) / speed);
  };
  if (args.u) limit(length(*args.y), length(*args.u));
  if (args.theta_dot && theta()) limit(length(p_.theta), length(*args.theta_dot));
  limit(std::max(std::abs(args.t.value), 1.0), std::abs(args.t_dot));
  return std::isfinite(d) ? d : 0;
}

double FieldTangent::length(const odeon_tensor& x) {
  double* number = static_cast<double*>(work_->number.view.data);
  call(p_.backend->name(), p_.backend->api().dot, p_.backend->queue(), &x, &x, number);
  return std::sqrt(p_.backend->read(number));
}

}  // namespace odeon::host
