// Gragg-Bulirsch-Stoer: midpoint rules with ever more steps, extrapolated; order and step size vary together.
// R. Bulirsch, J. Stoer, Numer. Math. 8 (1966) 1-13; P. Deuflhard, SIAM Rev. 27 (1985) 505-535; the method of
// ODEX of E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, II.9.
#include <cmath>
#include <limits>
#include <odeon/sdk/plugin.hpp>
#include <utility>

#include "midpoint_table.hpp"
#include "order_control.hpp"

namespace {

using namespace odeon;

class Extrapolation {
 public:
  Extrapolation(const odeon_host*, const Options& options)
      : most_rows_(static_cast<size_t>(options.integer("max_rows"))), control_(most_rows_) {}

  void start(const StepProblem& problem, bool again, double t0, double t_end, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      y_ = StateVectors(problem, 2);
      f_ = StateVectors(problem, 3);
      error_ = StateVectors(problem, 1);
      table_ = MidpointTable(problem, most_rows_);
    }
    problem_.copy(y_[0], y0);
    now_ = {};
    now_.t = t0;
    t_end_ = t_end;
    control_.start(problem.api().rtol);
  }

  odeon_status step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    if (!now_.evaluated) problem_.eval(now_.t, y_[0], f_[0]);
    now_.evaluated = true;
    // Steps are long: the last one ends where the run does, or behind it by what rounding may take away.
    const double left = t_end_ - now_.t;
    const bool last = left * h > 0 && std::abs(left) < std::abs(h);
    if (last) {
      constexpr double kUlps = 2 * std::numeric_limits<double>::epsilon();
      result.t1 = t_end_ + std::copysign(kUlps * std::max(std::abs(now_.t), std::abs(t_end_)), h);
    }
    const StepBegin begin{now_.t, last ? result.t1 - now_.t : h, y_[0], f_[0]};
    control_.begin(begin.h);
    table_.compute(1, begin);
    for (size_t rows = 2;; ++rows) {
      table_.compute(rows, begin);
      table_.extrapolate(rows, y1);
      table_.difference(rows, error_[0]);
      result.error = problem_.norm(error_[0], y_[0], &y1);
      result.order = static_cast<int32_t>(2 * rows);
      OrderControl::Verdict verdict = control_.judge(rows, result.error, last);
      if (verdict == OrderControl::Verdict::accept) {
        // The next step begins with it, so it has to be there.
        problem_.eval(result.t1, y1, f_[2]);
        const double size = problem_.norm(f_[2], y1);
        if (!std::isfinite(size)) verdict = control_.judge(rows, result.error = size, last);
      }
      if (verdict == OrderControl::Verdict::reject) {
        result.next_h = std::copysign(control_.rejected(rows), h);
        return ODEON_REJECTED;
      }
      if (verdict == OrderControl::Verdict::accept) {
        result.next_h = std::copysign(control_.accepted(rows), h);
        move(rows, result.t1, y1);
        return ODEON_OK;
      }
    }
  }

  // A step of as many rows from where the last one began: as accurate as that one, which no polynomial
  // through its values is, and continuous with it; but it evaluates the field.
  void interpolate(double t, const odeon_tensor& out) {
    if (t == now_.t) return problem_.copy(out, y_[0]);
    const StepBegin begin{now_.begin, t - now_.begin, y_[1], f_[1]};
    for (size_t row = 1; row <= now_.rows; ++row) table_.compute(row, begin);
    table_.extrapolate(now_.rows, out);
  }

  void archive(Archive& archive) {
    archive.value(now_);
    archive.value(control_);
    archive.vector(y_[0]);
    if (now_.evaluated) archive.vector(f_[0]);
    if (now_.rows == 0) return;
    archive.vector(y_[1]);
    archive.vector(f_[1]);
  }

 private:
  struct State {
    double t = 0, begin = 0;  // where it stands, and where the last step began
    size_t rows = 0;          // of the last step
    bool evaluated = false;   // f[0] is the derivative where it stands
  };

  void move(size_t rows, double t1, const odeon_tensor& y1) {
    std::swap(y_[0], y_[1]);
    std::swap(f_[0], f_[1]);
    std::swap(f_[0], f_[2]);
    problem_.copy(y_[0], y1);
    now_ = {t1, now_.t, rows, true};
  }

  size_t most_rows_;
  StepProblem problem_;
  StateVectors y_, f_, error_;  // of where it stands, where the last step began, and scratch
  MidpointTable table_;
  OrderControl control_;
  State now_;
  double t_end_ = 0;
};

constexpr odeon_option kMaxRows =
    ranged(make_option(ODEON_OPTION_INT, str("max_rows"), str("8"),
                       str("The most rows of the extrapolation table: the order is at most twice this.")),
           3, kMostRows);
constexpr const odeon_option* kOptions[] = {&kMaxRows};
constexpr odeon_solver_api kSolver =
    StepSolverApi<Extrapolation>::table(ODEON_SOLVER_OWN_STEPS, 2 * kMostRows, 4);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_SOLVER,
    {str("extrapolation"), str("Gragg-Bulirsch-Stoer"),
     str("Extrapolated midpoint rule of varying order, for tight tolerances; long steps, and each value "
         "between them costs another one.")},
    &kSolver, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
