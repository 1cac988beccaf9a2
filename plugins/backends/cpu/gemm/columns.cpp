#include "gemm/columns.hpp"

namespace odeon::cpu {

Taps forward_taps(const odeon_node& node, const int64_t* x, const int64_t* w, const int64_t* z) {
  Taps t{w[2] * w[3], z[2] * z[3], {}};
  for (int64_t i = 0; i < w[2]; ++i)
    for (int64_t j = 0; j < w[3]; ++j)
      for (int64_t ho = 0; ho < z[2]; ++ho)
        for (int64_t wo = 0; wo < z[3]; ++wo) {
          const int64_t h = ho * node.ints[0] - node.ints[2] + i, v = wo * node.ints[1] - node.ints[3] + j;
          const bool inside = h >= 0 && h < x[2] && v >= 0 && v < x[3];
          t.at.push_back(inside ? static_cast<int32_t>(h * x[3] + v) : -1);
        }
  return t;
}

Taps backward_taps(const odeon_node& node, const int64_t* g, const int64_t* w, const int64_t* z) {
  Taps t{w[2] * w[3], z[2] * z[3], {}};
  for (int64_t i = 0; i < w[2]; ++i)
    for (int64_t j = 0; j < w[3]; ++j)
      for (int64_t h = 0; h < z[2]; ++h)
        for (int64_t v = 0; v < z[3]; ++v) {
          const int64_t a = h + node.ints[2] - i, b = v + node.ints[3] - j;
          const bool inside = a >= 0 && b >= 0 && a % node.ints[0] == 0 && b % node.ints[1] == 0 &&
                              a / node.ints[0] < g[2] && b / node.ints[1] < g[3];
          t.at.push_back(inside ? static_cast<int32_t>(a / node.ints[0] * g[3] + b / node.ints[1]) : -1);
        }
  return t;
}

template <class T>
Columns<T>::Columns(Taps taps, int64_t images, int64_t channels, int64_t plane)
    : taps_(std::move(taps)), images_(images), channels_(channels), plane_(plane) {
  shifted_ = taps_.pixels == plane_;
  for (int64_t tap = 0; tap < taps_.taps && shifted_; ++tap) {
    const int32_t* at = taps_.at.data() + tap * taps_.pixels;
    bool any = false;
    int64_t shift = 0;
    for (int64_t p = 0; p < taps_.pixels; ++p) {
      if (at[p] < 0) continue;
      if (!any) shift = at[p] - p, any = true;
      shifted_ = shifted_ && at[p] - p == shift;
    }
    shift_.push_back(shift);
  }
  if (shifted_)
    for (int32_t at : taps_.at) inside_.push_back(at >= 0 ? -1 : 0);
}

template class Columns<float>;
template class Columns<double>;

}  // namespace odeon::cpu
