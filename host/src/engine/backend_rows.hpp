// Steps per row by a backend that runs whole solves itself (odeon/ext/solve.h).
#pragma once
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

 private:
  BackendSolve(std::shared_ptr<Backend> backend, odeon_solve_plan* plan, Buffer ends);
  std::shared_ptr<Backend> backend_;
  odeon_solve_plan* plan_;
  Buffer ends_;  // where failed rows stand
  std::vector<odeon_row_result> results_;
};

}  // namespace odeon::host
