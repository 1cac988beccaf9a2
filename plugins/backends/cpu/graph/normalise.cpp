// GROUP_NORM and its vjp, one task per group; statistics in double, in two passes.
#include <cmath>

#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kSerialElements = 16384;
constexpr int64_t kElementsPerTask = 4096;

template <class T>
class GroupNorm final : public Step<T> {
 public:
  explicit GroupNorm(const StepArgs& s)
      : x_at_(s.in_at[0]),
        g_at_(s.in_at[1]),
        z_at_(s.out_at),
        is_grad_(s.node.op == ODEON_OP_GROUP_NORM_GRAD),
        eps_(s.node.reals[0]),
        groups_of_row_(s.node.ints[0]),
        groups_(s.in[0].shape[0] * groups_of_row_),
        size_(groups_ == 0 ? 0 : element_count(s.in[0]) / groups_) {}

  void run(const Run<T>& run) override {
    if (groups_ == 0 || size_ == 0) return;
    const int64_t per_task = std::max<int64_t>(1, kElementsPerTask / size_);
    run.for_each((groups_ + per_task - 1) / per_task, groups_ * size_ > kSerialElements, [&](int64_t i, T*) {
      run_groups(run, i * per_task, std::min(groups_, (i + 1) * per_task));
    });
  }
  void run_rows(const Run<T>& run, int64_t first, int64_t last, T*) override {
    run_groups(run, first * groups_of_row_, last * groups_of_row_);
  }
  int64_t work() const override { return groups_ * size_ * (is_grad_ ? 4 : 3); }

 private:
  void run_groups(const Run<T>& run, int64_t first, int64_t last) const {
    const T *x = run.at(x_at_), *g = is_grad_ ? run.at(g_at_) : nullptr;
    T* z = run.at(z_at_);
    for (int64_t k = first; k < last; ++k)
      is_grad_ ? gradient(x + k * size_, g + k * size_, z + k * size_)
               : normalise(x + k * size_, z + k * size_);
  }

  struct Moments {
    double mean, rstd;
  };
  Moments moments(const T* x) const {
    double sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < size_; ++i) sum += static_cast<double>(x[i]);
    const double mean = sum / static_cast<double>(size_);
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < size_; ++i) {
      const double d = static_cast<double>(x[i]) - mean;
      squares += d * d;
    }
    return {mean, 1 / std::sqrt(squares / static_cast<double>(size_) + eps_)};
  }

  void normalise(const T* x, T* z) const {
    const Moments m = moments(x);
    const T mean = static_cast<T>(m.mean), rstd = static_cast<T>(m.rstd);
#pragma omp simd
    for (int64_t i = 0; i < size_; ++i) z[i] = (x[i] - mean) * rstd;
  }

  // rstd (g - mean(g) - xhat mean(g xhat))
  void gradient(const T* x, const T* g, T* z) const {
    const Moments m = moments(x);
    double sum_g = 0, sum_gx = 0;
#pragma omp simd reduction(+ : sum_g, sum_gx)
    for (int64_t i = 0; i < size_; ++i) {
      sum_g += static_cast<double>(g[i]);
      sum_gx += static_cast<double>(g[i]) * (static_cast<double>(x[i]) - m.mean);
    }
    const double n = static_cast<double>(size_);
    const double mean_g = sum_g / n, slope = sum_gx * m.rstd * m.rstd / n;
#pragma omp simd
    for (int64_t i = 0; i < size_; ++i) {
      const double d = static_cast<double>(x[i]) - m.mean;
      z[i] = static_cast<T>(m.rstd * (static_cast<double>(g[i]) - mean_g - d * slope));
    }
  }

  Place x_at_, g_at_, z_at_;
  bool is_grad_;
  double eps_;
  int64_t groups_of_row_, groups_, size_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_normalisation(const StepArgs& args) {
  return std::make_unique<GroupNorm<T>>(args);
}
template std::unique_ptr<Step<float>> make_normalisation<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_normalisation<double>(const StepArgs&);

}  // namespace odeon::cpu
