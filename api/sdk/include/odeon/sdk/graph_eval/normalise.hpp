// GROUP_NORM, its vjp, and LOG_SOFTMAX as plain loops: their definition. Statistics in double.
// Y. Wu, K. He, Group Normalization, ECCV 2018.
#pragma once
#include <odeon/graph.h>

#include <cmath>
#include <odeon/sdk/tensor.hpp>

namespace odeon::eval {

struct Moments {
  double mean, rstd;
};

template <class T>
Moments moments(const T* x, int64_t n, double eps) {
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
  const double mean = sum / static_cast<double>(n);
  for (int64_t i = 0; i < n; ++i) {
    const double d = static_cast<double>(x[i]) - mean;
    squares += d * d;
  }
  return {mean, 1 / std::sqrt(squares / static_cast<double>(n) + eps)};
}

template <class T>
void group_norm(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& z) {
  const int64_t groups = x.shape[0] * node.ints[0];
  const int64_t n = groups ? element_count(x) / groups : 0;
  for (int64_t g = 0; g < groups && n > 0; ++g) {
    const T* from = data<T>(x) + g * n;
    T* to = data<T>(z) + g * n;
    const Moments m = moments(from, n, node.reals[0]);
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>((static_cast<double>(from[i]) - m.mean) * m.rstd);
  }
}

// rstd (g - mean(g) - xhat mean(g xhat)), xhat the normalised x.
template <class T>
void group_norm_grad(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& g,
                     const odeon_tensor& z) {
  const int64_t groups = x.shape[0] * node.ints[0];
  const int64_t n = groups ? element_count(x) / groups : 0;
  for (int64_t k = 0; k < groups && n > 0; ++k) {
    const T *px = data<T>(x) + k * n, *pg = data<T>(g) + k * n;
    const Moments m = moments(px, n, node.reals[0]);
    double sum_g = 0, sum_gx = 0;
    for (int64_t i = 0; i < n; ++i) {
      sum_g += static_cast<double>(pg[i]);
      sum_gx += static_cast<double>(pg[i]) * (static_cast<double>(px[i]) - m.mean) * m.rstd;
    }
    const double count = static_cast<double>(n);
    for (int64_t i = 0; i < n; ++i) {
      const double xhat = (static_cast<double>(px[i]) - m.mean) * m.rstd;
      data<T>(z)[k * n + i] =
          static_cast<T>(m.rstd * (static_cast<double>(pg[i]) - sum_g / count - xhat * sum_gx / count));
    }
  }
}

template <class T>
void log_softmax(const odeon_tensor& x, const odeon_tensor& z) {
  const int64_t n = x.shape[x.rank - 1], rows = n ? element_count(x) / n : 0;
  for (int64_t r = 0; r < rows; ++r) {
    const T* from = data<T>(x) + r * n;
    T* to = data<T>(z) + r * n;
    T largest = from[0];
    for (int64_t i = 1; i < n; ++i) largest = from[i] > largest ? from[i] : largest;
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(from[i] - largest));
    const double shift = static_cast<double>(largest) + std::log(sum);
    for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(static_cast<double>(from[i]) - shift);
  }
}

}  // namespace odeon::eval
