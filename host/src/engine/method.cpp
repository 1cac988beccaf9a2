#include "engine/method.hpp"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "data/error.hpp"

namespace odeon::host {

Method::Method(const odeon_tableau& t, const std::string& id)
    : s_(t.stages), order_(t.order), error_order_(t.order), tableau_(&t) {
  const size_t s = static_cast<size_t>(s_);
  a_.assign(t.a, t.a + s * s);
  b_.assign(t.b, t.b + s);
  c_.assign(t.c, t.c + s);
  e_.assign(s, 0.0);
  for (size_t i = 0; i < s; ++i)
    for (size_t j = i; j < s; ++j) {
      explicit_ &= a_[i * s + j] == 0;
      diagonal_ &= j == i || a_[i * s + j] == 0;
    }
  first_explicit_ = std::all_of(a_.begin(), a_.begin() + s_, [](double x) { return x == 0; });
  for (size_t i = first_explicit_ ? 1 : 0; !diagonal_ && i < s; ++i)
    if (first_explicit_ ? std::all_of(&a_[i * s + 1], &a_[i * s] + s, [](double x) { return x == 0; })
                        : std::all_of(&a_[i * s], &a_[i * s] + s, [](double x) { return x == 0; }))
      throw RunError("solver '" + id + "' couples its stages and has an explicit one (" + std::to_string(i) +
                     ") among them, which this engine cannot solve; put explicit stages first or use a " +
                     "diagonally implicit form");
  if (t.b_hat) {
    has_estimate_ = true;
    error_order_ = std::min(t.order, t.embedded_order) + 1;
    for (size_t i = 0; i < s; ++i) e_[i] = b_[i] - t.b_hat[i];
  }
  stiffly_accurate_ = c_.back() == 1 && std::equal(b_.begin(), b_.end(), &a_[(s - 1) * s]);
  fsal_ = s_ > 1 && stiffly_accurate_;
  if (t.dense && t.dense_degree > 0) {
    dense_degree_ = t.dense_degree;
    dense_.assign(t.dense, t.dense + s * static_cast<size_t>(t.dense_degree));
  }
  if (ODEON_HAS(&t, a_explicit) && t.a_explicit) {
    split_.assign(t.a_explicit, t.a_explicit + s * s);
    for (size_t i = 0; i < s * s; ++i) split_[i] -= a_[i];
  }
  derive_stability();
}

std::complex<double> Method::stability(std::complex<double> z, std::span<const double> w) const {
  Eigen::MatrixXcd m = Eigen::MatrixXcd::Identity(s_, s_);
  for (int i = 0; i < s_; ++i)
    for (int j = 0; j < s_; ++j) m(i, j) -= z * a(i, j);
  const Eigen::VectorXcd k = m.partialPivLu().solve(Eigen::VectorXcd::Ones(s_));
  std::complex<double> sum = 0;
  for (int i = 0; i < s_; ++i) sum += w[size_t(i)] * k(i);
  return 1.0 + z * sum;
}

void Method::derive_stability() {
  constexpr double kFar = 1e8, kBound = 1 + 1e-9;
  const auto stable = [&](double x) { return std::abs(stability(-x, b_)) <= kBound; };
  if (explicit_) {
    constexpr double kStep = 0.05, kMost = 100;
    while (real_stability_ < kMost && stable(real_stability_ + kStep)) real_stability_ += kStep;
    return;
  }
  stiff_ = true;
  for (double x = 1e-3; stiff_ && x <= kFar; x *= 1.5) stiff_ = stable(x);
  if (!has_estimate_) return;
  std::vector<double> b_hat(b_);
  for (size_t i = 0; i < b_hat.size(); ++i) b_hat[i] -= e_[i];
  estimate_needs_filter_ = std::abs(stability(-kFar, b_hat)) > 1e3;
}

void Method::weights(Dense dense, double x, bool derivative, std::span<double> w, size_t begin,
                     size_t end) const {
  const size_t s = static_cast<size_t>(s_);
  std::fill(w.begin(), w.end(), 0.0);
  if (dense == Dense::method) {
    const size_t degree = static_cast<size_t>(dense_degree_);
    for (size_t i = 0; i < s; ++i) {
      double sum = 0;  // Horner on sum_d dense[i, d-1] x^d
      for (size_t d = degree; d-- > 0;)
        sum = derivative ? sum * x + double(d + 1) * dense_[i * degree + d]
                         : (sum + dense_[i * degree + d]) * x;
      w[i] = sum;
    }
    return;
  }
  const double end_weight =
      dense == Dense::linear ? (derivative ? 1 : x) : (derivative ? 6 * x * (1 - x) : x * x * (3 - 2 * x));
  for (size_t i = 0; i < s; ++i) w[i] = end_weight * b_[i];
  if (dense == Dense::hermite) {
    w[begin] += derivative ? (1 - x) * (1 - 3 * x) : x * (1 - x) * (1 - x);
    w[end] += derivative ? x * (3 * x - 2) : x * x * (x - 1);
  }
}

}  // namespace odeon::host
