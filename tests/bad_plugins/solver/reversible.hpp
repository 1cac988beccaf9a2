// A correct solver whose steps can be taken back, asynchronous leapfrog, from which specimens depart.
#pragma once
#include "heun.hpp"

namespace {
class Reversible {
 public:
  Reversible(const odeon_host*, const odeon::Options&) {}

  void start(const odeon::StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) x_ = odeon::StateVectors(problem, 3);
    t_ = t0;
    problem_.copy(x_[0], y0);
    problem_.eval(t0, y0, x_[1]);
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    move(h, t_ + h / 2);
    problem_.copy(y1, x_[0]);
    t_ = result.t1;
  }

  std::array<odeon_tensor, 2> carried() { return {x_[0], x_[1]}; }
  void stand_at(double t) { t_ = t; }

 protected:
  void move(double h, double middle) {
    const double reflect[] = {-1, 2};
    const odeon_tensor velocities[] = {x_[1], x_[2]};
    problem_.add(x_[0], x_[0], h / 2, x_[1]);
    problem_.eval(middle, x_[0], x_[2]);
    problem_.lincomb(x_[1], nullptr, 1, reflect, velocities);
    problem_.add(x_[0], x_[0], h / 2, x_[1]);
  }

  odeon::StepProblem problem_;
  odeon::StateVectors x_;  // z, v, and a slope
  double t_ = 0;
};
}  // namespace
