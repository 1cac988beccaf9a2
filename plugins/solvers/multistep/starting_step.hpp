// The first steps of a multistep method of fixed order: the option that chooses them, and a one-step method.
#pragma once
#include <algorithm>
#include <array>
#include <odeon/sdk/options.hpp>
#include <odeon/sdk/step_solver.hpp>

namespace odeon {

inline constexpr odeon_str kStarts[] = {str("full"), str("rising")};
inline constexpr odeon_option kStartOption = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("start"), str("full"),
        str("full: one-step methods of sufficient order until the history is complete. rising: the 3/8 rule "
            "until it has three entries, then one order more at each step, as torchdiffeq.")),
    kStarts);

struct Start {
  size_t order;   // of the one-step method must be this, at least
  size_t needed;  // derivatives for a step of the multistep method
};
// For a method of order p that uses `past` derivatives.
inline Start start_of(const Options& options, size_t p, size_t past) {
  if (options.text("start") == "full") return {p - 1, past};
  return {4, std::min<size_t>(3, past)};
}

// Errors of O(h^p) in the first values leave a method its order p, so a one-step method of order p - 1 does.
// Up to 4 it is the 3/8 rule of Kutta, beyond it extrapolated midpoint steps (Hairer, Norsett, Wanner I,
// II.9).
class StartingStep {
 public:
  StartingStep() = default;
  StartingStep(const StepProblem& problem, size_t order)
      : problem_(problem),
        columns_(order <= 4 ? 0 : (order + 1) / 2),
        work_(problem, columns_ == 0 ? 4 : columns_ + 2) {}

  // y1 = y(t + h) from y0 with f0 = f(t, y0); y1 is none of them.
  void operator()(double t, double h, const odeon_tensor& y0, const odeon_tensor& f0,
                  const odeon_tensor& y1) {
    if (columns_ == 0)
      three_eighths(t, h, y0, f0, y1);
    else
      extrapolated(t, h, y0, f0, y1);
  }

 private:
  static constexpr size_t kMostColumns = 8;

  void three_eighths(double t, double h, const odeon_tensor& y0, const odeon_tensor& f0,
                     const odeon_tensor& y1) {
    const odeon_tensor k[] = {f0, work_[0], work_[1], work_[2]}, &y = work_[3];
    const double a[3][3] = {{1. / 3}, {-1. / 3, 1}, {1, -1, 1}}, b[] = {1. / 8, 3. / 8, 3. / 8, 1. / 8};
    for (size_t i = 1; i < 4; ++i) {
      problem_.lincomb(y, &y0, h, {a[i - 1], i}, {k, i});
      problem_.eval(t + h * double(i) / 3, y, k[i]);
    }
    problem_.lincomb(y1, &y0, h, b, k);
  }

  // Column j, of n_j = 2 j midpoint steps, errs in even powers of h / n_j: these weights cancel all but the
  // last.
  void extrapolated(double t, double h, const odeon_tensor& y0, const odeon_tensor& f0,
                    const odeon_tensor& y1) {
    std::array<double, kMostColumns> weights{};
    for (size_t j = 0; j < columns_; ++j) {
      midpoint(t, h, 2 * (j + 1), y0, f0, work_[j]);
      const double n_j = double(j + 1);
      weights[j] = 1;
      for (size_t i = 0; i < columns_; ++i)
        if (i != j) weights[j] *= n_j * n_j / (n_j * n_j - double(i + 1) * double(i + 1));
    }
    problem_.lincomb(y1, nullptr, 1, {weights.data(), columns_}, work_.span().first(columns_));
  }

  // z = what n steps z_{m+1} = z_{m-1} + 2 (h/n) f(z_m) come to; n is even.
  void midpoint(double t, double h, size_t n, const odeon_tensor& y0, const odeon_tensor& f0,
                const odeon_tensor& z) {
    const odeon_tensor &odd = work_[columns_], &f = work_[columns_ + 1];
    const double step = h / double(n);
    problem_.add(odd, y0, step, f0);
    for (size_t m = 1; m < n; ++m) {
      const odeon_tensor &at = m % 2 == 1 ? odd : z, &to = m % 2 == 1 ? z : odd;
      problem_.eval(t + double(m) * step, at, f);
      problem_.add(to, m == 1 ? y0 : to, 2 * step, f);
    }
  }

  StepProblem problem_;
  size_t columns_ = 0;
  StateVectors work_;
};

}  // namespace odeon
