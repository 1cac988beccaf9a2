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
// Gauss's formula integrates p_j exactly, and loses no digits: behind x_0 no p_j is negative, and no weight.
class StepNodes {
 public:
  static constexpr size_t kMost = 16;  // p_j up to degree 15, for which eight points do

  StepNodes() { clear(); }
  size_t size() const { return n_; }
  void clear() {
    n_ = 0;
    p_.fill(1);
    integral_[0] = 1;
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
    integral_[n + 1] = next_integral(p_, kGauss.points, x, 1);
  }

  // Through the first m = w.size() nodes: int_0^s f(x) dx = sum_i w_i f_i. Adams-Bashforth where s = 1.
  void bashforth(double s, std::span<double> w) const { newton_sum(s == 1 ? integral_ : integrals_to(s), w); }
  // Through the first m = w.size() - 1 nodes and 1: int_0^s f(x) dx = sum_{i<m} w_i f_i + w_m f(1).
  // Adams-Moulton where s = 1.
  void moulton(double s, std::span<double> w) const {
    const size_t m = w.size() - 1;
    const std::array<double, kMost + 1> integral = s == 1 ? integral_ : integrals_to(s);
    newton_sum(integral, w.first(m));
    add_highest(integral[m], w);
  }
  // Of Adams-Bashforth's weights, the first m = w.size() - 1 of w, makes those of Adams-Moulton.
  void correct(std::span<double> w) const { add_highest(integral_[w.size() - 1], w); }
  // m! f[x_0 .. x_{m-1}, 1] = sum_{i<m} w_i f_i + w_m f(1), which is about h^m times the m-th derivative.
  void difference(size_t m, std::span<double> w) const { divided_difference(m, kFactorial[m], w); }
  // Adams-Moulton through the first m - 1 nodes and 1 differs from that through m nodes and 1 by h times this
  // times that difference. On equal steps it is |gamma*_m|, the error constant.
  double moulton_error(size_t m) const {
    const double error = integral_[m] - (1 - x_[m - 1]) * integral_[m - 1];
    return (error < 0 ? -error : error) / kFactorial[m];
  }

 private:
  static constexpr size_t kPoints = 8;
  struct Gauss {
    std::array<double, kPoints> points, weights;
  };
  // On [0, 1].
  static constexpr Gauss kGauss = [] {
    constexpr double x[] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363},
                     w[] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    Gauss g{};
    for (size_t q = 0; q < 4; ++q) {
      g.points[2 * q] = (1 - x[q]) / 2, g.points[2 * q + 1] = (1 + x[q]) / 2;
      g.weights[2 * q] = g.weights[2 * q + 1] = w[q] / 2;
    }
    return g;
  }();
  static constexpr std::array<double, kMost + 1> kFactorial = [] {
    std::array<double, kMost + 1> f{1};
    for (size_t m = 1; m <= kMost; ++m) f[m] = static_cast<double>(m) * f[m - 1];
    return f;
  }();

  // p_{j+1} = (x - x_j) p_j at the points, and its integral over [0, s].
  static double next_integral(std::array<double, kPoints>& p, const std::array<double, kPoints>& points,
                              double x_j, double s) {
    double sum = 0;
    for (size_t q = 0; q < kPoints; ++q) p[q] *= points[q] - x_j;
    for (size_t q = 0; q < kPoints; ++q) sum += kGauss.weights[q] * p[q];
    return s * sum;
  }
  std::array<double, kMost + 1> integrals_to(double s) const {
    std::array<double, kPoints> points, p;
    for (size_t q = 0; q < kPoints; ++q) points[q] = s * kGauss.points[q], p[q] = 1;
    std::array<double, kMost + 1> integral{s};
    for (size_t j = 0; j < n_; ++j) integral[j + 1] = next_integral(p, points, x_[j], s);
    return integral;
  }

  void newton_sum(const std::array<double, kMost + 1>& integral, std::span<double> w) const {
    for (double& x : w) x = 0;
    for (size_t j = 0; j < w.size(); ++j)
      for (size_t i = 0; i <= j; ++i) w[i] += integral[j] * d_[j][i];
  }
  void add_highest(double integral, std::span<double> w) const {
    const size_t m = w.size() - 1;
    std::array<double, kMost + 1> highest;
    divided_difference(m, integral, {highest.data(), m + 1});
    w[m] = 0;
    for (size_t i = 0; i <= m; ++i) w[i] += highest[i];
  }
  void divided_difference(size_t m, double scale, std::span<double> w) const {
    double end = scale;
    for (size_t i = 0; i < m; ++i) {
      w[i] = -scale * d_[m - 1][i] * before_end_[i];
      end *= before_end_[i];
    }
    w[m] = end;
  }

  size_t n_ = 0;
  std::array<double, kMost> x_{}, before_end_{};  // before_end: 1 / (1 - x_i)
  std::array<std::array<double, kMost>, kMost> d_{};
  std::array<double, kPoints> p_{};           // p_n at Gauss's points of [0, 1]
  std::array<double, kMost + 1> integral_{};  // of p_j over [0, 1]
};

}  // namespace odeon
