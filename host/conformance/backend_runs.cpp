#include "conformance/backend_runs.hpp"

#include <thread>

#include "conformance/backend_case.hpp"
#include "conformance/gradient_case.hpp"
#include "conformance/solver_case.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

constexpr const char* kSteps = "{step_size: 0.01}";

std::vector<double> end_state(const Subject& s, const TestProblem& p) {
  return solve(s, p, {p.start, p.stop}, kSteps);
}

// One of everything whose order of summation could depend on chance.
std::vector<double> sums(const Subject& s, int64_t size) {
  BackendCase c(s);
  const odeon_tensor x = c.tensor(values<double>(size, 1), {size}),
                     y = c.tensor(values<double>(size, 2), {size});
  double* to = c.room(3);
  call(c->name(), c->api().reduce, c->queue(), ODEON_REDUCE_SUM, &x, to);
  call(c->name(), c->api().dot, c->queue(), &x, &y, to + 1);
  const double one = 1;
  odeon_error_norm_args a{};
  a.struct_size = sizeof a;
  a.n_terms = 1;
  a.coefficients = &one;
  a.terms = &x;
  a.scale = host_scalar(1);
  a.y0 = &y;
  a.rtol = a.atol = 1e-3;
  call(c->name(), c->api().error_norm, c->queue(), &a, to + 2);
  return c.download<double>(to, 3);
}

}  // namespace

Finding backend_solves(const Subject& s) {
  double worst = 0;
  for (const TestProblem& p : {two_bodies(), travelling_phase()}) {
    const std::vector<double> states = end_state(s, p), exact = p.exact(p.stop);
    worst = std::max(worst, root_mean_square(states, exact));
  }
  constexpr double kTruncation = 1e-6;  // of order 4 in steps of 0.01
  const std::string figure = text("error %.1e", worst);
  return worst < kTruncation ? pass(figure) : fail(figure + ", where the method has 1e-8");
}

Finding backend_differentiates(const Subject& s) {
  if (!BackendCase(s)->solve_gradient_api()) return pass("it has none");
  // Of central differences; and of the adjoint's discretisation, by order 4 in steps of 0.02.
  constexpr double kExact = 1e-6, kContinuous = 1e-5;
  double worst = 0;
  for (const int32_t method : {ODEON_SOLVE_GRADIENT_DIRECT, ODEON_SOLVE_GRADIENT_ADJOINT}) {
    GradientCase c(s);
    if (c.solve_rows(method) == ODEON_E_UNSUPPORTED) continue;
    const bool exact = method == ODEON_SOLVE_GRADIENT_DIRECT;
    const GradientResult found = c.reverse_rows();
    const double error = difference(found, c.slopes());
    const char* which = exact ? "ODEON_SOLVE_GRADIENT_DIRECT" : "ODEON_SOLVE_GRADIENT_ADJOINT";
    if (!(error < (exact ? kExact : kContinuous)))
      return fail(which + text(": it is wrong by %.1e of its size", error));
    worst = std::max(worst, error);
  }
  return pass(text("to %.1e of central differences", worst));
}

Finding backend_gives_the_same_bits(const Subject& s) {
  for (const int64_t size : {int64_t{257}, int64_t{100003}})
    if (sums(s, size) != sums(s, size))
      return fail("sums of the same " + std::to_string(size) + " numbers differ from call to call");
  const TestProblem p = two_bodies();
  if (end_state(s, p) != end_state(s, p)) return fail("two solves of the same differ");
  return pass("");
}

Finding backends_are_independent(const Subject& s) {
  const TestProblem a = two_bodies(), b = travelling_phase();
  const std::vector<double> alone_a = end_state(s, a), alone_b = end_state(s, b);
  const auto computation = make_computation(s, a.field, kSteps, a.initial.shape[0]);
  end_state(s, b);  // another one comes and goes
  const double times[] = {a.start, a.stop};
  computation->solve(times, a.initial);
  if (computation->states().to_doubles() != alone_a)
    return fail("an instance gives other bits after another one has come and gone");
  bool good_a = true, good_b = true;
  std::thread other([&] {
    for (int i = 0; i < 5; ++i) good_b &= end_state(s, b) == alone_b;
  });
  for (int i = 0; i < 5; ++i) good_a &= end_state(s, a) == alone_a;
  other.join();
  return good_a && good_b ? pass("") : fail("in two threads they give other bits than alone");
}

}  // namespace odeon::host::conformance
