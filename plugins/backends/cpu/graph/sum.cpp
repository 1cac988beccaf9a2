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
  Sum(const StepArgs& s, const std::array<int64_t, 4>& sizes)
      : x_at_(s.in_at[0]),
        z_at_(s.out_at),
        rows_(s.in[0].rank > 0 ? s.in[0].shape[0] : 1),
        k0_(sizes[0]),
        r0_(sizes[1]),
        k1_(sizes[2]),
        r1_(sizes[3]) {}

  void run(const Run<T>& run) override {
    const T* x = run.at(x_at_);
    T* z = run.at(z_at_);
    run.for_each(k0_ * pieces(), work() > kSerialElements, [&](int64_t i, T*) { piece(x, z, i); });
  }
  void run_rows(const Run<T>& run, int64_t first, int64_t last, T*) override {
    const T* x = run.at(x_at_);
    T* z = run.at(z_at_);
    const int64_t of_row = k0_ / rows_ * pieces();
    for (int64_t i = first * of_row; i < last * of_row; ++i) piece(x, z, i);
  }
  int64_t work() const override { return k0_ * r0_ * k1_ * r1_; }

 private:
  // Of one kept index in front: results that one thread computes, single ones or kColumns side by side.
  int64_t pieces() const { return r1_ == 1 ? (k1_ + kColumns - 1) / kColumns : k1_; }
  void piece(const T* x, T* z, int64_t i) const {
    const int64_t outer = i / pieces(), at = i % pieces();
    if (r1_ == 1)
      columns(x, z, outer, at * kColumns, std::min(kColumns, k1_ - at * kColumns));
    else
      z[i] = rows(x, outer, at);
  }

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
  int64_t rows_, k0_, r0_, k1_, r1_;
};

}  // namespace

std::optional<std::array<int64_t, 4>> merged_sum(const odeon_tensor& x, int64_t mask) {
  std::array<int64_t, 4> sizes{1, 1, 1, 1};
  int at = 0;  // even: kept, odd: summed
  for (int32_t i = 0; i < x.rank; ++i) {
    if (x.shape[i] == 1) continue;
    const int summed = static_cast<int>(mask >> i & 1);
    if (at % 2 != summed && ++at > 3) return std::nullopt;
    sizes[size_t(at)] *= x.shape[i];
  }
  return sizes;
}

template <class T>
std::unique_ptr<Step<T>> make_sum(const StepArgs& args) {
  const auto sizes = merged_sum(args.in[0], args.node.ints[0]);
  return sizes ? std::make_unique<Sum<T>>(args, *sizes) : nullptr;
}
template std::unique_ptr<Step<float>> make_sum<float>(const StepArgs&);
template std::unique_ptr<Step<double>> make_sum<double>(const StepArgs&);

}  // namespace odeon::cpu
