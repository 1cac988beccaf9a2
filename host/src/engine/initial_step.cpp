#include "engine/initial_step.hpp"

#include <algorithm>
#include <cmath>

#include "engine/failure.hpp"
#include "engine/first_step.hpp"
#include "engine/row_at_fault.hpp"
#include "engine/workspace.hpp"

namespace odeon::host {

std::pair<std::string, std::string> explain_start(bool finite, bool allows_errors) {
  if (!finite) return {FirstStep::kReason, FirstStep::kRemedy};
  if (allows_errors)
    return {"the field is so large that its norm overflows",
            "check the field at the first time, or scale it"};
  return {"an element of the state is zero where atol is zero, so that no error is allowed", "raise atol"};
}

double initial_step(odeon_problem& p, StepArithmetic& math, const InitialStep& at, const odeon_tensor& f0,
                    const odeon_tensor& scratch) {
  const SolverSettings& s = p.solver.settings;
  if (s.first_step > 0) return at.direction * std::min(s.first_step, s.max_step);
  odeon_tensor& y = p.work->y[0];
  const double one[] = {1.0}, difference[] = {1.0, -1.0};
  const double d0 = math.scaled_norm(1, one, {&y, 1}, y, nullptr),
               d1 = math.scaled_norm(1, one, {&f0, 1}, y, nullptr);
  const FirstStep first(d0, d1);
  if (!first.finite()) {
    const auto [reason, remedy] = explain_start(math.is_finite(y) && math.is_finite(f0), std::isfinite(d0));
    throw SolveFailed(with_row_at_fault({reason, remedy, at.t, 0, d1, 0}, p, y, f0));
  }
  const double h0 = first.trial();
  math.combine(p.work->stage, &y, at.direction * h0, one, {&f0, 1});
  p.rhs->eval(at.t + at.direction * h0, p.work->stage, scratch, nullptr);
  const odeon_tensor pair[] = {scratch, f0};
  const double d2 = math.scaled_norm(1 / h0, difference, pair, y, nullptr);
  return at.direction * std::min(first.length(d2, at.order), s.max_step);
}

}  // namespace odeon::host
