// The rows of an extrapolation table: each integrates the same step with another number of midpoint steps.
// W. B. Gragg, SIAM J. Numer. Anal. 2 (1965) 384-403; Hairer, Norsett, Wanner I, II.9.
#pragma once
#include <array>
#include <odeon/sdk/step_solver.hpp>

#include "sequence.hpp"

namespace odeon {

// Where a step begins.
struct StepBegin {
  double t, h;
  odeon_tensor y, f;
};

class MidpointTable {
 public:
  MidpointTable() = default;
  MidpointTable(const StepProblem& problem, size_t rows)
      : problem_(problem), results_(problem, rows), work_(problem, 2) {}

  // With s = h / n: z_1 = y + s f, z_{m+1} = z_{m-1} + 2 s f(z_m), result z_n. Its error is a series in s^2,
  // also without Gragg's last smoothing step, since n is even.
  void compute(size_t row, const StepBegin& at) {
    const size_t n = midpoint_steps(row);
    const double s = at.h / double(n);
    const odeon_tensor &odd = work_[0], &even = results_[row - 1], &f = work_[1];
    problem_.add(odd, at.y, s, at.f);
    for (size_t m = 1; m < n; ++m) {
      const odeon_tensor &z = m % 2 == 1 ? odd : even, &next = m % 2 == 1 ? even : odd;
      problem_.eval(at.t + double(m) * s, z, f);
      problem_.add(next, m == 1 ? at.y : next, 2 * s, f);
    }
  }

  // y = the extrapolation of all `rows` rows.
  void extrapolate(size_t rows, const odeon_tensor& y) const {
    Weights weights{};
    const std::span<double> w = std::span(weights).first(rows);
    extrapolation_weights(1, w);
    problem_.lincomb(y, nullptr, 1, w, results_.span().first(rows));
  }
  // y less the extrapolation without the first row.
  void difference(size_t rows, const odeon_tensor& to) const {
    Weights weights{}, others{};
    const std::span<double> w = std::span(weights).first(rows), o = std::span(others).first(rows);
    extrapolation_weights(1, w);
    extrapolation_weights(2, o.subspan(1));
    for (size_t j = 0; j < rows; ++j) w[j] -= o[j];
    problem_.lincomb(to, nullptr, 1, w, results_.span().first(rows));
  }

 private:
  using Weights = std::array<double, kMostRows>;
  StepProblem problem_;
  StateVectors results_, work_;
};

}  // namespace odeon
