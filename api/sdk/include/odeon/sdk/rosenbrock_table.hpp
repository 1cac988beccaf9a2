// Rosenbrock methods as constants that check themselves. Stages and step, for J = df/dy and f_t = df/dt at
// (t0, y0):
//   (1/(h g) I - J) u_i = f(t0 + alpha_i h, y0 + sum_j a_ij u_j) + sum_j c_ij u_j / h + h gamma_i f_t
//   y1 = y0 + sum_i m_i u_i,  y_hat likewise with m_hat
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), section IV.7, equations (7.25).
#pragma once
#include <array>
#include <cstddef>

namespace odeon {

template <size_t S>
using Row = std::array<double, S>;
template <size_t S>
using Square = std::array<Row<S>, S>;

// S stages; dense output y(t0 + x h) = y0 + sum_i u_i sum_d dense[i][d-1] x^d of degree D.
template <size_t S, size_t D>
struct RosenbrockTable {
  int order = 0, embedded_order = 0;
  double g = 0;
  Row<S> alpha{}, gamma{};
  Square<S> a{}, c{};
  Row<S> m{}, m_hat{};
  std::array<std::array<double, D>, S> dense{};
  int dense_order = 0;
};

// The classical form: k_i = f(y0 + h sum_j alpha_ij k_j) + h J sum_j gamma_ij k_j, y1 = y0 + h sum_i b_i k_i.
template <size_t S, size_t D>
struct ClassicalRosenbrock {
  int order = 0, embedded_order = 0;
  Square<S> alpha{}, gamma{};  // gamma with its diagonal
  Row<S> b{}, b_hat{};
  std::array<std::array<double, D>, S> dense{};  // for k
  int dense_order = 0;
};

namespace detail {

template <size_t S>
constexpr Row<S> sums(const Square<S>& x) {
  Row<S> out{};
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < S; ++j) out[i] += x[i][j];
  return out;
}

template <size_t S>
constexpr Square<S> product(const Square<S>& x, const Square<S>& y) {
  Square<S> out{};
  for (size_t i = 0; i < S; ++i)
    for (size_t k = 0; k < S; ++k)
      for (size_t j = 0; j < S; ++j) out[i][j] += x[i][k] * y[k][j];
  return out;
}

// x^T y for a vector x.
template <size_t S>
constexpr Row<S> product(const Row<S>& x, const Square<S>& y) {
  Row<S> out{};
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < S; ++j) out[j] += x[i] * y[i][j];
  return out;
}

template <size_t S>
constexpr Square<S> inverse_of_lower(const Square<S>& l) {
  Square<S> out{};
  for (size_t j = 0; j < S; ++j)
    for (size_t i = j; i < S; ++i) {
      double sum = i == j ? 1 : 0;
      for (size_t k = j; k < i; ++k) sum -= l[i][k] * out[k][j];
      out[i][j] = sum / l[i][i];
    }
  return out;
}

template <size_t S, size_t D>
constexpr Row<S> column(const std::array<std::array<double, D>, S>& x, size_t d) {
  Row<S> out{};
  for (size_t i = 0; i < S; ++i) out[i] = x[i][d];
  return out;
}

}  // namespace detail

// u = Gamma k h: alpha = a Gamma, 1/g I - c = Gamma^-1, b = m Gamma.
template <size_t S, size_t D>
constexpr RosenbrockTable<S, D> to_table(const ClassicalRosenbrock<S, D>& k) {
  const Square<S> inverse = detail::inverse_of_lower(k.gamma);
  RosenbrockTable<S, D> t{.order = k.order,
                          .embedded_order = k.embedded_order,
                          .g = k.gamma[0][0],
                          .alpha = detail::sums(k.alpha),
                          .gamma = detail::sums(k.gamma),
                          .a = detail::product(k.alpha, inverse),
                          .m = detail::product(k.b, inverse),
                          .m_hat = detail::product(k.b_hat, inverse),
                          .dense_order = k.dense_order};
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < i; ++j) t.c[i][j] = -inverse[i][j];
  for (size_t d = 0; d < D; ++d) {
    const Row<S> weights = detail::product(detail::column(k.dense, d), inverse);
    for (size_t i = 0; i < S; ++i) t.dense[i][d] = weights[i];
  }
  return t;
}

template <size_t S, size_t D>
constexpr ClassicalRosenbrock<S, D> to_classical(const RosenbrockTable<S, D>& t) {
  ClassicalRosenbrock<S, D> k{
      .order = t.order, .embedded_order = t.embedded_order, .dense_order = t.dense_order};
  Square<S> inverse{};
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j <= i; ++j) inverse[i][j] = i == j ? 1 / t.g : -t.c[i][j];
  k.gamma = detail::inverse_of_lower(inverse);
  k.alpha = detail::product(t.a, k.gamma);
  k.b = detail::product(t.m, k.gamma);
  k.b_hat = detail::product(t.m_hat, k.gamma);
  for (size_t d = 0; d < D; ++d) {
    const Row<S> weights = detail::product(detail::column(t.dense, d), k.gamma);
    for (size_t i = 0; i < S; ++i) k.dense[i][d] = weights[i];
  }
  return k;
}

}  // namespace odeon
