// The three convolutions as one product: a packed left side times columns gathered from images block by
// block, so that no unrolled image is ever stored whole. Sums over k run in a fixed order of blocks.
#include <vector>

#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kDepth = 512;  // of a packed block of columns

// Where output pixel p reads input for kernel element tap: map[tap * pixels + p], or -1 outside.
struct Taps {
  int64_t taps = 0, pixels = 0;
  std::vector<int32_t> map;
};

// Forward: the image pixel under a tap. x is [.., h, w], the result [.., ho, wo].
Taps forward_taps(const odeon_node& node, const int64_t* x, const int64_t* w, const int64_t* z) {
  Taps t{w[2] * w[3], z[2] * z[3], {}};
  for (int64_t i = 0; i < w[2]; ++i)
    for (int64_t j = 0; j < w[3]; ++j)
      for (int64_t ho = 0; ho < z[2]; ++ho)
        for (int64_t wo = 0; wo < z[3]; ++wo) {
          const int64_t h = ho * node.ints[0] - node.ints[2] + i, v = wo * node.ints[1] - node.ints[3] + j;
          const bool inside = h >= 0 && h < x[2] && v >= 0 && v < x[3];
          t.map.push_back(inside ? static_cast<int32_t>(h * x[3] + v) : -1);
        }
  return t;
}

// Transposed: the gradient pixel whose window puts the tap on image pixel p.
Taps backward_taps(const odeon_node& node, const int64_t* g, const int64_t* w, const int64_t* z) {
  Taps t{w[2] * w[3], z[2] * z[3], {}};
  for (int64_t i = 0; i < w[2]; ++i)
    for (int64_t j = 0; j < w[3]; ++j)
      for (int64_t h = 0; h < z[2]; ++h)
        for (int64_t v = 0; v < z[3]; ++v) {
          const int64_t a = h + node.ints[2] - i, b = v + node.ints[3] - j;
          const bool inside = a >= 0 && b >= 0 && a % node.ints[0] == 0 && b % node.ints[1] == 0 &&
                              a / node.ints[0] < g[2] && b / node.ints[1] < g[3];
          t.map.push_back(inside ? static_cast<int32_t>(a / node.ints[0] * g[3] + b / node.ints[1]) : -1);
        }
  return t;
}

template <class T>
class Convolution final : public Step<T> {
 public:
  explicit Convolution(const StepArgs& s)
      : op_(s.node.op), a_at_(s.in_at[0]), b_at_(s.in_at[1]), z_at_(s.out_at) {
    const int64_t *x = s.in[0].shape, *w = s.in[1].shape, *z = s.out.shape;
    images_ = x[0];
    if (op_ == ODEON_OP_CONV2D) {
      taps_ = forward_taps(s.node, x, w, z);
      m_ = w[0], channels_ = w[1], plane_ = x[2] * x[3];
    } else if (op_ == ODEON_OP_CONV2D_INPUT_GRAD) {
      taps_ = backward_taps(s.node, x, w, z);
      m_ = w[1], channels_ = w[0], plane_ = x[2] * x[3];
    } else {
      taps_ = forward_taps(s.node, x, z, w);
      m_ = z[0], channels_ = z[1], plane_ = x[2] * x[3];
    }
    k_ = is_weights() ? images_ * taps_.pixels : channels_ * taps_.taps;
    n_ = is_weights() ? channels_ * taps_.taps : images_ * taps_.pixels;
    row_blocks_ = (m_ + kTileRows - 1) / kTileRows;
  }

  int64_t shared_scratch() const override { return row_blocks_ * kTileRows * k_; }
  int64_t local_scratch() const override { return (kDepth + row_blocks_ * kTileRows) * kPanel<T>; }

  void run(const Run<T>& run) override {
    T* z = run.at(z_at_);
    if (m_ == 0 || n_ == 0) return;
    if (k_ == 0) return void(std::fill_n(z, m_ * n_, T(0)));
    const bool parallel = m_ * n_ * k_ > 50'000;
    const T* left = run.at(b_at_);  // weights, or the gradient for weights
    run.for_each(row_blocks_, parallel, [&](int64_t r, T*) { pack_left(left, r, run.shared); });
    run.for_each((n_ + kPanel<T> - 1) / kPanel<T>, parallel,
                 [&](int64_t p, T* local) { panel(run.at(a_at_), run.shared, p * kPanel<T>, z, local); });
  }

 private:
  bool is_weights() const { return op_ == ODEON_OP_CONV2D_WEIGHT_GRAD; }

  // The left side as [row block][k][kTileRows]; k counts (tap, channel), or (image, pixel) for weights.
  void pack_left(const T* from, int64_t block, T* packed) const {
    T* to = packed + block * kTileRows * k_;
    for (int64_t i = 0; i < kTileRows; ++i) {
      const int64_t row = block * kTileRows + i;
      if (row >= m_) {
        for (int64_t l = 0; l < k_; ++l) to[l * kTileRows + i] = 0;
      } else if (is_weights()) {
        for (int64_t image = 0; image < images_; ++image)
          for (int64_t p = 0; p < taps_.pixels; ++p)
            to[(image * taps_.pixels + p) * kTileRows + i] = from[(image * m_ + row) * taps_.pixels + p];
      } else {
        const bool forward = op_ == ODEON_OP_CONV2D;
        for (int64_t c = 0; c < channels_; ++c) {
          const T* w = from + (forward ? row * channels_ + c : c * m_ + row) * taps_.taps;
          for (int64_t tap = 0; tap < taps_.taps; ++tap) to[(tap * channels_ + c) * kTileRows + i] = w[tap];
        }
      }
    }
  }

  void panel(const T* x, const T* left, int64_t first, T* z, T* local) const {
    const int64_t columns = std::min<int64_t>(kPanel<T>, n_ - first);
    const int vectors = vectors_for<T>(columns);
    const int64_t width = vectors * kLanes<T>;
    T *packed = local, *sums = local + kDepth * kPanel<T>;
    for (int64_t k = 0; k < k_; k += kDepth) {
      const int64_t depth = std::min(kDepth, k_ - k);
      if (columns < width) std::fill_n(packed, depth * width, T(0));
      if (is_weights())
        gather_for_weights(x, k, depth, first, columns, width, packed);
      else
        gather_for_images(x, k, depth, first, columns, width, packed);
      for (int64_t r = 0; r < row_blocks_; ++r) {
        const Left<T> a{left + (r * k_ + k) * kTileRows, 1, kTileRows};
        any_tile<T>(kTileRows, vectors, depth, a, packed, sums + r * kTileRows * width, width, k > 0);
      }
    }
    store(sums, first, columns, width, z);
  }

  // Columns are (image, pixel), rows (tap, channel).
  void gather_for_images(const T* x, int64_t k, int64_t depth, int64_t first, int64_t columns, int64_t width,
                         T* to) const {
    const int64_t image_size = channels_ * plane_;
    int64_t source[kPanel<T>];
    for (int64_t l = 0; l < depth;) {
      const int64_t tap = (k + l) / channels_, channel = (k + l) % channels_;
      const int64_t count = std::min(depth - l, channels_ - channel);
      int64_t image = first / taps_.pixels, p = first % taps_.pixels;
      for (int64_t j = 0; j < columns; ++j) {
        const int32_t at = taps_.map[size_t(tap * taps_.pixels + p)];
        source[j] = at < 0 ? -1 : image * image_size + at;
        if (++p == taps_.pixels) p = 0, ++image;
      }
      for (int64_t c = 0; c < count; ++c) {
        const T* from = x + (channel + c) * plane_;
        T* row = to + (l + c) * width;
        for (int64_t j = 0; j < columns; ++j) row[j] = source[j] < 0 ? T(0) : from[source[j]];
      }
      l += count;
    }
  }

  // Columns are (channel, tap), rows (image, pixel).
  void gather_for_weights(const T* x, int64_t k, int64_t depth, int64_t first, int64_t columns, int64_t width,
                          T* to) const {
    for (int64_t l = 0; l < depth;) {
      const int64_t image = (k + l) / taps_.pixels, p = (k + l) % taps_.pixels;
      const int64_t count = std::min(depth - l, taps_.pixels - p);
      for (int64_t j = 0; j < columns; ++j) {
        const int64_t channel = (first + j) / taps_.taps, tap = (first + j) % taps_.taps;
        const T* from = x + (image * channels_ + channel) * plane_;
        const int32_t* map = taps_.map.data() + tap * taps_.pixels + p;
        T* column = to + l * width + j;
        for (int64_t q = 0; q < count; ++q) column[q * width] = map[q] < 0 ? T(0) : from[map[q]];
      }
      l += count;
    }
  }

  void store(const T* sums, int64_t first, int64_t columns, int64_t width, T* z) const {
    if (is_weights()) {
      for (int64_t row = 0; row < m_; ++row) std::copy_n(sums + row * width, columns, z + row * n_ + first);
      return;
    }
    for (int64_t j = 0; j < columns;) {
      const int64_t image = (first + j) / taps_.pixels, p = (first + j) % taps_.pixels;
      const int64_t count = std::min(columns - j, taps_.pixels - p);
      for (int64_t row = 0; row < m_; ++row)
        std::copy_n(sums + row * width + j, count, z + (image * m_ + row) * taps_.pixels + p);
      j += count;
    }
  }

  int32_t op_;
  Place a_at_, b_at_, z_at_;
  Taps taps_;
  int64_t images_ = 0, m_ = 0, channels_ = 0, plane_ = 0, k_ = 0, n_ = 0, row_blocks_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_convolution(const StepArgs& args) {
  return std::make_unique<Convolution<T>>(args);
}
template std::unique_ptr<Step<float>> make_convolution<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_convolution<double>(const StepArgs&);

}  // namespace odeon::cpu
