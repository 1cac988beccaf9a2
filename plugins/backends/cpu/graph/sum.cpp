// SUM over axes that merge to [kept, summed, kept, summed]; other patterns go to the fallback.
#include <vector>

#include "graph/steps.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kColumns = 128;  // summed side by side in double
constexpr int64_t kSerialElements = 32768;

template <class T>
class Sum final : public Step<T> {
 public:
  Sum(const StepArgs& s, const int64_t* sizes)
      : x_at_(s.in_at[0]), z_at_(s.out_at), k0_(sizes[0]), r0_(sizes[1]), k1_(sizes[2]), r1_(sizes[3]) {}

  void run(const Run<T>& run) override {
    const T* x = run.at(x_at_);
    T* z = run.at(z_at_);
    const bool parallel = k0_ * r0_ * k1_ * r1_ > kSerialElements;
    if (r1_ == 1) {
      const int64_t blocks = (k1_ + kColumns - 1) / kColumns;
      run.for_each(k0_ * blocks, parallel, [&](int64_t i, T*) {
        const int64_t first = i % blocks * kColumns;
        columns(x, z, i / blocks, first, std::min(kColumns, k1_ - first));
      });
    } else {
      run.for_each(k0_ * k1_, parallel, [&](int64_t i, T*) { z[i] = rows(x, i / k1_, i % k1_); });
    }
  }

 private:
  void columns(const T* x, T* z, int64_t outer, int64_t first, int64_t n) const {
    double sum[kColumns] = {};
    for (int64_t r = 0; r < r0_; ++r) {
      const T* from = x + (outer * r0_ + r) * k1_ + first;
#pragma omp simd
      for (int64_t j = 0; j < n; ++j) sum[j] += static_cast<double>(from[j]);
    }
    for (int64_t j = 0; j < n; ++j) z[outer * k1_ + first + j] = static_cast<T>(sum[j]);
  }

  T rows(const T* x, int64_t outer, int64_t inner) const {
    double total = 0;
    for (int64_t r = 0; r < r0_; ++r) {
      const T* from = x + ((outer * r0_ + r) * k1_ + inner) * r1_;
      double sum = 0;
#pragma omp simd reduction(+ : sum)
      for (int64_t j = 0; j < r1_; ++j) sum += static_cast<double>(from[j]);
      total += sum;
    }
    return static_cast<T>(total);
  }

  Place x_at_, z_at_;
  int64_t k0_, r0_, k1_, r1_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> make_sum(const StepArgs& args) {
  int64_t sizes[4] = {1, 1, 1, 1};
  int at = 0;  // even: kept, odd: summed
  for (int32_t i = 0; i < args.in[0].rank; ++i) {
    if (args.in[0].shape[i] == 1) continue;
    const int summed = static_cast<int>(args.node.ints[0] >> i & 1);
    if (at % 2 != summed && ++at > 3) return nullptr;
    sizes[at] *= args.in[0].shape[i];
  }
  return std::make_unique<Sum<T>>(args, sizes);
}
template std::unique_ptr<Step<float>> make_sum<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_sum<double>(const StepArgs&);

}  // namespace odeon::cpu
