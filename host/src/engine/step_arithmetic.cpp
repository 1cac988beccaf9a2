#include "engine/step_arithmetic.hpp"

#include <algorithm>
#include <cmath>

#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// The larger one; NaN wins.
double worse(double a, double b) { return std::isnan(a) || a > b ? a : b; }

}  // namespace

StepArithmetic::StepArithmetic(odeon_problem& problem)
    : p_(problem), w_(*problem.work), s_(problem.solver.settings) {}

void StepArithmetic::combine(const odeon_tensor& z, const odeon_tensor* base, double h,
                             std::span<const double> c, std::span<const odeon_tensor> x) {
  size_t n = 0;
  for (size_t i = 0; i < c.size(); ++i)
    if (c[i] != 0) w_.coefficients[n] = c[i], w_.terms[n++] = x[i];
  p_.backend->lincomb(z, base, h, {w_.coefficients.data(), n}, {w_.terms.data(), n});
}

double StepArithmetic::scaled_norm(double scale, std::span<const double> c, std::span<const odeon_tensor> x,
                                   const odeon_tensor& a, const odeon_tensor* b) {
  const int64_t part = element_count(a) / p_.parts, part_bytes = part * dtype_bytes(p_.dtype);
  const auto slice = [&](const odeon_tensor& whole, int32_t i) {
    return make_tensor(static_cast<char*>(whole.data) + i * part_bytes, p_.dtype,
                       std::span<const int64_t>(whole.shape + (p_.parts > 1 || whole.rank > rank() ? 1 : 0),
                                                size_t(rank())));
  };
  double largest = 0;
  for (int32_t i = 0; i < p_.parts; ++i) {
    size_t n = 0;
    for (size_t j = 0; j < c.size(); ++j)
      if (c[j] != 0) w_.coefficients[n] = c[j], w_.terms[n++] = slice(x[j], i);
    const odeon_tensor ai = slice(a, i), bi = b ? slice(*b, i) : odeon_tensor{};
    largest = worse(largest, norm(scale, n, ai, b ? &bi : nullptr, w_.norms + i));
  }
  return largest;
}

int32_t StepArithmetic::rank() const {
  return static_cast<int32_t>(p_.state_shape.size()) - (p_.parent ? 1 : 0);
}

double StepArithmetic::norm(double scale, size_t n, const odeon_tensor& a, const odeon_tensor* b,
                            double* result) {
  odeon_error_norm_args e{};
  e.struct_size = sizeof e;
  e.norm = s_.norm == Norm::rms ? ODEON_NORM_RMS : ODEON_NORM_MAX;
  e.n_terms = static_cast<int32_t>(n);
  e.coefficients = w_.coefficients.data();
  e.terms = w_.terms.data();
  e.scale = host_scalar(scale);
  e.y0 = &a;
  e.y1 = b;
  e.rtol = s_.rtol[0], e.atol = s_.atol[0];
  e.rtol_vector = static_cast<const double*>(w_.rtol.data);
  e.atol_vector = static_cast<const double*>(w_.atol.data);
  call(p_.backend->name(), p_.backend->api().error_norm, p_.backend->queue(), &e, result);
  return p_.backend->read(result);
}

double StepArithmetic::error_of_step(double h) {
  const double error = scaled_norm(h, p_.solver.method->error_weights(), w_.k, w_.y[0], &w_.y[1]);
  return worse(error, error_of_quadrature(h));
}

double StepArithmetic::error_of_quadrature(double h) {
  if (!p_.quadrature_in_norm) return 0;
  const Method& m = *p_.solver.method;
  combine(w_.quadrature[1], &w_.quadrature[0], h, m.b(), w_.q);
  size_t n = 0;
  for (size_t j = 0; j < static_cast<size_t>(m.stages()); ++j)
    if (m.error_weights()[j] != 0) w_.coefficients[n] = m.error_weights()[j], w_.terms[n++] = w_.q[j];
  return norm(h, n, w_.quadrature[0], &w_.quadrature[1], w_.norms + p_.parts);
}

// Not by a norm: that of a zero whose atol is zero is no number.
bool StepArithmetic::is_finite(const odeon_tensor& x) {
  call(p_.backend->name(), p_.backend->api().reduce, p_.backend->queue(), int32_t{ODEON_REDUCE_SUM}, &x,
       w_.norms);
  return std::isfinite(p_.backend->read(w_.norms));
}

double StepArithmetic::dot(const odeon_tensor& a, const odeon_tensor& b) {
  call(p_.backend->name(), p_.backend->api().dot, p_.backend->queue(), &a, &b, w_.norms);
  return p_.backend->read(w_.norms);
}

bool StepArithmetic::grows_without_bound(const odeon_tensor& x, const odeon_tensor& began) {
  return grows_without_bound(std::sqrt(dot(x, x)), std::sqrt(dot(began, began)));
}

bool StepArithmetic::grows_without_bound(double norm, double began) {
  constexpr double kBeyond = 1e8;
  return norm > kBeyond * std::max(1.0, began);
}

}  // namespace odeon::host
