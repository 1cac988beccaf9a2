// A Runge-Kutta tableau as the engine uses it: sparse rows, derived properties, dense output weights.
#pragma once
#include <odeon/solver.h>

#include <span>
#include <string>
#include <vector>

namespace odeon::host {

// How values between the ends of a step are computed.
enum class Dense { method, linear, hermite };

class Method {
 public:
  // Throws RunError for an implicit tableau, which this engine cannot run.
  Method(const odeon_tableau& tableau, const std::string& id);

  int stages() const { return s_; }
  int order() const { return order_; }
  double c(int i) const { return c_[size_t(i)]; }
  std::span<const double> a_row(int i) const { return {&a_[size_t(i * s_)], size_t(i)}; }
  std::span<const double> b() const { return b_; }
  std::span<const double> error_weights() const { return e_; }  // b - b_hat
  bool has_error_estimate() const { return has_estimate_; }
  bool fsal() const { return fsal_; }  // the last stage is f(t1, y1)
  bool has_dense() const { return !dense_.empty(); }
  const odeon_tableau* tableau() const { return tableau_; }

  // Weights of k in y0 + h sum_i w_i k_i at x, or their derivative by x. n_k = stages, or stages + 1
  // when f(t1, y1) is a further entry.
  void weights(Dense dense, double x, bool derivative, std::span<double> w) const;

 private:
  int s_, order_;
  std::vector<double> a_, b_, e_, c_, dense_;
  int dense_degree_ = 0;
  bool has_estimate_ = false, fsal_ = false;
  const odeon_tableau* tableau_;
};

}  // namespace odeon::host
