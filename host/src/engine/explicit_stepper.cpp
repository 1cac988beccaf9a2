#include "engine/explicit_stepper.hpp"

namespace odeon::host {

ExplicitStepper::ExplicitStepper(odeon_problem& problem) : TableauStepper(problem), stability_(m_) {}

double ExplicitStepper::stability_ratio() {
  if (!stability_.known()) return 0;
  const double difference[] = {1, -1};
  const double arguments = math_.scaled_norm(1, stability_.between(), {w_.k.data(), stages_}, y(), nullptr),
               slopes = math_.scaled_norm(1, difference, {&w_.k[stages_ - 2], 2}, y(), nullptr);
  return stability_.ratio(arguments, slopes);
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
