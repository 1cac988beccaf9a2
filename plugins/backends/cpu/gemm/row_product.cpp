// MATMUL that sums over the batch, in a segment by rows: c[m][n] = a[k][m]^T b[k][n], as the gradient of a
// layer's weights is. The wider side lies along vectors, so c may be computed transposed.
#include "gemm/tile.hpp"
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kPackedRows = 64;

template <class T>
class RowProduct final : public Step<T> {
 public:
  explicit RowProduct(const StepArgs& s)
      : left_at_(s.in_at[0]),
        right_at_(s.in_at[1]),
        c_at_(s.out_at),
        m_(s.out.shape[0]),
        n_(s.out.shape[1]),
        k_(s.in[0].shape[0]),
        turned_(n_ < m_ && n_ <= kNarrow) {
    if (!turned_) return;
    std::swap(left_at_, right_at_);
    std::swap(m_, n_);
  }

  int64_t local_scratch() const override { return kPackedRows * kPanel<T>; }
  int64_t work() const override { return m_ * n_ * k_ / kProductsPerWork; }
  int64_t partial() const override { return m_ * width(); }

  void run_rows(const Run<T>& run, int64_t first, int64_t last, T* local) override {
    for (int64_t row = first; row < last; row += kPackedRows)
      add(run, row, std::min(last, row + kPackedRows), run.begins && row == first, local);
  }
  void finish(const Run<T>& run, int64_t shares) override {
    T* total = run.partial;
    for (int64_t s = 1; s < shares; ++s) {
      const T* part = run.partial + s * partial();
      for (int64_t i = 0; i < partial(); ++i) total[i] += part[i];
    }
    T* c = run.at(c_at_);
    for (int64_t i = 0; i < m_; ++i)
      for (int64_t j = 0; j < n_; ++j) c[turned_ ? j * m_ + i : i * n_ + j] = total[i * width() + j];
  }

 private:
  int64_t width() const { return whole_vectors<T>(n_); }

  void add(const Run<T>& run, int64_t first, int64_t last, bool begins, T* local) const {
    const Left<T> a{run.at(left_at_) + first * m_, 1, m_};
    const T* b = run.at(right_at_) + first * n_;
    for (int64_t j = 0; j < n_; j += kPanel<T>) {
      const int64_t columns = std::min<int64_t>(n_ - j, kPanel<T>);
      const int vectors = vectors_for<T>(columns);
      pack(b + j, last - first, vectors, static_cast<int>(columns - (vectors - 1) * kLanes<T>), local);
      for (int64_t i = 0; i < m_; i += kTileRows)
        any_tile<T>(static_cast<int>(std::min<int64_t>(kTileRows, m_ - i)), vectors, last - first, a.down(i),
                    local, run.partial + i * width() + j, width(), !begins);
    }
  }

  // In vectors, the last of each row filled up with zeros.
  void pack(const T* b, int64_t rows, int vectors, int last, T* packed) const {
    using V = Vector<T>;
    for (int64_t l = 0; l < rows; ++l, b += n_, packed += vectors * kLanes<T>) {
      for (int v = 0; v < vectors - 1; ++v)
        reinterpret_cast<V*>(packed)[v] = *reinterpret_cast<const V*>(b + v * kLanes<T>);
      reinterpret_cast<V*>(packed)[vectors - 1] = load_part(b + (vectors - 1) * kLanes<T>, last);
    }
  }

  Place left_at_, right_at_, c_at_;
  int64_t m_, n_, k_;
  bool turned_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_row_product(const StepArgs& args) {
  return std::make_unique<RowProduct<T>>(args);
}
template std::unique_ptr<Step<float>> make_row_product<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_row_product<double>(const StepArgs&);

}  // namespace odeon::cpu
