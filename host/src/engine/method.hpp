// A Runge-Kutta tableau as the engine uses it: sparse rows, derived properties, dense output weights.
#pragma once
#include <odeon/solver.h>

#include <complex>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

// How values between the ends of a step are computed.
enum class Dense { method, linear, hermite };

class Method {
 public:
  // Throws RunError for a tableau that this engine cannot run.
  Method(const odeon_tableau& tableau, const std::string& id);

  int stages() const { return s_; }
  int order() const { return order_; }
  int error_order() const { return error_order_; }  // of the error that the estimate measures, per step
  double c(int i) const { return c_[size_t(i)]; }
  double a(int i, int j) const { return a_[size_t(i * s_ + j)]; }
  std::span<const double> row(int i) const { return {&a_[size_t(i * s_)], size_t(s_)}; }
  // The weights of the stages before i.
  std::span<const double> a_row(int i) const { return {&a_[size_t(i * s_)], size_t(i)}; }
  // Of an additive method: what the explicit half of stages before i has beside a_row, a_explicit - a.
  std::span<const double> split_row(int i) const { return {&split_[size_t(i * s_)], size_t(i)}; }
  std::span<const double> b() const { return b_; }
  std::span<const double> error_weights() const { return e_; }  // b - b_hat
  bool has_error_estimate() const { return has_estimate_; }
  bool has_dense() const { return !dense_.empty(); }
  int dense_degree() const { return dense_degree_; }
  const odeon_tableau* tableau() const { return tableau_; }

  bool is_explicit() const { return explicit_; }
  bool first_explicit() const { return first_explicit_; }  // stage 0 is f(t0, y0)
  bool diagonal() const { return diagonal_; }              // stages can be solved one after the other
  bool additive() const { return !split_.empty(); }        // it can take the halves of a field apart
  bool fsal() const { return fsal_; }                      // the last stage is f(t1, y1)
  // The last row of a is b: y1 is the last stage, so the method damps what is infinitely stiff.
  bool stiffly_accurate() const { return stiffly_accurate_; }
  // |R| <= 1 on the whole negative real axis.
  bool stiff() const { return stiff_; }
  // Length of the real stability interval (0, -x) of a method that is not `stiff`.
  double real_stability() const { return real_stability_; }
  // The embedded solution's stability function is unbounded at infinity: its estimate needs a filter.
  bool estimate_needs_filter() const { return estimate_needs_filter_; }

  // R(z) = 1 + z w^T (I - z A)^-1 1 for the weights w.
  std::complex<double> stability(std::complex<double> z, std::span<const double> w) const;

  // Weights of k in y0 + h sum_i w_i k_i at x, or their derivative by x. Entry `begin` of k is f(t0, y0) and
  // entry `end` f(t1, y1); only Hermite needs them.
  void weights(Dense dense, double x, bool derivative, std::span<double> w, size_t begin, size_t end) const;
  // For explicit methods, where they are the first and the last entry of w.
  void weights(Dense dense, double x, bool derivative, std::span<double> w) const {
    weights(dense, x, derivative, w, 0, w.size() - 1);
  }

 private:
  void derive_stability();

  int s_, order_, error_order_;
  std::vector<double> a_, b_, e_, c_, dense_, split_;
  int dense_degree_ = 0;
  bool has_estimate_ = false, fsal_ = false, explicit_ = true, first_explicit_ = true, diagonal_ = true,
       stiffly_accurate_ = false, stiff_ = false, estimate_needs_filter_ = false;
  double real_stability_ = 0;
  const odeon_tableau* tableau_;
};

}  // namespace odeon::host
