// Adams-Bashforth of fixed order on given steps, equal or not: y1 = y0 + the integral of the polynomial
// through the last derivatives. E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations
// I, III.1 and III.5. explicit_adams of torchdiffeq 0.2.5 with max_order m is order m - 1 here, with start:
// rising; m = 4 is order 3 with either start.
#include <odeon/sdk/plugin.hpp>

#include "multistep/derivative_history.hpp"
#include "multistep/starting_step.hpp"

namespace {

using namespace odeon;

constexpr size_t kMostOrder = 12;

class ExplicitAdams {
 public:
  ExplicitAdams(const odeon_host*, const Options& options)
      : order_(static_cast<size_t>(options.integer("order"))), start_(start_of(options, order_, order_)) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      y_ = StateVectors(problem, 1);
      history_ = DerivativeHistory(problem, order_);
      starting_step_ = StartingStep(problem, start_.order);
    }
    problem_.copy(y_[0], y0);
    history_.clear();
    t_ = t0;
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    if (!history_.begins_at(t_)) {
      problem_.eval(t_, y_[0], history_.next());
      history_.push(t_);
    }
    const size_t k = history_.usable();
    if (k < start_.needed) {
      starting_step_(t_, h, y_[0], history_[0], y1);
    } else {
      std::array<double, kMostOrder> weights{};
      const std::span<double> w = std::span(weights).first(k);
      history_.set_nodes(nodes_, k, h);
      nodes_.bashforth(1, w);
      history_.sum(y1, &y_[0], h, w, k);
    }
    problem_.copy(y_[0], y1);
    t_ = result.t1;
    result.order = static_cast<int32_t>(order_);
  }

  void archive(Archive& archive) {
    archive.value(t_);
    archive.vector(y_[0]);
    history_.archive(archive);
  }

 private:
  size_t order_;
  Start start_;
  StepProblem problem_;
  double t_ = 0;
  StateVectors y_;
  DerivativeHistory history_;
  StartingStep starting_step_;
  StepNodes nodes_;
};

constexpr odeon_option kOrder = ranged(
    make_option(ODEON_OPTION_INT, str("order"), str("4"),
                str("Order, and number of derivatives that are kept; stability shrinks fast with it.")),
    1, kMostOrder);
constexpr const odeon_option* kOptions[] = {&kOrder, &kStartOption};
constexpr odeon_solver_api kSolver = StepSolverApi<ExplicitAdams>::table(0, 4);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_SOLVER,
    {str("explicit_adams"), str("Adams-Bashforth"),
     str("Explicit multistep method of order 1 to 12 on fixed steps, one evaluation per step.")},
    &kSolver, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
