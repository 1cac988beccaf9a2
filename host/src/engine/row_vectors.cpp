#include "engine/row_vectors.hpp"

#include "engine/rows.hpp"
#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

RowVectors::RowVectors(odeon_problem& problem)
    : p_(problem),
      b_(*problem.backend),
      slots_(static_cast<size_t>(problem.batch)),
      downloaded_(static_cast<size_t>(problem.batch)) {
  const auto make = [&](int32_t dtype, std::span<const int64_t> shape) {
    odeon_tensor x = make_tensor(nullptr, dtype, shape);
    buffers_.emplace_back(p_.backend, byte_count(x));
    x.data = buffers_.back().data();
    return x;
  };
  for (odeon_tensor* x : {&y, &y1, &stage}) *x = make(p_.dtype, p_.state_shape);
  for (int i = 0; i <= p_.solver.method->stages(); ++i) k.push_back(make(p_.dtype, p_.state_shape));
  const int64_t rows[] = {p_.batch};
  for (double** x : {&times_, &factors_, &norms_}) *x = data<double>(make(ODEON_F64, rows));
  mask_ = data<uint8_t>(make(ODEON_U8, rows));
}

FieldProgram& RowVectors::program() {
  const int64_t rows = static_cast<int64_t>(slots_);
  if (rows == p_.batch) return *p_.field;
  auto& program = programs_[rows];
  if (!program) program = std::make_unique<FieldProgram>(p_.backend, p_.shared_field, p_.dtype, rows);
  return *program;
}

odeon_tensor RowVectors::in_front(const odeon_tensor& x) const {
  odeon_tensor view = x;
  view.shape[0] = static_cast<int64_t>(slots_);
  return view;
}

void RowVectors::gather(std::span<const double> c, std::span<const odeon_tensor> x) {
  coefficients_.clear(), terms_.clear();
  for (size_t i = 0; i < c.size(); ++i)
    if (c[i] != 0) coefficients_.push_back(c[i]), terms_.push_back(in_front(x[i]));
}

odeon_scalar RowVectors::by_slot(std::span<const double> numbers) {
  b_.upload(factors_, numbers.data(), static_cast<int64_t>(slots_ * sizeof(double)));
  return {0, factors_, 1};
}

void RowVectors::combine(const odeon_tensor& z, odeon_scalar h, std::span<const double> c) {
  gather(c, k);
  const odeon_tensor to = in_front(z), base = in_front(y);
  call(b_.name(), b_.api().lincomb, b_.queue(), &to, &base, h, static_cast<int32_t>(terms_.size()),
       coefficients_.data(), terms_.data());
}

void RowVectors::eval(std::span<const double> t, const odeon_tensor& at, const odeon_tensor& dy) {
  ++p_.counters->evaluations;
  b_.upload(times_, t.data(), static_cast<int64_t>(slots_ * sizeof(double)));
  program().eval({0, times_, 1}, in_front(at), p_.theta.data ? &p_.theta : nullptr, in_front(dy));
}

std::span<const double> RowVectors::norms(odeon_scalar scale, std::span<const double> c,
                                          std::span<const odeon_tensor> x, bool both_ends) {
  gather(c, x);
  const odeon_tensor a = in_front(y), b = in_front(y1);
  const SolverSettings& s = p_.solver.settings;
  odeon_error_norm_args e{};
  e.struct_size = sizeof e;
  e.norm = s.norm == Norm::rms ? ODEON_NORM_RMS : ODEON_NORM_MAX;
  e.per_row = 1;
  e.n_terms = static_cast<int32_t>(terms_.size());
  e.coefficients = coefficients_.data();
  e.terms = terms_.data();
  e.scale = scale;
  e.y0 = &a;
  e.y1 = both_ends ? &b : nullptr;
  e.rtol = s.rtol[0], e.atol = s.atol[0];
  e.rtol_vector = static_cast<const double*>(p_.work->rtol.data);
  e.atol_vector = static_cast<const double*>(p_.work->atol.data);
  call(b_.name(), b_.api().error_norm, b_.queue(), &e, norms_);
  b_.download(downloaded_.data(), norms_, static_cast<int64_t>(slots_ * sizeof(double)));
  return {downloaded_.data(), slots_};
}

void RowVectors::select(std::span<const uint8_t> mask,
                        std::span<const std::pair<odeon_tensor, odeon_tensor>> pairs) {
  b_.upload(mask_, mask.data(), static_cast<int64_t>(slots_));
  for (const auto& [to, from] : pairs) {
    const odeon_tensor z = in_front(to), a = in_front(from);
    call(b_.name(), b_.api().select, b_.queue(), &z, mask_, &a, &z);
  }
}

void RowVectors::combine_row(const odeon_tensor& out, size_t slot, double h, std::span<const double> c) {
  const int64_t r = static_cast<int64_t>(slot);
  gather(c, k);
  for (odeon_tensor& term : terms_) term = row_of(term, r);
  const odeon_tensor base = row_of(y, r);
  b_.lincomb(out, &base, h, coefficients_, terms_);
}

void RowVectors::move_row(size_t to, size_t from) {
  for (const odeon_tensor* x : {&y, &k[0]})
    b_.copy(row_of(*x, static_cast<int64_t>(to)), row_of(*x, static_cast<int64_t>(from)));
}

}  // namespace odeon::host
