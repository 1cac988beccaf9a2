#include "engine/explicit_stepper.hpp"

#include <cmath>

namespace odeon::host {

ExplicitStepper::ExplicitStepper(odeon_problem& problem) : TableauStepper(problem) {
  const int last = m_.stages() - 1;
  for (int j = 0; last > 0 && j < m_.stages(); ++j) between_.push_back(m_.a(last, j) - m_.a(last - 1, j));
}

// h |k_s - k_(s-1)| / |Y_s - Y_(s-1)| estimates h times the largest eigenvalue, since it is the fast parts in
// which two stages differ.
double ExplicitStepper::stability_ratio() {
  if (between_.empty()) return 0;
  const double difference[] = {1, -1};
  const double arguments_by_h = math_.scaled_norm(1, between_, {w_.k.data(), stages_}, y(), nullptr),
               slopes = math_.scaled_norm(1, difference, {&w_.k[stages_ - 2], 2}, y(), nullptr);
  if (!(arguments_by_h > 0 && m_.real_stability() > 0)) return 0;
  // Stages at different times differ in slow parts too, which hides about half of the ratio.
  const int last = m_.stages() - 1;
  const double hidden = m_.c(last) == m_.c(last - 1) ? 1 : 2;
  return hidden * slopes / arguments_by_h / m_.real_stability();
}

Trial ExplicitStepper::attempt(double t, double h, bool want_error) {
  t_ = t, h_ = h;
  need_begin_derivative();
  for (size_t i = 1; i < stages_; ++i) {
    const bool last = m_.fsal() && i + 1 == stages_;
    const odeon_tensor& at = last ? y1() : w_.stage;
    math_.combine(at, &y(), h, m_.a_row(static_cast<int>(i)), w_.k);
    eval(t + m_.c(static_cast<int>(i)) * h, at, i);
  }
  if (!m_.fsal()) math_.combine(y1(), &y(), h, m_.b(), w_.k);
  end_derivative_ = m_.fsal() ? static_cast<int32_t>(stages_) - 1 : -1;
  return {h, want_error ? math_.error_of_step(h) : 0, 0, nullptr};
}

}  // namespace odeon::host
