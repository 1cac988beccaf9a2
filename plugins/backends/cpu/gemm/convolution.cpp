// CONV2D and CONV2D_INPUT_GRAD as one product: packed weights times the columns of images. Sums over k run in
// a fixed order of blocks, so neither tiles nor threads change a bit.
#include "gemm/columns.hpp"
#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kDepth = 512;  // of a packed block of columns
constexpr int64_t kSerialProducts = 50'000;

template <class T>
class Convolution final : public Step<T> {
 public:
  explicit Convolution(const StepArgs& s)
      : forward_(s.node.op == ODEON_OP_CONV2D), x_at_(s.in_at[0]), w_at_(s.in_at[1]), z_at_(s.out_at) {
    const int64_t *x = s.in[0].shape, *w = s.in[1].shape, *z = s.out.shape;
    m_ = forward_ ? w[0] : w[1];
    columns_ = Columns<T>(forward_ ? forward_taps(s.node, x, w, z) : backward_taps(s.node, x, w, z), x[0],
                          forward_ ? w[1] : w[0], x[2] * x[3]);
    row_blocks_ = (m_ + kTileRows - 1) / kTileRows;
  }

  int64_t shared_scratch() const override { return row_blocks_ * kTileRows * columns_.rows(); }
  int64_t local_scratch() const override { return (kDepth + row_blocks_ * kTileRows) * kPanel<T>; }

  void run(const Run<T>& run) override {
    const int64_t n = columns_.count(), k = columns_.rows();
    if (m_ == 0 || n == 0) return;
    if (k == 0) return void(std::fill_n(run.at(z_at_), m_ * n, T(0)));
    const bool parallel = m_ * n * k > kSerialProducts;
    run.for_each(row_blocks_, parallel, [&](int64_t r, T*) { pack_weights(run.at(w_at_), r, run.shared); });
    run.for_each((n + kPanel<T> - 1) / kPanel<T>, parallel, [&](int64_t p, T* local) {
      panel(run.at(x_at_), run.shared, p * kPanel<T>, run.at(z_at_), local);
    });
  }

 private:
  // As [row block][k][kTileRows]; k counts (tap, channel).
  void pack_weights(const T* from, int64_t block, T* packed) const {
    const int64_t k = columns_.rows(), taps = columns_.taps(), channels = columns_.channels();
    T* to = packed + block * kTileRows * k;
    for (int64_t i = 0; i < kTileRows; ++i) {
      const int64_t row = block * kTileRows + i;
      if (row >= m_) {
        for (int64_t l = 0; l < k; ++l) to[l * kTileRows + i] = 0;
        continue;
      }
      for (int64_t c = 0; c < channels; ++c) {
        const T* w = from + (forward_ ? row * channels + c : c * m_ + row) * taps;
        for (int64_t tap = 0; tap < taps; ++tap) to[(tap * channels + c) * kTileRows + i] = w[tap];
      }
    }
  }

  void panel(const T* x, const T* weights, int64_t first, T* z, T* local) const {
    const int64_t columns = std::min<int64_t>(kPanel<T>, columns_.count() - first), all = columns_.rows();
    const int vectors = vectors_for<T>(columns);
    const int64_t width = vectors * kLanes<T>;
    T *packed = local, *sums = local + kDepth * kPanel<T>;
    for (int64_t k = 0; k < all; k += kDepth) {
      const int64_t depth = std::min(kDepth, all - k);
      if (columns < width) std::fill_n(packed, depth * width, T(0));
      columns_.gather(x, k, depth, first, columns, width, packed);
      for (int64_t r = 0; r < row_blocks_; ++r) {
        const Left<T> a{weights + (r * all + k) * kTileRows, 1, kTileRows};
        any_tile<T>(kTileRows, vectors, depth, a, packed, sums + r * kTileRows * width, width, k > 0);
      }
    }
    store(sums, first, columns, width, z);
  }

  void store(const T* sums, int64_t first, int64_t columns, int64_t width, T* z) const {
    const int64_t pixels = columns_.pixels();
    for (int64_t j = 0; j < columns;) {
      const int64_t image = (first + j) / pixels, p = (first + j) % pixels;
      const int64_t count = std::min(columns - j, pixels - p);
      for (int64_t row = 0; row < m_; ++row)
        std::copy_n(sums + row * width + j, count, z + (image * m_ + row) * pixels + p);
      j += count;
    }
  }

  bool forward_;
  Place x_at_, w_at_, z_at_;
  Columns<T> columns_;
  int64_t m_ = 0, row_blocks_ = 0;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_convolution(const StepArgs& args) {
  if (args.node.op == ODEON_OP_CONV2D_WEIGHT_GRAD) return make_convolution_weights<T>(args);
  if (auto step = make_winograd<T>(args)) return step;
  return std::make_unique<Convolution<T>>(args);
}
template std::unique_ptr<Step<float>> make_convolution<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_convolution<double>(const StepArgs&);

}  // namespace odeon::cpu
