// One instance of CVODE on one problem.
#pragma once
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <cstdio>
#include <limits>
#include <optional>
#include <string>

#include "cvode/linear_systems.hpp"

namespace odeon::cvode {

struct Choice {
  bool bdf = true;
  int max_order = 5;
};

class Integrator {
 public:
  Integrator(const Choice& choice, const StepProblem& problem, double t0, double t_end,
             const odeon_tensor& y0)
      : problem_(problem),
        exchange_(problem),
        tensors_(problem, 2),
        rtol_(exchange_.row(problem.api().rtol_vector, problem.api().rtol)),
        atol_(exchange_.row(problem.api().atol_vector, problem.api().atol)),
        context_(make_context()),
        y_(own(N_VNew_Serial(element_count(problem.api().state), context_.get()))),
        memory_(own(CVodeCreate(choice.bdf ? CV_BDF : CV_ADAMS, context_.get()))) {
    must(CVodeSetErrHandlerFn(memory_.get(), keep_message, this));
    exchange_.to_host(y_.get(), y0);
    must(CVodeInit(memory_.get(), derivative, t0, y_.get()));
    must(CVodeSetUserData(memory_.get(), this));
    must(CVodeWFtolerances(memory_.get(), weights));
    must(CVodeSetMaxOrd(memory_.get(), choice.max_order));
    must(CVodeSetMaxHnilWarns(memory_.get(), -1));
    const odeon_solver_problem_api& api = problem.api();
    if (std::isfinite(api.max_step)) must(CVodeSetMaxStep(memory_.get(), api.max_step));
    if (choice.bdf) {
      systems_.emplace(problem, exchange_, callback_, context_.get());
      must(systems_->attach(memory_.get()));
    } else {
      fixed_point_ = own(SUNNonlinSol_FixedPoint(y_.get(), 0, context_.get()));
      must(CVodeSetNonlinearSolver(memory_.get(), fixed_point_.get()));
    }
    begin(t0, t_end);
  }
  Integrator(const Integrator&) = delete;

  void restart(double t0, double t_end, const odeon_tensor& y0) {
    exchange_.to_host(y_.get(), y0);
    must(CVodeReInit(memory_.get(), t0, y_.get()));
    begin(t0, t_end);
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    limit(h);
    message_.clear();
    double t1 = t_;
    const int flag = CVode(memory_.get(), t_end_, y_.get(), &t1, CV_ONE_STEP);
    callback_.rethrow();
    if (flag == CV_ERR_FAILURE || flag == CV_CONV_FAILURE || flag == CV_REPTD_RHSFUNC_ERR ||
        flag == CV_UNREC_RHSFUNC_ERR || (flag >= 0 && t1 == t_))
      retry_smaller(h, result);
    must(flag);
    exchange_.to_backend(y1, y_.get());
    result.t1 = t_ = t1;
    must(CVodeGetLastOrder(memory_.get(), &result.order));
    if (flag == CV_TSTOP_RETURN) {
      stops_ = false;
      proposed_ = std::numeric_limits<double>::infinity();
      result.next_h = h;
      return;
    }
    must(CVodeGetCurrentStep(memory_.get(), &proposed_));
    result.next_h = proposed_;
  }

  void interpolate(double t, const odeon_tensor& out) {
    must(CVodeGetDky(memory_.get(), t, 0, y_.get()));
    exchange_.to_backend(out, y_.get());
  }

  LinearSystems& systems() { return *systems_; }

 private:
  static Integrator& of(void* user_data) { return *static_cast<Integrator*>(user_data); }

  static int derivative(realtype t, N_Vector y, N_Vector dy, void* user_data) {
    Integrator& self = of(user_data);
    return self.callback_.run([&] {
      self.exchange_.to_backend(self.tensors_[0], y);
      self.problem_.eval(t, self.tensors_[0], self.tensors_[1]);
      self.exchange_.to_host(dy, self.tensors_[1]);
      const double* x = N_VGetArrayPointer(dy);
      return std::all_of(x, x + N_VGetLength(dy), [](double v) { return std::isfinite(v); }) ? 0 : 1;
    });
  }

  // 1 / (rtol |y| + atol), for CVODE's norm: RMS over the batch.
  static int weights(N_Vector y, N_Vector out, void* user_data) {
    Integrator& self = of(user_data);
    return self.callback_.run([&] {
      const double* x = N_VGetArrayPointer(y);
      double* w = N_VGetArrayPointer(out);
      const size_t n = static_cast<size_t>(N_VGetLength(y)), row = self.rtol_.size();
      for (size_t i = 0; i < n; ++i) w[i] = 1 / (self.rtol_[i % row] * std::abs(x[i]) + self.atol_[i % row]);
      if (std::all_of(w, w + n, [](double v) { return std::isfinite(v); })) return 0;
      throw Error(
          "an element of the state is zero where atol is zero, so that no error is allowed; raise atol");
    });
  }

  static void keep_message(int, const char*, const char*, char* message, void* user_data) {
    of(user_data).message_ = message;
  }

  void begin(double t0, double t_end) {
    t_ = t0, t_end_ = t_end;
    proposed_ = 0;
  }

  // CVODE takes its own step; h is that, or less where the host wants it to end earlier.
  void limit(double h) {
    if (proposed_ == 0) must(CVodeSetInitStep(memory_.get(), h));
    const bool stop = std::abs(h) < std::abs(proposed_) * (1 - 1e-9);
    constexpr double kNever = 1e300;
    if (stop || stops_) must(CVodeSetStopTime(memory_.get(), stop ? t_ + h : std::copysign(kNever, h)));
    stops_ = stop;
  }

  // CVODE has given up on this step and stands at its beginning; the host decides what that means.
  [[noreturn]] void retry_smaller(double h, odeon_step_result& result) {
    double last = h;
    CVodeGetCurrentStep(memory_.get(), &last);
    must(CVodeReInit(memory_.get(), t_, y_.get()));
    begin(t_, t_end_);
    result.next_h = std::copysign(std::min(std::abs(last), std::abs(h)) / 10, h);
    throw Error(message_.empty() ? "CVODE's step is shorter than time can resolve"
                                 : "CVODE gave the step up: " + message_,
                ODEON_RETRY_SMALLER);
  }

  void must(int flag) {
    if (flag >= 0) return;
    callback_.rethrow();
    const char* remedy = flag == CV_TOO_MUCH_ACC
                             ? "Loosen rtol and atol: they are below what a double can resolve."
                             : "Check the tolerances, max_step and the field near this state.";
    char where[64];
    std::snprintf(where, sizeof where, "CVODE stopped at t = %.9g (flag %d): ", t_, flag);
    throw Error(where + message_ + " " + remedy, ODEON_E_SOLVE_FAILED);
  }

  StepProblem problem_;
  Exchange exchange_;
  Callback callback_;
  StateVectors tensors_;
  std::vector<double> rtol_, atol_;
  std::string message_;  // CVODE's last one
  Owned<SUNContext> context_;
  Owned<N_Vector> y_;
  Owned<SUNNonlinearSolver> fixed_point_;
  std::optional<LinearSystems> systems_;
  Owned<void*> memory_;
  double t_ = 0, t_end_ = 0;
  double proposed_ = 0;  // CVODE's next step, infinite: not known; 0: its first one is not yet taken
  bool stops_ = false;   // it has been told to stop, and has not done so yet
};

inline LinearSystems& LinearSystems::of(void* user_data) {
  return static_cast<Integrator*>(user_data)->systems();
}

}  // namespace odeon::cvode
