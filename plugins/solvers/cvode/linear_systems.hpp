// CVODE's linear systems (I - gamma J) x = b by the host: its Jacobian, one dense factorisation per row of
// the batch, or GMRES where rows are large. To CVODE they are a matrix, which holds nothing, and a direct
// solver for it.
#pragma once
#include <cvode/cvode_ls.h>

#include "cvode/exchange.hpp"

namespace odeon::cvode {

class LinearSystems {
 public:
  // For `integrator`; the exchange and the callback live longer. CVODE calls with these members as its own.
  LinearSystems(const StepProblem& problem, Exchange& exchange, Callback& callback, SUNContext context)
      : problem_(problem),
        exchange_(exchange),
        callback_(callback),
        tensors_(problem, 1),
        matrix_(own(SUNMatNewEmpty(context))),
        solver_(own(SUNLinSolNewEmpty(context))) {
    matrix_->ops->getid = [](SUNMatrix) { return SUNMATRIX_CUSTOM; };
    matrix_->ops->destroy = SUNMatFreeEmpty;
    solver_->content = this;
    solver_->ops->gettype = [](SUNLinearSolver) { return SUNLINEARSOLVER_DIRECT; };
    solver_->ops->getid = [](SUNLinearSolver) { return SUNLINEARSOLVER_CUSTOM; };
    solver_->ops->solve = solve;
    solver_->ops->free = [](SUNLinearSolver s) {
      SUNLinSolFreeEmpty(s);
      return 0;
    };
  }
  LinearSystems(const LinearSystems&) = delete;

  int attach(void* integrator) {
    const int flag = CVodeSetLinearSolver(integrator, solver_.get(), matrix_.get());
    return flag != CVLS_SUCCESS ? flag : CVodeSetLinSysFn(integrator, form);
  }
  // CVODE gives its callbacks the data of the integrator; this is the way from there to here.
  static LinearSystems& of(void* user_data);

 private:
  // jok: the Jacobian of last time will do.
  static int form(realtype t, N_Vector y, N_Vector, SUNMatrix, booleantype jok, booleantype* jcur,
                  realtype gamma, void* user_data, N_Vector, N_Vector, N_Vector) {
    LinearSystems& self = of(user_data);
    return self.callback_.run([&] {
      self.gamma_ = gamma;
      *jcur = !jok;
      if (jok) return 0;
      self.exchange_.to_backend(self.tensors_[0], y);
      self.problem_.linearize(t, self.tensors_[0]);
      return 0;
    });
  }
  // CVODE takes codes that it does not know for success.
  static int solve(SUNLinearSolver s, SUNMatrix, N_Vector x, N_Vector b, realtype) {
    LinearSystems& self = *static_cast<LinearSystems*>(s->content);
    const int status = self.callback_.run([&] {
      const odeon_tensor& r = self.tensors_[0];
      self.exchange_.to_backend(r, b);
      self.problem_.solve_shifted(self.gamma_, r, r);
      self.exchange_.to_host(x, r);
      return 0;
    });
    return status == 0 ? SUNLS_SUCCESS : status > 0 ? SUNLS_CONV_FAIL : SUNLS_PACKAGE_FAIL_UNREC;
  }

  StepProblem problem_;
  Exchange& exchange_;
  Callback& callback_;
  StateVectors tensors_;
  Owned<SUNMatrix> matrix_;
  Owned<SUNLinearSolver> solver_;
  double gamma_ = 0;
};

}  // namespace odeon::cvode
