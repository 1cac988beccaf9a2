// Butcher tableaus as constants that check themselves. Order conditions: E. Hairer, S. P. Norsett,
// G. Wanner, Solving Ordinary Differential Equations I (1993), section II.2.
#pragma once
#include <odeon/solver.h>

#include <array>
#include <cstddef>
#include <initializer_list>

namespace odeon {

// S stages; dense output of degree D in x (0: the host uses cubic Hermite).
template <size_t S, size_t D = 0>
struct Tableau {
  int order = 0;
  int embedded_order = 0;  // 0: no embedded row
  std::array<double, S> c{};
  std::array<std::array<double, S>, S> a{};
  std::array<std::array<double, S>, S> a_explicit{};  // of an additive method; zero: it is none
  std::array<double, S> b{};
  std::array<double, S> b_hat{};
  std::array<std::array<double, D == 0 ? 1 : D>, S> dense{};
  int dense_order = 3;
};

namespace detail {
constexpr bool near(double x, double y) { return x - y < 1e-13 && y - x < 1e-13; }
}  // namespace detail

template <size_t S, size_t D>
constexpr bool is_explicit(const Tableau<S, D>& m) {
  for (size_t i = 0; i < S; ++i)
    for (size_t j = i; j < S; ++j)
      if (m.a[i][j] != 0) return false;
  return true;
}

template <size_t S, size_t D>
constexpr bool is_additive(const Tableau<S, D>& m) {
  for (const auto& row : m.a_explicit)
    for (double x : row)
      if (x != 0) return true;
  return false;
}

// a is lower triangular and a_explicit strictly so: the halves' stages follow from those before.
template <size_t S, size_t D>
constexpr bool halves_are_triangular(const Tableau<S, D>& m) {
  for (size_t i = 0; i < S; ++i)
    for (size_t j = i; j < S; ++j)
      if ((j > i && m.a[i][j] != 0) || m.a_explicit[i][j] != 0) return false;
  return true;
}

namespace detail {

template <size_t S>
constexpr bool sums_to(const std::array<std::array<double, S>, S>& a, const std::array<double, S>& c) {
  for (size_t i = 0; i < S; ++i) {
    double sum = 0;
    for (size_t j = 0; j < S; ++j) sum += a[i][j];
    if (!near(sum, c[i])) return false;
  }
  return true;
}

// The conditions of the rooted trees with up to four nodes, for the weights w. `a` stands next to the root,
// `inner` behind it: of an additive method, whose trees have nodes of two kinds, each may be either half's.
template <size_t S>
constexpr bool conditions_hold(const std::array<double, S>& node,
                               const std::array<std::array<double, S>, S>& a,
                               const std::array<std::array<double, S>, S>& inner,
                               const std::array<double, S>& w, int order) {
  std::array<double, S> ac{}, acc{}, ic{}, aic{};
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < S; ++j) {
      ac[i] += a[i][j] * node[j];
      acc[i] += a[i][j] * node[j] * node[j];
      ic[i] += inner[i][j] * node[j];
    }
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < S; ++j) aic[i] += a[i][j] * ic[j];
  double s1 = 0, s2 = 0, s3 = 0, s4 = 0, s5 = 0, s6 = 0, s7 = 0, s8 = 0;
  for (size_t i = 0; i < S; ++i) {
    const double c = node[i];
    s1 += w[i];
    s2 += w[i] * c;
    s3 += w[i] * c * c;
    s4 += w[i] * ac[i];
    s5 += w[i] * c * c * c;
    s6 += w[i] * c * ac[i];
    s7 += w[i] * acc[i];
    s8 += w[i] * aic[i];
  }
  if (order >= 1 && !near(s1, 1)) return false;
  if (order >= 2 && !near(s2, 1. / 2)) return false;
  if (order >= 3 && !(near(s3, 1. / 3) && near(s4, 1. / 6))) return false;
  if (order >= 4 && !(near(s5, 1. / 4) && near(s6, 1. / 8) && near(s7, 1. / 12) && near(s8, 1. / 24)))
    return false;
  return true;
}

}  // namespace detail

// c_i = sum_j a_ij: the method is invariant under making the system autonomous.
template <size_t S, size_t D>
constexpr bool row_sums_hold(const Tableau<S, D>& m) {
  return detail::sums_to(m.a, m.c) && (!is_additive(m) || detail::sums_to(m.a_explicit, m.c));
}

// Up to order 4, for the weights w; of an additive method for every mixture of its halves.
template <size_t S, size_t D>
constexpr bool order_conditions_hold(const Tableau<S, D>& m, const std::array<double, S>& w, int order) {
  if (!is_additive(m)) return detail::conditions_hold(m.c, m.a, m.a, w, order);
  for (const auto* a : {&m.a, &m.a_explicit})
    for (const auto* inner : {&m.a, &m.a_explicit})
      if (!detail::conditions_hold(m.c, *a, *inner, w, order)) return false;
  return true;
}

// Quartic dense output from both ends, their derivatives and the midpoint y0 + h sum_i mid_i k_i,
// for methods whose last stage is f(t1, y1). L. F. Shampine, Math. Comp. 46 (1986) 135-150.
template <size_t S>
constexpr std::array<std::array<double, 4>, S> quartic_dense(const std::array<double, S>& b,
                                                             const std::array<double, S>& mid) {
  std::array<std::array<double, 4>, S> w{};
  for (size_t i = 0; i < S; ++i) {
    const double first = i == 0 ? 1 : 0, last = i == S - 1 ? 1 : 0;
    w[i][0] = first;
    w[i][1] = last - 4 * first - 5 * b[i] + 16 * mid[i];
    w[i][2] = 5 * first - 3 * last + 14 * b[i] - 32 * mid[i];
    w[i][3] = 2 * (last - first) - 8 * b[i] + 16 * mid[i];
  }
  return w;
}

template <size_t S, size_t D>
constexpr odeon_tableau to_abi(const Tableau<S, D>& m) {
  odeon_tableau t{};
  t.struct_size = sizeof(odeon_tableau);
  t.stages = static_cast<int32_t>(S);
  t.order = m.order;
  t.embedded_order = m.embedded_order;
  t.a = m.a[0].data();
  t.b = m.b.data();
  t.b_hat = m.embedded_order > 0 ? m.b_hat.data() : nullptr;
  t.c = m.c.data();
  t.dense = D > 0 ? m.dense[0].data() : nullptr;
  t.dense_degree = static_cast<int32_t>(D);
  t.dense_order = m.dense_order;
  t.a_explicit = is_additive(m) ? m.a_explicit[0].data() : nullptr;
  return t;
}

}  // namespace odeon
