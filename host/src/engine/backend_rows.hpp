// Solves by a backend that runs them to their end itself (odeon/ext/solve.h).
#pragma once
#include "engine/failure.hpp"
#include "engine/problem.hpp"

namespace odeon::host {

// A solve as a backend compiled it.
class BackendSolve {
 public:
  // NULL where the backend has no such extension or cannot do this one; the reason is logged.
  static std::unique_ptr<BackendSolve> make(odeon_problem& problem);
  ~BackendSolve();
  BackendSolve(const BackendSolve&) = delete;
  BackendSolve& operator=(const BackendSolve&) = delete;

  // As integrate_rows, for a solve that suits_explicit_rows.
  void run(odeon_problem& problem, const odeon_solve_args& args);
  // As integrate, for fixed steps of an explicit tableau that nobody watches.
  void run_fixed(odeon_problem& problem, const odeon_solve_args& args);
  // Likewise for adaptive steps of the whole batch. False where the solve could not begin.
  bool run_joint(odeon_problem& problem, const odeon_solve_args& args);

 private:
  BackendSolve(std::shared_ptr<Backend> backend, odeon_solve_plan* plan, Buffer ends);
  odeon_solve_run arguments(const odeon_problem& problem, const odeon_solve_args& args);
  void run_adaptive(odeon_problem& problem, const odeon_solve_args& args);
  Failure failure_of(odeon_problem& problem, const odeon_solve_args& args, const odeon_row_result& end,
                     const odeon_tensor& state, const odeon_tensor& y0) const;
  std::shared_ptr<Backend> backend_;
  odeon_solve_plan* plan_;
  Buffer ends_;  // where failed rows stand
  std::vector<odeon_row_result> results_;
};

// The problem's, made when first asked for; NULL as `make`.
BackendSolve* backend_solve(odeon_problem& problem);

// Whether it was such a solve of the whole batch, with fixed or adaptive steps, which is done now.
bool integrate_by_backend(odeon_problem& problem, const odeon_solve_args& args);

}  // namespace odeon::host
