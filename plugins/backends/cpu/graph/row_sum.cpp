// SUM over the batch, and perhaps axes beside it, in a segment by rows.
#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

template <class T>
class RowSum final : public Step<T> {
 public:
  explicit RowSum(const StepArgs& s)
      : x_at_(s.in_at[0]),
        z_at_(s.out_at),
        columns_(element_count(s.out)),
        per_row_(columns_ > 0 ? element_count(s.in[0]) / s.in[0].shape[0] / columns_ : 0) {}

  int64_t work() const override { return columns_ * per_row_; }
  int64_t partial() const override {  // in double, whatever T is
    constexpr int64_t kLine = 64 / static_cast<int64_t>(sizeof(double));
    return (columns_ + kLine - 1) / kLine * 64 / static_cast<int64_t>(sizeof(T));
  }

  void run_rows(const Run<T>& run, int64_t first, int64_t last, T*) override {
    double* sum = sums(run.partial);
    if (run.begins) std::fill_n(sum, columns_, 0.0);
    const T* x = run.at(x_at_);
    for (int64_t r = first * per_row_; r < last * per_row_; ++r) {
      const T* from = x + r * columns_;
#pragma omp simd
      for (int64_t j = 0; j < columns_; ++j) sum[j] += static_cast<double>(from[j]);
    }
  }
  void finish(const Run<T>& run, int64_t shares) override {
    double* total = sums(run.partial);
    for (int64_t s = 1; s < shares; ++s) {
      const double* part = sums(run.partial + s * partial());
      for (int64_t j = 0; j < columns_; ++j) total[j] += part[j];
    }
    T* z = run.at(z_at_);
    for (int64_t j = 0; j < columns_; ++j) z[j] = static_cast<T>(total[j]);
  }

 private:
  static double* sums(T* partial) { return reinterpret_cast<double*>(partial); }

  Place x_at_, z_at_;
  int64_t columns_, per_row_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_row_sum(const StepArgs& args) {
  return std::make_unique<RowSum<T>>(args);
}
template std::unique_ptr<Step<float>> make_row_sum<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_row_sum<double>(const StepArgs&);

}  // namespace odeon::cpu
