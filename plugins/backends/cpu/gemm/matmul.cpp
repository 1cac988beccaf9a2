// MATMUL: c[m][n] = op(a)[m][k] op(b)[k][n]. The order in which a sum over k is added depends on the sizes
// alone, so neither tiles nor threads change a bit.
#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kRowsPerTask = 64;
constexpr int64_t kSerialElements = 100'000;  // that one thread packs

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
        narrow_(n_ <= kNarrow && !ta_) {}

  int64_t shared_scratch() const override { return narrow_ ? n_ * dot_row() : panels_ * kPanel<T> * k_; }
  int64_t work() const override { return m_ * n_ * k_ / kProductsPerWork; }

  void run(const Run<T>& run) override {
    if (m_ == 0 || n_ == 0) return;
    if (m_ <= 2) {
      const Left<T> a = left(run);
      for (int64_t i = 0; i < m_; ++i) one_row(a.down(i), run.at(b_at_), run.at(c_at_) + i * n_);
      return;
    }
    prepare(run);
    const int64_t blocks = (m_ + kRowsPerTask - 1) / kRowsPerTask;
    run.for_each(blocks * panels_, work() > kSerialWork, [&](int64_t i, T*) {
      const int64_t first = i / panels_ * kRowsPerTask;
      rows(run, i % panels_, first, std::min(m_, first + kRowsPerTask));
    });
  }

  void prepare(const Run<T>& run) override {
    const T* b = run.at(b_at_);
    if (narrow_) return pack_narrow(b, run.shared);
    run.for_each(panels_, n_ * k_ > kSerialElements, [&](int64_t p, T*) { pack(b, p, run.shared); });
  }
  void run_rows(const Run<T>& run, int64_t first, int64_t last, T*) override {
    for (int64_t p = 0; p < panels_; ++p) rows(run, p, first, last);
  }

 private:
  Left<T> left(const Run<T>& run) const { return {run.at(a_at_), ta_ ? 1 : k_, ta_ ? m_ : 1}; }

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

  int64_t dot_row() const { return whole_vectors<T>(k_); }
  void pack_narrow(const T* b, T* packed) const {
    std::fill_n(packed, n_ * dot_row(), T(0));
    for (int64_t j = 0; j < n_; ++j)
      for (int64_t l = 0; l < k_; ++l) packed[j * dot_row() + l] = b[tb_ ? j * k_ + l : l * n_ + j];
  }

  void pack(const T* b, int64_t panel, T* packed) const {
    const int64_t first = panel * kPanel<T>, columns = std::min<int64_t>(n_ - first, kPanel<T>);
    const int64_t width = vectors_for<T>(columns) * kLanes<T>;
    T* to = packed + first * k_;
    if (columns < width) std::fill_n(to, width * k_, T(0));
    if (tb_) {
      for (int64_t j = 0; j < columns; ++j)
        for (int64_t l = 0; l < k_; ++l) to[l * width + j] = b[(first + j) * k_ + l];
    } else {
      for (int64_t l = 0; l < k_; ++l) std::copy_n(b + l * n_ + first, columns, to + l * width);
    }
  }

  void rows(const Run<T>& run, int64_t panel, int64_t first_row, int64_t last_row) const {
    const Left<T> a = left(run);
    T* const c = run.at(c_at_);
    if (narrow_) {
      for (int64_t i = first_row; i < last_row; ++i) dots(n_, k_, a.data + i * k_, run.shared, c + i * n_);
      return;
    }
    const int64_t first = panel * kPanel<T>, columns = std::min<int64_t>(n_ - first, kPanel<T>);
    const int vectors = vectors_for<T>(columns);
    const int last = static_cast<int>(columns - (vectors - 1) * kLanes<T>);
    for (int64_t i = first_row; i < last_row; i += kTileRows)
      any_tile<T>(static_cast<int>(std::min<int64_t>(kTileRows, last_row - i)), vectors, k_, a.down(i),
                  run.shared + first * k_, c + i * n_ + first, n_, false, last);
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
