// Order conditions of Rosenbrock methods up to order 5: sum_i w_i Phi_i(tree) = x^|tree| / density, where a
// node with one child brings beta = alpha + gamma and any other node alpha. E. Hairer, G. Wanner, Solving
// Ordinary Differential Equations II (1996), section IV.7, theorem 7.4.
#pragma once
#include <odeon/sdk/rosenbrock_table.hpp>

namespace odeon {

namespace detail {

// Coefficients are published to sixteen digits, and are up to 200 large.
constexpr bool meets(double x, double y) { return x - y < 1e-11 && y - x < 1e-11; }

template <size_t S>
constexpr Row<S> times(const Row<S>& x, const Row<S>& y) {
  Row<S> out{};
  for (size_t i = 0; i < S; ++i) out[i] = x[i] * y[i];
  return out;
}
template <size_t S>
constexpr Row<S> times(const Square<S>& m, const Row<S>& x) {
  Row<S> out{};
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < S; ++j) out[i] += m[i][j] * x[j];
  return out;
}

}  // namespace detail

// For the weights w of the stages k at t0 + x h.
template <size_t S, size_t D>
constexpr bool conditions_hold(const ClassicalRosenbrock<S, D>& k, const Row<S>& w, int order, double x = 1) {
  using detail::times;
  const Square<S>& a = k.alpha;
  Square<S> b = a;
  for (size_t i = 0; i < S; ++i)
    for (size_t j = 0; j < S; ++j) b[i][j] += k.gamma[i][j];
  Row<S> one{};
  one.fill(1);
  const Row<S> c = times(a, one), bc = times(b, one), cc = times(c, c), abc = times(a, bc),
               bcc = times(b, cc), bbc = times(b, bc), acc = times(a, cc);
  struct Condition {
    int order;
    double density;
    Row<S> phi;
  };
  const Condition conditions[] = {{1, 1, one},
                                  {2, 2, bc},
                                  {3, 3, cc},
                                  {3, 6, bbc},
                                  {4, 4, times(c, cc)},
                                  {4, 8, times(c, abc)},
                                  {4, 12, bcc},
                                  {4, 24, times(b, bbc)},
                                  {5, 5, times(cc, cc)},
                                  {5, 10, times(cc, abc)},
                                  {5, 20, times(abc, abc)},
                                  {5, 15, times(c, acc)},
                                  {5, 30, times(c, times(a, bbc))},
                                  {5, 20, times(b, times(c, cc))},
                                  {5, 40, times(b, times(c, abc))},
                                  {5, 60, times(b, bcc)},
                                  {5, 120, times(b, times(b, bbc))}};
  for (const Condition& condition : conditions) {
    if (condition.order > order) continue;
    double sum = 0, power = 1;
    for (int i = 0; i < condition.order; ++i) power *= x;
    for (size_t i = 0; i < S; ++i) sum += w[i] * condition.phi[i];
    if (!detail::meets(sum, power / condition.density)) return false;
  }
  return true;
}

// The nodes and the weights of f_t are the row sums that make the method invariant under y' = f(t, y), t'
// = 1.
template <size_t S, size_t D>
constexpr bool sums_hold(const RosenbrockTable<S, D>& t) {
  const ClassicalRosenbrock<S, D> k = to_classical(t);
  const Row<S> alpha = detail::sums(k.alpha), gamma = detail::sums(k.gamma);
  for (size_t i = 0; i < S; ++i)
    if (!detail::meets(alpha[i], t.alpha[i]) || !detail::meets(gamma[i], t.gamma[i])) return false;
  return true;
}

template <size_t S, size_t D>
constexpr bool order_holds(const RosenbrockTable<S, D>& t) {
  const ClassicalRosenbrock<S, D> k = to_classical(t);
  return conditions_hold(k, k.b, t.order) && conditions_hold(k, k.b_hat, t.embedded_order);
}

// At the end the dense output is the step; in between it has its order.
template <size_t S, size_t D>
constexpr bool dense_holds(const RosenbrockTable<S, D>& t) {
  const ClassicalRosenbrock<S, D> k = to_classical(t);
  for (double x : {0.25, 0.5, 0.75, 1.0}) {
    Row<S> w{};
    for (size_t i = 0; i < S; ++i)
      for (size_t d = D; d-- > 0;) w[i] = (w[i] + k.dense[i][d]) * x;
    if (!conditions_hold(k, w, t.dense_order, x)) return false;
    for (size_t i = 0; x == 1 && i < S; ++i)
      if (!detail::meets(w[i], k.b[i])) return false;
  }
  return true;
}

}  // namespace odeon
