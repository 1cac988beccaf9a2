// A whole implicit Runge-Kutta plugin from one constexpr tableau. The host solves the stages: one after the
// other where a is lower triangular, together where it is not. A first row of zeros makes stage 0 f(t0, y0),
// so that an embedded row may use it. With a_explicit the method is additive (Kennedy and Carpenter 2003): a
// field that splits itself (odeon/ext/split.h) has one half solved by a and the other by a_explicit.
#pragma once
#include <odeon/sdk/runge_kutta.hpp>

namespace odeon {

// The polynomials b_i(x) = int_0^x l_i through the nodes c of stages `First`... of a collocation method, as
// dense output of degree and order S - First: y(t0 + x h) = y0 + h sum_i b_i(x) k_i. First 1: stage 0 is
// explicit and no node. E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I
// (1993), II.7.
template <size_t S, size_t First = 0>
constexpr std::array<std::array<double, S - First>, S> collocation_dense(const std::array<double, S>& c) {
  constexpr size_t N = S - First;
  std::array<std::array<double, N>, S> dense{};
  for (size_t i = 0; i < N; ++i) {
    std::array<double, N> l{};  // coefficients of the Lagrange polynomial of node i, by power
    l[0] = 1;
    size_t degree = 0;
    for (size_t j = 0; j < N; ++j) {
      if (j == i) continue;
      const double cj = c[First + j], scale = 1 / (c[First + i] - cj);
      ++degree;
      for (size_t d = degree + 1; d-- > 0;) l[d] = scale * ((d > 0 ? l[d - 1] : 0) - cj * l[d]);
    }
    for (size_t d = 0; d < N; ++d) dense[First + i][d] = l[d] / double(d + 1);
  }
  return dense;
}

}  // namespace odeon

// id: string literal; tableau: a constexpr odeon::Tableau; title and summary: string literals.
#define ODEON_PLUGIN_IMPLICIT_RK(id_, tableau_, title_, summary_)                                      \
  static_assert(!odeon::is_explicit(tableau_), id_ ": a is strictly lower triangular");                \
  static_assert(!odeon::is_additive(tableau_) || odeon::halves_are_triangular(tableau_),               \
                id_ ": beside a_explicit, which is strictly lower triangular, a is lower triangular"); \
  ODEON_DETAIL_PLUGIN_RK(id_, tableau_, title_, summary_)
