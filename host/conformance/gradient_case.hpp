// The checked strategy on a small problem: two pendulums with friction and a drive, three observation times.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "conformance/numbers.hpp"
#include "conformance/subject.hpp"
#include "engine/problem.hpp"
#include "experiment/session.hpp"

namespace odeon::host::conformance {

// The pendulum q' = w + q t / 10, w' = force cos(0.8 t) - drag w q - sin(q) with θ = (drag, force).
LoadedComponent pendulum();
// dL/d… of L = sum of cotangents * states.
struct GradientResult {
  Numbers states, y0, theta, times;
};

struct GradientProblem {
  Numbers y0{0.4, -0.3, 1.1, 0.2};  // [2, 2]
  Numbers theta{0.2, 0.9};
  Numbers times{0.2, 0.75, 1.4};
  double step = 0.02;
};

class GradientCase {
 public:
  // field: of two states and no parameters or those of the pendulum.
  GradientCase(const Subject& s, const GradientProblem& p, const LoadedComponent& field);
  explicit GradientCase(const Subject& s, const GradientProblem& p = {}) : GradientCase(s, p, pendulum()) {}
  ~GradientCase();

  // Of a backend instead: a solve that it differentiates by itself, and its reverse.
  odeon_status solve_rows(int32_t method);
  GradientResult reverse_rows();

  void forward();
  // before: what is in gtheta. Results that are not wanted stay empty.
  GradientResult backward(bool want_theta = true, bool want_times = true, double before = 0);
  void drop_tape() { pass_.reset(); }
  GradientResult both() {
    forward();
    return backward();
  }

  // The same by central differences of solves.
  GradientResult slopes();
  const TapeMeter& tape() const { return tape_; }

 private:
  double loss(const GradientProblem& p);
  Numbers moved_losses(Numbers GradientProblem::*numbers);
  void solve(const GradientProblem& p);

  GradientProblem p_;
  std::shared_ptr<Backend> backend_;
  odeon_problem problem_;
  std::optional<Gradient> gradient_;  // none for a backend
  std::unique_ptr<odeon_row_gradient, void (*)(odeon_row_gradient*)> rows_{nullptr, nullptr};
  TapeMeter tape_;
  Counters counters_;
  int64_t parameters_;
  DeviceTensor theta_, y0_, ys_, gys_, gy0_, gtheta_;
  std::optional<Gradient::Pass> pass_;
};

// The largest difference of the parts, each relative to its largest element.
double difference(const GradientResult& x, const GradientResult& y);

}  // namespace odeon::host::conformance
