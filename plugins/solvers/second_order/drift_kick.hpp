// Compositions of drifts and kicks: symplectic, reversible where the coefficients are the same from both
// ends. E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration, 2nd ed., II.5 and V.3.
#pragma once
#include <array>
#include <odeon/sdk/plugin.hpp>

#include "halves.hpp"

namespace odeon {

// drift(c_0 h), kick(d_0 h), drift(c_1 h), ..., kick(d_{N-1} h), drift(c_N h); a kick evaluates the field.
template <size_t N>
struct DriftKick {
  std::array<double, N + 1> c;
  std::array<double, N> d;
};

template <size_t N, DriftKick<N> method>
class DriftKickSolver {
 public:
  DriftKickSolver(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      y_ = StateVectors(problem, 2);
      halves_ = Halves(problem);
      halves_.require_second_order(t0, y0);
    }
    problem_.copy(y_[0], y0);
    t_ = t0;
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    const odeon_tensor& dy = y_[1];
    double t = t_;
    problem_.copy(y1, y_[0]);
    for (size_t i = 0; i < N; ++i) {
      halves_.drift(y1, method.c[i] * h);
      t += method.c[i] * h;
      problem_.eval(t, y1, dy);
      halves_.kick(y1, method.d[i] * h, dy);
    }
    halves_.drift(y1, method.c[N] * h);
    problem_.copy(y_[0], y1);
    t_ = result.t1;
  }

  std::array<odeon_tensor, 1> carried() { return {y_[0]}; }
  void stand_at(double t) { t_ = t; }

  void archive(Archive& archive) {
    archive.value(t_);
    archive.vector(y_[0]);
  }

 private:
  StepProblem problem_;
  double t_ = 0;
  StateVectors y_;  // the state and scratch for its derivative
  Halves halves_;
};

inline constexpr uint32_t kDriftKickCapabilities =
    ODEON_SOLVER_SECOND_ORDER | ODEON_SOLVER_SYMPLECTIC | ODEON_SOLVER_REVERSIBLE;

}  // namespace odeon
