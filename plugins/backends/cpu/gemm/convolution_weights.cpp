// CONV2D_WEIGHT_GRAD: the columns of the images times the packed gradient, summed over all images and pixels
// in a fixed order of blocks. Rows of the result are (tap, channel), its columns the output channels.
#include "gemm/columns.hpp"
#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kRowsPerTask = 4 * kTileRows;
// Columns gathered at a time; no power of two, so that the rows of a tile fall into different cache sets.
constexpr int64_t kDepth = 496;
constexpr int64_t kSerialProducts = 50'000;

template <class T>
class ConvolutionWeights final : public Step<T> {
 public:
  explicit ConvolutionWeights(const StepArgs& s) : x_at_(s.in_at[0]), g_at_(s.in_at[1]), z_at_(s.out_at) {
    const int64_t *x = s.in[0].shape, *g = s.in[1].shape, *z = s.out.shape;
    m_ = z[0];
    columns_ = Columns<T>(forward_taps(s.node, x, z, g), x[0], z[1], x[2] * x[3]);
    padded_ = (m_ + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
  }

  int64_t shared_scratch() const override { return columns_.count() * padded_; }
  int64_t local_scratch() const override { return kRowsPerTask * (kDepth + padded_); }

  void run(const Run<T>& run) override {
    const int64_t n = columns_.rows(), k = columns_.count();
    if (m_ == 0 || n == 0) return;
    if (k == 0) return void(std::fill_n(run.at(z_at_), m_ * n, T(0)));
    const bool parallel = m_ * n * k > kSerialProducts;
    run.for_each(k / columns_.pixels(), parallel,
                 [&](int64_t image, T*) { pack_gradient(run.at(g_at_), image, run.shared); });
    run.for_each((n + kRowsPerTask - 1) / kRowsPerTask, parallel, [&](int64_t task, T* local) {
      rows(run.at(x_at_), run.shared, task * kRowsPerTask, run.at(z_at_), local);
    });
  }

 private:
  // As [panel of columns][k][columns of the panel]; k counts (image, pixel).
  void pack_gradient(const T* g, int64_t image, T* packed) const {
    const int64_t pixels = columns_.pixels(), k = columns_.count();
    for (int64_t first = 0; first < padded_; first += kPanel<T>) {
      const int64_t width = std::min<int64_t>(kPanel<T>, padded_ - first);
      T* to = packed + first * k + image * pixels * width;
      for (int64_t p = 0; p < pixels; ++p)
        for (int64_t j = 0; j < width; ++j)
          to[p * width + j] = first + j < m_ ? g[(image * m_ + first + j) * pixels + p] : T(0);
    }
  }

  void rows(const T* x, const T* gradient, int64_t first, T* z, T* local) const {
    const int64_t rows = std::min(kRowsPerTask, columns_.rows() - first), all = columns_.count();
    T *packed = local, *sums = local + kRowsPerTask * kDepth;
    for (int64_t k = 0; k < all; k += kDepth) {
      const int64_t depth = std::min(kDepth, all - k);
      columns_.gather(x, first, rows, k, depth, depth, packed);
      for (int64_t column = 0; column < padded_; column += kPanel<T>) {
        const int64_t width = std::min<int64_t>(kPanel<T>, padded_ - column);
        for (int64_t r = 0; r < rows; r += kTileRows)
          any_tile<T>(static_cast<int>(std::min<int64_t>(kTileRows, rows - r)), vectors_for<T>(width), depth,
                      Left<T>{packed + r * depth, depth, 1}, gradient + column * all + k * width,
                      sums + r * padded_ + column, padded_, k > 0);
      }
    }
    const int64_t taps = columns_.taps(), channels = columns_.channels();
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t tap = (first + r) / channels, channel = (first + r) % channels;
      for (int64_t j = 0; j < m_; ++j) z[(j * channels + channel) * taps + tap] = sums[r * padded_ + j];
    }
  }

  Place x_at_, g_at_, z_at_;
  Columns<T> columns_;
  int64_t m_ = 0, padded_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_convolution_weights(const StepArgs& args) {
  return std::make_unique<ConvolutionWeights<T>>(args);
}
template std::unique_ptr<Step<float>> make_convolution_weights<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_convolution_weights<double>(const StepArgs&);

}  // namespace odeon::cpu
