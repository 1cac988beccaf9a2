// MATMUL and the convolutions as plain loops: their definition.
#pragma once
#include <odeon/graph.h>

#include <algorithm>
#include <odeon/sdk/tensor.hpp>

namespace odeon::eval {

template <class T>
void matmul(const odeon_node& node, const odeon_tensor& a, const odeon_tensor& b, const odeon_tensor& z) {
  const bool ta = node.ints[0] != 0, tb = node.ints[1] != 0;
  const int64_t m = z.shape[0], n = z.shape[1], k = a.shape[ta ? 0 : 1];
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      T sum = 0;
      for (int64_t l = 0; l < k; ++l)
        sum += data<T>(a)[ta ? l * m + i : i * k + l] * data<T>(b)[tb ? j * k + l : l * n + j];
      data<T>(z)[i * n + j] = sum;
    }
}

// Calls visit(image index, gradient index, weight index) for every product of a convolution with image
// x [N,Ci,H,W], weight [Co,Ci,kh,kw] and result g [N,Co,Ho,Wo].
template <class Visit>
void for_each_product(const odeon_node& node, const int64_t* x, const int64_t* w, const int64_t* g,
                      Visit visit) {
  const int64_t sh = node.ints[0], sw = node.ints[1], ph = node.ints[2], pw = node.ints[3];
  for (int64_t image = 0; image < x[0]; ++image)
    for (int64_t co = 0; co < w[0]; ++co)
      for (int64_t ho = 0; ho < g[2]; ++ho)
        for (int64_t wo = 0; wo < g[3]; ++wo)
          for (int64_t ci = 0; ci < w[1]; ++ci)
            for (int64_t i = 0; i < w[2]; ++i)
              for (int64_t j = 0; j < w[3]; ++j) {
                const int64_t h = ho * sh - ph + i, v = wo * sw - pw + j;
                if (h < 0 || h >= x[2] || v < 0 || v >= x[3]) continue;
                visit(((image * x[1] + ci) * x[2] + h) * x[3] + v,
                      ((image * g[1] + co) * g[2] + ho) * g[3] + wo,
                      ((co * w[1] + ci) * w[2] + i) * w[3] + j);
              }
}

template <class T>
void conv2d(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& w, const odeon_tensor& z) {
  std::fill_n(data<T>(z), element_count(z), T(0));
  for_each_product(node, x.shape, w.shape, z.shape, [&](int64_t xi, int64_t zi, int64_t wi) {
    data<T>(z)[zi] += data<T>(x)[xi] * data<T>(w)[wi];
  });
}
template <class T>
void conv2d_input_grad(const odeon_node& node, const odeon_tensor& g, const odeon_tensor& w,
                       const odeon_tensor& z) {
  std::fill_n(data<T>(z), element_count(z), T(0));
  for_each_product(node, z.shape, w.shape, g.shape, [&](int64_t zi, int64_t gi, int64_t wi) {
    data<T>(z)[zi] += data<T>(g)[gi] * data<T>(w)[wi];
  });
}
template <class T>
void conv2d_weight_grad(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& g,
                        const odeon_tensor& z) {
  std::fill_n(data<T>(z), element_count(z), T(0));
  for_each_product(node, x.shape, z.shape, g.shape, [&](int64_t xi, int64_t gi, int64_t zi) {
    data<T>(z)[zi] += data<T>(x)[xi] * data<T>(g)[gi];
  });
}

}  // namespace odeon::eval
