// Adams-Bashforth-Moulton of variable order and step: predict, evaluate, correct, evaluate. The corrector is
// of one order more than the predictor (local extrapolation); its difference to the one of equal order is the
// error estimate. Error test, order selection and start follow program STEP of L. F. Shampine, M. K. Gordon,
// Computer Solution of Ordinary Differential Equations: The Initial Value Problem (Freeman, 1975). Other than
// there, past derivatives are kept and not their differences, so that a step is a few sums of vectors
// whatever its order; the step may grow by any factor up to 2, and the order also after steps of different
// sizes.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <odeon/sdk/plugin.hpp>
#include <odeon/sdk/step_solver.hpp>

#include "multistep/derivative_history.hpp"

namespace {

using namespace odeon;

constexpr size_t kMostOrder = 12;
constexpr double kAim = 0.5;  // of the permitted error, for the next step
// Small growth does not pay for irregular nodes; after a rejection stability may be the limit, and growth
// would run into it again.
constexpr double kLeastGrowth = 1.2, kLeastGrowthAfterRejection = 1.5, kMostGrowth = 2;
constexpr double kLeastShrink = 0.9, kMostShrink = 0.5, kMostShrinkInDistrust = 0.1;
constexpr int32_t kDistrust = 3;  // rejections in a row after which the history counts for nothing: order 1

class Adams {
 public:
  Adams(const odeon_host*, const Options& options) : most_(size_t(options.integer("max_order"))) {
    for (size_t m = 1; m <= kMostOrder; ++m) {
      nodes_.add(1 - double(m));
      error_constant_[m] = nodes_.moulton_error(m);
    }
  }

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      y_ = StateVectors(problem, 2);
      work_ = StateVectors(problem, 2);
      history_ = DerivativeHistory(problem, most_);
    }
    problem_.copy(y_[0], y0);
    history_.clear();
    now_ = {};
    now_.t = t0;
  }

  odeon_status step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    if (history_.known() == 0) {
      problem_.eval(now_.t, y_[0], history_.next());
      history_.push(now_.t);
    }
    now_.h = h;
    const size_t k = now_.order;
    // One more than the step needs, where it is there, is for the error of order k + 1.
    history_.set_nodes(nodes_, std::min(k + 1, history_.usable()), h);
    const odeon_tensor &predicted = work_[0], &corrected = y_[1];
    Weights w;
    nodes_.bashforth(1, first(w, k));
    history_.sum(predicted, &y_[0], h, first(w, k), k);
    problem_.eval(result.t1, predicted, history_.next());

    const double difference = difference_norm(k);
    result.error = std::abs(h) * nodes_.moulton_error(k) * difference;
    result.order = static_cast<int32_t>(k);
    const double error = error_on_equal_steps(k, difference);
    if (!(result.error <= 1)) return reject(error, result);

    nodes_.correct(first(w, k + 1));
    history_.sum(corrected, &y_[0], h, first(w, k + 1), k);
    problem_.eval(result.t1, corrected, history_.next());
    // Where there is no lower order, it only shows whether that derivative is finite.
    const double lower = error_on_equal_steps(std::max<size_t>(1, k - 1));
    if (!std::isfinite(lower)) {
      result.error = lower;
      return reject(error, result);
    }
    result.next_h = h * prepare_next(error, lower);
    problem_.copy(y1, corrected);
    std::swap(y_[0], y_[1]);
    history_.push(result.t1);
    now_.begin = now_.t, now_.t = result.t1;
    now_.last_order = k;
    now_.rejections = 0;
    return ODEON_OK;
  }

  // The corrector's integral with the derivative at the corrected state in place of that at the predicted,
  // plus what leads it to that state, as a cubic: it meets both ends and their derivatives.
  void interpolate(double t, const odeon_tensor& out) {
    const size_t k = now_.last_order;
    const double x = (t - now_.begin) / now_.h, cubic = x * x * (3 - 2 * x);
    const odeon_tensor &before = y_[1], &after = y_[0], ends[] = {before, after};
    const double to_after[] = {-cubic, cubic};
    Weights w, whole;
    nodes_.moulton(x, first(w, k + 1));
    nodes_.moulton(1, first(whole, k + 1));
    for (size_t i = 0; i <= k; ++i) w[i] -= cubic * whole[i];
    problem_.lincomb(out, &before, 1, to_after, ends);
    history_.sum(out, &out, now_.h, first(w, k + 1), k, 1);
  }

  void archive(Archive& archive) {
    archive.value(now_);
    archive.value(nodes_);
    archive.vector(y_[0]);
    if (now_.last_order > 0) archive.vector(y_[1]);
    history_.archive(archive);
  }

 private:
  using Weights = std::array<double, kMostOrder + 1>;
  static std::span<double> first(Weights& w, size_t n) { return {w.data(), n}; }

  struct State {
    double t = 0, begin = 0, h = 0;  // where it stands; the last step
    size_t order = 1, last_order = 0;
    int32_t rejections = 0;  // in a row
    int32_t caution = 0;     // steps until growth is as usual again after a rejection
    bool starting = true;    // order and step grow without a question
  };

  // Of what approximates h^m times the m-th derivative.
  double difference_norm(size_t m) {
    Weights w;
    nodes_.difference(m, first(w, m + 1));
    history_.sum(work_[1], nullptr, 1, first(w, m + 1), m);
    return problem_.norm(work_[1], y_[0], &work_[0]);
  }
  // Of a step of order m, had the steps before been of its size too.
  double error_on_equal_steps(size_t m, double difference) const {
    return std::abs(now_.h) * error_constant_[m] * difference;
  }
  double error_on_equal_steps(size_t m) { return error_on_equal_steps(m, difference_norm(m)); }

  bool lower_order_does(double error, double lower) {
    const size_t k = now_.order;
    if (k == 2) return lower <= 0.5 * error;
    return k > 2 && lower <= error && error_on_equal_steps(k - 2) <= error;
  }

  odeon_status reject(double error, odeon_step_result& result) {
    const size_t k = now_.order;
    double factor = kMostShrink;
    if (++now_.rejections >= kDistrust) {
      now_.order = 1;
      factor = std::clamp(std::sqrt(kAim / error), kMostShrinkInDistrust, kMostShrink);
    } else if (k > 1 && lower_order_does(error, error_on_equal_steps(k - 1))) {
      now_.order = k - 1;
    }
    now_.starting = false;
    now_.caution = static_cast<int32_t>(k) + 1;
    result.next_h = now_.h * (std::isfinite(error) ? factor : kMostShrink);
    return ODEON_REJECTED;
  }

  // Sets the order of the next step and returns the factor of its size. error: of this one; lower: of one
  // order less.
  double prepare_next(double error, double lower) {
    const size_t k = now_.order;
    bool down = lower_order_does(error, lower), up = false;
    if (down || k == most_) now_.starting = false;
    if (now_.starting) {
      now_.order = k + 1;
      return kMostGrowth;
    }
    if (!down && now_.caution == 0 && nodes_.size() > k) {
      const double higher = error_on_equal_steps(k + 1);
      down = k > 1 && lower <= std::min(error, higher);
      up = !down && higher < (k == 1 ? 0.5 : 1) * error;
      if (up) error = higher;
    }
    if (down) error = lower;
    now_.order = down ? k - 1 : up ? k + 1 : k;
    const double ratio = std::pow(kAim / error, 1 / double(now_.order + 1));
    const bool cautious = now_.caution > 0;
    now_.caution = std::max(0, now_.caution - 1);
    if (ratio >= (cautious ? kLeastGrowthAfterRejection : kLeastGrowth)) return std::min(ratio, kMostGrowth);
    return ratio < 1 ? std::clamp(ratio, kMostShrink, kLeastShrink) : 1;
  }

  size_t most_;
  std::array<double, kMostOrder + 1> error_constant_{};
  StepProblem problem_;
  StateVectors y_, work_;  // y: where it stands, and where the last step began
  DerivativeHistory history_;
  StepNodes nodes_;
  State now_;
};

constexpr odeon_option kMaxOrder =
    ranged(make_option(
               ODEON_OPTION_INT, str("max_order"), str("12"),
               str("The highest order of the predictor; as many derivatives and five more states are kept.")),
           1, kMostOrder);
constexpr const odeon_option* kOptions[] = {&kMaxOrder};
constexpr odeon_solver_api kSolver = StepSolverApi<Adams>::table(ODEON_SOLVER_OWN_STEPS, kMostOrder, 2);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_SOLVER,
                   {str("adams"), str("Adams, variable order"),
                    str("Predictor-corrector of orders 1 to 12, two evaluations per step; smooth problems, "
                        "tight tolerances.")},
                   &kSolver, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
