// Adams-Bashforth-Moulton of fixed order on given steps, equal or not: the corrector of order p, iterated to
// convergence from the predictor of order p - 1. E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary
// Differential Equations I, III.1 and III.5. implicit_adams of torchdiffeq 0.2.5 with max_order p is order p
// here, with start: rising; p = 4 with either start.
#include <cmath>
#include <odeon/sdk/plugin.hpp>
#include <string>
#include <utility>

#include "multistep/derivative_history.hpp"
#include "multistep/starting_step.hpp"

namespace {

using namespace odeon;

constexpr size_t kMostOrder = 12;

class FixedAdams {
 public:
  FixedAdams(const odeon_host*, const Options& options)
      : order_(static_cast<size_t>(options.integer("order"))),
        start_(start_of(options, order_, order_ - 1)),
        rtol_(options.real("corrector_rtol")),
        atol_(options.real("corrector_atol")),
        most_iterations_(options.integer("max_iterations")) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      y_ = StateVectors(problem, 1);
      work_ = StateVectors(problem, 4);
      history_ = DerivativeHistory(problem, order_ - 1);
      starting_step_ = StartingStep(problem, start_.order);
      change_ = LargestDifference(problem);
    }
    problem_.copy(y_[0], y0);
    history_.clear();
    t_ = t0;
    // What rounding leaves of an increment in single precision; smaller tolerances are never met there.
    const bool single = problem.api().dtype == ODEON_F32;
    least_rtol_ = single ? 1e-5 : 0;
    least_atol_ = single ? 1e-6 : 0;
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    if (!history_.begins_at(t_)) {
      problem_.eval(t_, y_[0], history_.next());
      history_.push(t_);
    }
    const size_t k = std::min(history_.usable(), order_ - 1);
    if (k < start_.needed)
      starting_step_(t_, h, y_[0], history_[0], y1);
    else
      predict_and_correct(k, h, y1, result.t1);
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
  // y1 = y + d with d = h (sum_{i<k} w_i f_{n-i} + w_k f(t1, y + d)), iterated.
  void predict_and_correct(size_t k, double h, const odeon_tensor& y1, double t1) {
    const odeon_tensor &past = work_[0], &argument = work_[1];
    odeon_tensor d = work_[2], last_d = work_[3];
    std::array<double, kMostOrder> weights{};
    const std::span<double> w = std::span(weights).first(k + 1);
    history_.set_nodes(nodes_, k, h);
    nodes_.bashforth(1, w.first(k));
    history_.sum(d, nullptr, h, w.first(k), k);
    nodes_.moulton(1, w);
    history_.sum(past, nullptr, h, w.first(k), k);
    double changed = 0;
    for (int64_t i = 0; i < most_iterations_; ++i) {
      std::swap(d, last_d);
      problem_.add(argument, y_[0], 1, last_d);
      problem_.eval(t1, argument, history_.next());
      problem_.add(d, past, h * w[k], history_.next());
      changed = change_(last_d, d, std::max(rtol_, least_rtol_), std::max(atol_, least_atol_));
      if (changed < 1) return problem_.add(y1, y_[0], 1, d);
    }
    if (!std::isfinite(changed))
      throw Error("the corrector met values that are not finite", ODEON_RETRY_SMALLER);
    throw Error("the corrector did not converge in max_iterations (" + std::to_string(most_iterations_) + ")",
                ODEON_RETRY_SMALLER);
  }

  size_t order_;
  Start start_;
  double rtol_, atol_, least_rtol_ = 0, least_atol_ = 0;
  int64_t most_iterations_;
  StepProblem problem_;
  double t_ = 0;
  StateVectors y_, work_;
  LargestDifference change_;
  DerivativeHistory history_;
  StartingStep starting_step_;
  StepNodes nodes_;
};

constexpr odeon_option kOrder = ranged(
    make_option(ODEON_OPTION_INT, str("order"), str("4"), str("Order of the corrector.")), 2, kMostOrder);
constexpr odeon_option kRtol = ranged(make_option(ODEON_OPTION_REAL, str("corrector_rtol"), str("1e-10"),
                                                  str("The iteration ends when no element of the step's "
                                                      "increment changes by more than corrector_atol + "
                                                      "corrector_rtol times its size.")),
                                      0, ODEON_UNBOUNDED_ABOVE);
constexpr odeon_option kAtol =
    ranged(make_option(ODEON_OPTION_REAL, str("corrector_atol"), str("1e-12"), str("See corrector_rtol.")), 0,
           ODEON_UNBOUNDED_ABOVE, ODEON_OPTION_MIN_EXCLUSIVE);
constexpr odeon_option kIterations =
    ranged(make_option(ODEON_OPTION_INT, str("max_iterations"), str("20"),
                       str("The most iterations of the corrector; if they do not do, the run fails.")),
           1, 1000, 0, str("evaluations"));
constexpr const odeon_option* kOptions[] = {&kOrder, &kStartOption, &kRtol, &kAtol, &kIterations};
constexpr odeon_solver_api kSolver = StepSolverApi<FixedAdams>::table(0, 4);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_SOLVER,
                   {str("fixed_adams"), str("Adams-Bashforth-Moulton"),
                    str("Predictor-corrector of order 2 to 12 on fixed steps, iterated to convergence.")},
                   &kSolver, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
