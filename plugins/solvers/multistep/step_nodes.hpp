// The polynomial through derivatives at past times, which multistep methods integrate: weights of its
// integral and of its divided differences, on any spacing. E. Hairer, S. P. Norsett, G. Wanner, Solving
// Ordinary Differential Equations I, 2nd ed., III.1 and III.5.
#pragma once
#include <array>
#include <cstddef>
#include <span>

namespace odeon {

// Nodes x_i are past times in units of the step h from its beginning: 0 for the beginning itself, negative
// for earlier ones; f_i is the derivative there, and f(1) that at the step's end. Newton's form is
//   f(x) = sum_j f[x_0 .. x_j] p_j(x),   p_j(x) = prod_{i<j} (x - x_i).
// No coefficient of p_j in powers of x is negative, so its integral over [0, s] loses no digits.
class StepNodes {
 public:
  static constexpr size_t kMost = 16;

  StepNodes() { clear(); }
  size_t size() const { return n_; }
  void clear() {
    n_ = 0;
    p_[0][0] = integral_[0] = 1;
  }

  void add(double x) {
    const size_t n = n_++;
    x_[n] = x;
    before_end_[n] = 1 / (1 - x);
    // f[x_0 .. x_n] = sum_i d_ni f_i,   d_ni = prod_{l != i} 1 / (x_i - x_l)
    double product = 1;
    for (size_t i = 0; i < n; ++i) {
      d_[n][i] = d_[n - 1][i] / (x_[i] - x);
      product *= x - x_[i];
    }
    d_[n][n] = 1 / product;
    // p_{n+1} = (x - x_n) p_n
    for (size_t q = 0; q <= n; ++q) p_[n + 1][q] = (q > 0 ? p_[n][q - 1] : 0) - x * p_[n][q];
    p_[n + 1][n + 1] = 1;
    integral_[n + 1] = integral_of_p(n + 1, 1);
  }

  // Through the first m = w.size() nodes: int_0^s f(x) dx = sum_i w_i f_i. Adams-Bashforth where s = 1.
  void bashforth(double s, std::span<double> w) const {
    for (double& x : w) x = 0;
    for (size_t j = 0; j < w.size(); ++j) {
      const double integral = s == 1 ? integral_[j] : integral_of_p(j, s);
      for (size_t i = 0; i <= j; ++i) w[i] += integral * d_[j][i];
    }
  }
  // Through the first m = w.size() - 1 nodes and 1: int_0^s f(x) dx = sum_{i<m} w_i f_i + w_m f(1).
  // Adams-Moulton where s = 1.
  void moulton(double s, std::span<double> w) const {
    const size_t m = w.size() - 1;
    std::array<double, kMost + 1> highest;
    divided_difference(m, integral_of_p(m, s), {highest.data(), m + 1});
    bashforth(s, w.first(m));
    w[m] = 0;
    for (size_t i = 0; i <= m; ++i) w[i] += highest[i];
  }
  // m! f[x_0 .. x_{m-1}, 1] = sum_{i<m} w_i f_i + w_m f(1), which is about h^m times the m-th derivative.
  void difference(size_t m, std::span<double> w) const { divided_difference(m, factorial(m), w); }
  // Adams-Moulton through the first m - 1 nodes and 1 differs from that through m nodes and 1 by h times this
  // times that difference. On equal steps it is |gamma*_m|, the error constant.
  double moulton_error(size_t m) const {
    const double error = integral_[m] - (1 - x_[m - 1]) * integral_[m - 1];
    return (error < 0 ? -error : error) / factorial(m);
  }

 private:
  static constexpr double factorial(size_t m) {
    double product = 1;
    for (size_t i = 2; i <= m; ++i) product *= static_cast<double>(i);
    return product;
  }
  void divided_difference(size_t m, double scale, std::span<double> w) const {
    double end = scale;
    for (size_t i = 0; i < m; ++i) {
      w[i] = -scale * d_[m - 1][i] * before_end_[i];
      end *= before_end_[i];
    }
    w[m] = end;
  }
  double integral_of_p(size_t j, double s) const {
    double sum = 0;
    for (size_t q = j + 1; q-- > 0;) sum = (sum + p_[j][q] * kInverse[q]) * s;
    return sum;
  }

  static constexpr std::array<double, kMost + 1> kInverse = [] {
    std::array<double, kMost + 1> inverse{};
    for (size_t q = 0; q <= kMost; ++q) inverse[q] = 1. / static_cast<double>(q + 1);
    return inverse;
  }();

  size_t n_ = 0;
  std::array<double, kMost> x_{}, before_end_{};  // before_end: 1 / (1 - x_i)
  std::array<std::array<double, kMost>, kMost> d_{};
  std::array<std::array<double, kMost + 1>, kMost + 1> p_{};  // coefficients of powers
  std::array<double, kMost + 1> integral_{};                  // of p_j over [0, 1]
};

}  // namespace odeon
