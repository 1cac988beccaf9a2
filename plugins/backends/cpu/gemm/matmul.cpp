// MATMUL: c[m][n] = op(a)[m][k] op(b)[k][n]. The sum over k is one chain per element, never split, so
// neither tiles nor threads change a bit.
#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kRowsPerTask = 64;
constexpr int64_t kSerialProducts = 100'000;

template <class T>
class Matmul final : public Step<T> {
 public:
  explicit Matmul(const StepArgs& s)
      : a_at_(s.in_at[0]),
        b_at_(s.in_at[1]),
        c_at_(s.out_at),
        ta_(s.node.ints[0] != 0),
        tb_(s.node.ints[1] != 0),
        m_(s.out.shape[0]),
        n_(s.out.shape[1]),
        k_(s.in[0].shape[ta_ ? 0 : 1]),
        panels_((n_ + kPanel<T> - 1) / kPanel<T>),
        narrow_(n_ <= kNarrow) {}

  int64_t shared_scratch() const override { return panels_ * kPanel<T> * k_; }
  int64_t local_scratch() const override { return kTileRows * kPanel<T>; }

  void run(const Run<T>& run) override {
    if (m_ == 0 || n_ == 0) return;
    const Left<T> a{run.at(a_at_), ta_ ? 1 : k_, ta_ ? m_ : 1};
    const T* b = run.at(b_at_);
    T* c = run.at(c_at_);
    if (m_ <= 2) {
      for (int64_t i = 0; i < m_; ++i) one_row(a.down(i), b, c + i * n_);
      return;
    }
    const bool parallel = m_ * n_ * k_ > kSerialProducts;
    run.for_each(panels_, parallel && n_ * k_ > kSerialProducts,
                 [&](int64_t p, T*) { pack(b, p, run.shared); });
    const int64_t blocks = (m_ + kRowsPerTask - 1) / kRowsPerTask;
    run.for_each(blocks * panels_, parallel, [&](int64_t i, T* local) {
      block(a, run.shared, c, i % panels_, i / panels_ * kRowsPerTask, local);
    });
  }

 private:
  // Packing would cost as much as the product.
  void one_row(Left<T> a, const T* b, T* c) const {
    if (tb_) {
      for (int64_t j = 0; j < n_; ++j) {
        const T* row = b + j * k_;
        T sum = 0;
#pragma omp simd reduction(+ : sum)
        for (int64_t l = 0; l < k_; ++l) sum += a.data[l * a.column] * row[l];
        c[j] = sum;
      }
      return;
    }
    std::fill_n(c, n_, T(0));
    for (int64_t l = 0; l < k_; ++l) {
      const T left = a.data[l * a.column];
      const T* row = b + l * n_;
#pragma omp simd
      for (int64_t j = 0; j < n_; ++j) c[j] += left * row[j];
    }
  }

  void pack(const T* b, int64_t panel, T* packed) const {
    const int64_t first = panel * kPanel<T>, columns = std::min<int64_t>(n_ - first, kPanel<T>);
    const int64_t width = narrow_ ? kNarrow : vectors_for<T>(columns) * kLanes<T>;
    T* to = packed + first * k_;
    if (columns < width) std::fill_n(to, width * k_, T(0));
    if (tb_) {
      for (int64_t j = 0; j < columns; ++j)
        for (int64_t l = 0; l < k_; ++l) to[l * width + j] = b[(first + j) * k_ + l];
    } else {
      for (int64_t l = 0; l < k_; ++l) std::copy_n(b + l * n_ + first, columns, to + l * width);
    }
  }

  void block(Left<T> a, const T* packed, T* c, int64_t panel, int64_t first_row, T* local) const {
    const int64_t first = panel * kPanel<T>, columns = std::min<int64_t>(n_ - first, kPanel<T>);
    const int vectors = vectors_for<T>(columns);
    const int64_t width = narrow_ ? kNarrow : vectors * kLanes<T>,
                  last_row = std::min(m_, first_row + kRowsPerTask);
    const T* b = packed + first * k_;
    for (int64_t i = first_row; i < last_row; i += kTileRows) {
      const int rows = static_cast<int>(std::min<int64_t>(kTileRows, last_row - i));
      T* to = c + i * n_ + first;
      if (columns == width && !narrow_) {
        any_tile<T>(rows, vectors, k_, a.down(i), b, to, n_, false);
        continue;
      }
      if (narrow_)
        narrow_tile<T>(rows, k_, a.down(i), b, local);
      else
        any_tile<T>(rows, vectors, k_, a.down(i), b, local, width, false);
      for (int r = 0; r < rows; ++r)
        for (int64_t j = 0; j < columns; ++j) to[r * n_ + j] = local[r * width + j];
    }
  }

  Place a_at_, b_at_, c_at_;
  bool ta_, tb_;
  int64_t m_, n_, k_, panels_;
  bool narrow_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_matmul(const StepArgs& args) {
  return std::make_unique<Matmul<T>>(args);
}
template std::unique_ptr<Step<float>> make_matmul<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_matmul<double>(const StepArgs&);

}  // namespace odeon::cpu
