// CONV2D and CONV2D_INPUT_GRAD with a 3 x 3 kernel and stride 1, by 2 x 2 tiles of the result: 16 products in
// place of 36. A. Lavin, S. Gray, Fast algorithms for convolutional neural networks, CVPR 2016, section 4.1:
//   y = Aᵀ [ Σ_channels (G w Gᵀ) ∘ (Bᵀ d B) ] A,   d the 4 x 4 pixels under a tile.
// The sum over channels is one chain per element, so neither tiles nor threads change a bit.
#include <vector>

#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kPoints = 16;
constexpr int64_t kSerialProducts = 50'000;

template <class T>
class Winograd final : public Step<T> {
 public:
  explicit Winograd(const StepArgs& s)
      : forward_(s.node.op == ODEON_OP_CONV2D), x_at_(s.in_at[0]), w_at_(s.in_at[1]), z_at_(s.out_at) {
    const int64_t *x = s.in[0].shape, *z = s.out.shape;
    images_ = x[0], channels_ = x[1], height_ = x[2], width_ = x[3];
    rows_ = z[1], out_height_ = z[2], out_width_ = z[3];
    // The gradient by the input is the convolution with the kernel turned by 180 degrees.
    top_ = forward_ ? s.node.ints[2] : 2 - s.node.ints[2];
    left_ = forward_ ? s.node.ints[3] : 2 - s.node.ints[3];
    tiles_down_ = (out_height_ + 1) / 2, tiles_across_ = (out_width_ + 1) / 2;
    row_blocks_ = (rows_ + kTileRows - 1) / kTileRows;
    for (int64_t h = 0; h < tiles_down_; ++h)
      for (int64_t v = 0; v < tiles_across_; ++v)
        tiles_.push_back({2 * h * padded_width() + 2 * v, 2 * h * out_width_ + 2 * v, 2 * v + 1 < out_width_,
                          2 * h + 1 < out_height_});
  }

  int64_t shared_scratch() const override { return kPoints * row_blocks_ * kTileRows * channels_; }
  int64_t local_scratch() const override {
    return kPoints * kPanel<T> * (1 + channels_ + row_blocks_ * kTileRows) + padded_height() * padded_width();
  }

  void run(const Run<T>& run) override {
    const int64_t tiles = images_ * per_image();
    const bool parallel = tiles * kPoints * channels_ * rows_ > kSerialProducts;
    run.for_each(row_blocks_, parallel,
                 [&](int64_t r, T*) { transform_weights(run.at(w_at_), r, run.shared); });
    run.for_each((tiles + kPanel<T> - 1) / kPanel<T>, parallel, [&](int64_t p, T* local) {
      const int64_t first = p * kPanel<T>, count = std::min<int64_t>(kPanel<T>, tiles - first);
      panel(run.at(x_at_), run.shared, first, count, run.at(z_at_), local);
    });
  }

 private:
  using V = Vector<T>;
  static V& vector(T* at) { return *reinterpret_cast<V*>(at); }
  static const V& vector(const T* at) { return *reinterpret_cast<const V*>(at); }

  struct Tile {
    int64_t corner, result;  // of its pixels in the padded image, of its results in theirs
    bool right, below;       // whether the second column and row of results exist
  };
  int64_t per_image() const { return static_cast<int64_t>(tiles_.size()); }
  int64_t padded_height() const { return 2 * tiles_down_ + 2; }
  int64_t padded_width() const { return 2 * tiles_across_ + 2; }

  // G w Gᵀ as [point][row block][channel][kTileRows].
  void transform_weights(const T* from, int64_t block, T* to) const {
    for (int64_t c = 0; c < channels_; ++c)
      for (int64_t i = 0; i < kTileRows; ++i) {
        const int64_t row = block * kTileRows + i;
        T w[9] = {}, half[12];
        if (row < rows_) {
          const T* kernel = from + (forward_ ? row * channels_ + c : c * rows_ + row) * 9;
          for (int k = 0; k < 9; ++k) w[k] = kernel[forward_ ? k : 8 - k];
        }
        for (int j = 0; j < 3; ++j) {
          const T sum = w[j] + w[6 + j];
          half[j] = w[j];
          half[3 + j] = T(0.5) * (sum + w[3 + j]);
          half[6 + j] = T(0.5) * (sum - w[3 + j]);
          half[9 + j] = w[6 + j];
        }
        for (int k = 0; k < 4; ++k) {
          const T* h = half + 3 * k;
          const T u[4] = {h[0], T(0.5) * (h[0] + h[2] + h[1]), T(0.5) * (h[0] + h[2] - h[1]), h[2]};
          for (int j = 0; j < 4; ++j)
            to[(((4 * k + j) * row_blocks_ + block) * channels_ + c) * kTileRows + i] = u[j];
        }
      }
  }

  void panel(const T* x, const T* weights, int64_t first, int64_t count, T* z, T* local) const {
    const int vectors = vectors_for<T>(count);
    const int64_t width = vectors * kLanes<T>, padded_rows = row_blocks_ * kTileRows;
    T *pixels = local, *columns = pixels + kPoints * kPanel<T>,
      *sums = columns + kPoints * channels_ * kPanel<T>, *plane = sums + kPoints * padded_rows * kPanel<T>;
    std::fill_n(pixels, kPoints * width, T(0));
    std::fill_n(plane, padded_height() * padded_width(), T(0));
    for (int64_t c = 0; c < channels_; ++c) {
      gather(x, c, first, count, width, plane, pixels);
      transform_pixels(pixels, width, channels_ * width, columns + c * width);
    }
    for (int64_t point = 0; point < kPoints; ++point)
      for (int64_t r = 0; r < row_blocks_; ++r) {
        const Left<T> u{weights + (point * row_blocks_ + r) * channels_ * kTileRows, 1, kTileRows};
        any_tile<T>(kTileRows, vectors, channels_, u, columns + point * channels_ * width,
                    sums + (point * padded_rows + r * kTileRows) * width, width, false);
      }
    for (int64_t row = 0; row < rows_; ++row) {
      transform_sums(sums + row * width, padded_rows * width, width, pixels);
      scatter(pixels, row, first, count, width, z);
    }
  }

  // to[4 i + j][tile] = pixel (i, j) under a tile. plane: the image with its border, which stays 0.
  void gather(const T* x, int64_t channel, int64_t first, int64_t count, int64_t width, T* plane,
              T* to) const {
    const int64_t across = padded_width();
    const int64_t down = std::min(height_, padded_height() - top_), right = std::min(width_, across - left_);
    for (int64_t column = 0; column < count;) {
      const int64_t image = (first + column) / per_image(), begin = (first + column) % per_image(),
                    end = std::min(per_image(), begin + count - column);
      const T* from = x + (image * channels_ + channel) * height_ * width_;
      for (int64_t i = 0; i < down; ++i)
        for (int64_t j = 0; j < right; ++j) plane[(i + top_) * across + left_ + j] = from[i * width_ + j];
      for (int64_t t = begin; t < end; ++t, ++column) {
        const T* corner = plane + tiles_[size_t(t)].corner;
        for (int64_t i = 0; i < 4; ++i)
          for (int64_t j = 0; j < 4; ++j) to[(4 * i + j) * width + column] = corner[i * across + j];
      }
    }
  }

  // Bᵀ d B; point p goes to to[p * stride].
  static void transform_pixels(const T* d, int64_t width, int64_t stride, T* to) {
    for (int64_t k = 0; k < width; k += kLanes<T>) {
      V e[4][4];  // d B
      for (int i = 0; i < 4; ++i) {
        const T* row = d + 4 * i * width + k;
        const V d0 = vector(row), d1 = vector(row + width), d2 = vector(row + 2 * width),
                d3 = vector(row + 3 * width);
        e[i][0] = d0 - d2, e[i][1] = d1 + d2, e[i][2] = d2 - d1, e[i][3] = d1 - d3;
      }
      for (int j = 0; j < 4; ++j) {
        T* column = to + j * stride + k;
        vector(column) = e[0][j] - e[2][j];
        vector(column + 4 * stride) = e[1][j] + e[2][j];
        vector(column + 8 * stride) = e[2][j] - e[1][j];
        vector(column + 12 * stride) = e[1][j] - e[3][j];
      }
    }
  }

  // Aᵀ s A as to[2 i + j][tile]; point p is s[p * stride].
  static void transform_sums(const T* s, int64_t stride, int64_t width, T* to) {
    for (int64_t k = 0; k < width; k += kLanes<T>) {
      V half[2][4];  // Aᵀ s
      for (int j = 0; j < 4; ++j) {
        const T* column = s + j * stride + k;
        const V s0 = vector(column), s1 = vector(column + 4 * stride), s2 = vector(column + 8 * stride),
                s3 = vector(column + 12 * stride);
        half[0][j] = s0 + s1 + s2;
        half[1][j] = s1 - s2 - s3;
      }
      for (int i = 0; i < 2; ++i) {
        vector(to + 2 * i * width + k) = half[i][0] + half[i][1] + half[i][2];
        vector(to + (2 * i + 1) * width + k) = half[i][1] - half[i][2] - half[i][3];
      }
    }
  }

  void scatter(const T* y, int64_t row, int64_t first, int64_t count, int64_t width, T* z) const {
    for (int64_t column = 0; column < count;) {
      const int64_t image = (first + column) / per_image(), begin = (first + column) % per_image(),
                    end = std::min(per_image(), begin + count - column);
      T* plane = z + (image * rows_ + row) * out_height_ * out_width_;
      for (int64_t t = begin; t < end; ++t, ++column) {
        const Tile& tile = tiles_[size_t(t)];
        T* to = plane + tile.result;
        to[0] = y[column];
        if (tile.right) to[1] = y[width + column];
        if (tile.below) to[out_width_] = y[2 * width + column];
        if (tile.right && tile.below) to[out_width_ + 1] = y[3 * width + column];
      }
    }
  }

  bool forward_;
  Place x_at_, w_at_, z_at_;
  int64_t images_, channels_, height_, width_, rows_, out_height_, out_width_;
  int64_t top_, left_;  // padding
  int64_t tiles_down_, tiles_across_, row_blocks_;
  std::vector<Tile> tiles_;  // of an image
};

// Below, the transforms cost more than the products they save; above, a panel falls out of the cache.
constexpr int64_t kFewest = 16, kMost = 512;

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_winograd(const StepArgs& s) {
  const int64_t *x = s.in[0].shape, *w = s.in[1].shape, *z = s.out.shape, *attribute = s.node.ints;
  const bool kernel = w[2] == 3 && w[3] == 3 && attribute[0] == 1 && attribute[1] == 1 && attribute[2] <= 2 &&
                      attribute[3] <= 2;
  const bool size = std::min(x[1], z[1]) >= kFewest && std::max(x[1], z[1]) <= kMost;
  const bool plane = std::min({x[0], x[2], x[3], z[2], z[3]}) > 0;
  return kernel && size && plane ? std::make_unique<Winograd<T>>(s) : nullptr;
}
template std::unique_ptr<Step<float>> make_winograd<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_winograd<double>(const StepArgs&);

}  // namespace odeon::cpu
