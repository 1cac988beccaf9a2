// Reversible Heun for ODEs: a second sequence y_hat carries what makes the step with -h undo the step
// exactly,
//   y_hat1 = 2 y0 - y_hat0 + h f0,  f1 = f(t1, y_hat1),  y1 = y0 + h/2 (f0 + f1),
// with one evaluation each. P. Kidger, J. Foster, X. Li, T. Lyons, Efficient and Accurate Gradients for
// Neural SDEs, NeurIPS 2021, algorithm 1. The estimate h/2 (f1 - f0) compares with Euler's method.
#include <odeon/sdk/step_solver.hpp>
#include <utility>

namespace {

using namespace odeon;

class ReversibleHeun {
 public:
  ReversibleHeun(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) vectors_ = StateVectors(problem, 7);
    t_ = t0;
    problem_.copy(y(), y0);
    problem_.copy(y_hat(), y0);
    problem_.eval(t0, y0, f());
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    h_ = h;
    const double doubled[] = {2, -1, h}, mean[] = {h / 2, h / 2}, difference[] = {h / 2, -h / 2};
    const odeon_tensor from[] = {y(), y_hat(), f()}, slopes[] = {next_f(), f()};
    problem_.lincomb(next_y_hat(), nullptr, 1, doubled, from);
    problem_.eval(t_ + h, next_y_hat(), next_f());
    problem_.lincomb(next_y(), &y(), 1, mean, slopes);
    problem_.lincomb(scratch(), nullptr, 1, difference, slopes);
    result.error = problem_.norm(scratch(), y(), &next_y());
    problem_.copy(y1, next_y());
    accepted_ = false;
  }

  void accept() {
    for (size_t i = 0; i < 3; ++i) std::swap(vectors_[i], vectors_[3 + i]);
    t_ += h_;
    accepted_ = true;
  }

  std::array<odeon_tensor, 3> carried() { return {y(), y_hat(), f()}; }
  void stand_at(double t) { t_ = t; }

  // Cubic Hermite with the slopes at hand: off by O(h^2), they leave the order of the method.
  void interpolate(double t, const odeon_tensor& out) {
    const double x = (accepted_ ? t - t_ + h_ : t - t_) / h_, value = x * x * (3 - 2 * x);
    const double weights[] = {1 - value, value, h_ * x * (1 - x) * (1 - x), h_ * x * x * (x - 1)};
    odeon_tensor terms[] = {y(), next_y(), f(), next_f()};
    if (accepted_) std::swap(terms[0], terms[1]), std::swap(terms[2], terms[3]);
    problem_.lincomb(out, nullptr, 1, weights, terms);
  }

  void archive(Archive& a) {
    a.value(t_);
    for (size_t i = 0; i < 3; ++i) a.vector(vectors_[i]);
  }

 private:
  odeon_tensor& y() { return vectors_[0]; }
  odeon_tensor& y_hat() { return vectors_[1]; }
  odeon_tensor& f() { return vectors_[2]; }
  // Of the step tried; after `accept`, where it began.
  odeon_tensor& next_y() { return vectors_[3]; }
  odeon_tensor& next_y_hat() { return vectors_[4]; }
  odeon_tensor& next_f() { return vectors_[5]; }
  odeon_tensor& scratch() { return vectors_[6]; }

  StepProblem problem_;
  StateVectors vectors_;
  double t_ = 0, h_ = 0;
  bool accepted_ = false;
};

constexpr odeon_solver_api kSolver =
    StepSolverApi<ReversibleHeun>::table(ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_REVERSIBLE, 2);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_SOLVER,
    {str("reversible_heun"), str("Reversible Heun 2(1)"),
     str("Order 2 with an estimate by order 1; the step with -h undoes the step to round-off. One "
         "evaluation a step, hardly stable for damped problems. Kidger, Foster, Li and Lyons (2021).")},
    &kSolver);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
