#include "engine/method.hpp"

#include <algorithm>

#include "data/error.hpp"

namespace odeon::host {

Method::Method(const odeon_tableau& t, const std::string& id) : s_(t.stages), order_(t.order), tableau_(&t) {
  const size_t s = static_cast<size_t>(s_);
  a_.assign(t.a, t.a + s * s);
  b_.assign(t.b, t.b + s);
  c_.assign(t.c, t.c + s);
  e_.assign(s, 0.0);
  for (size_t i = 0; i < s; ++i)
    for (size_t j = i; j < s; ++j)
      if (a_[i * s + j] != 0)
        throw RunError("solver '" + id +
                       "' is an implicit Runge-Kutta method, which this engine cannot run yet; " +
                       "choose an explicit one, such as dopri5");
  if (t.b_hat) {
    has_estimate_ = true;
    for (size_t i = 0; i < s; ++i) e_[i] = b_[i] - t.b_hat[i];
  }
  fsal_ =
      s_ > 1 && c_.back() == 1 && b_.back() == 0 && std::equal(b_.begin(), b_.end() - 1, &a_[(s - 1) * s]);
  if (t.dense && t.dense_degree > 0) {
    dense_degree_ = t.dense_degree;
    dense_.assign(t.dense, t.dense + s * static_cast<size_t>(t.dense_degree));
  }
}

void Method::weights(Dense dense, double x, bool derivative, std::span<double> w) const {
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
    w.front() += derivative ? (1 - x) * (1 - 3 * x) : x * (1 - x) * (1 - x);
    w.back() += derivative ? x * (3 * x - 2) : x * x * (x - 1);
  }
}

}  // namespace odeon::host
