// Solves by a backend that runs them to their end itself (odeon/ext/solve.h).
#pragma once
#include <functional>

#include "engine/problem.hpp"

namespace odeon::host {

// What of the engine's options the backends need for a method's control and dense output; the vectors of
// tolerances are those of `work`.
odeon_step_settings step_settings(const SolverChoice& solver, const odeon_problem& work);
odeon_solve_spec solve_spec(const SolverChoice& solver, Dense dense, int32_t dtype);
// Explicit steps of a field with a graph that depend on nothing else: no event, no jump, no step of another
// solve.
bool suits_backend(const SolverChoice& solver);
bool suits_backend(const odeon_problem& problem);
// Adaptive steps that all rows of the problem take together.
bool steps_jointly(const odeon_problem& problem);

// A fixed grid as backends take it.
struct FixedPoints {
  std::vector<double> points;
  std::vector<int64_t> times;  // of each point: which it is, or -1
  FixedPoints(const SolverSettings& settings, std::span<const double> times);
};

// Failures of adaptive rows in the engine's words. unbounded(row): the solution has grown beyond all
// proportion.
std::vector<Failure> row_failures(std::span<const odeon_row_result> results, double last_time,
                                  const SolverChoice& solver, const std::function<bool(int64_t)>& unbounded);
// The index of the first that fixed steps lost, of the results where none was; and its words, as of a joint solve.
size_t first_lost(std::span<const odeon_row_result> results, double from);
Failure lost_failure(std::span<const odeon_row_result> results, size_t row, const SolverSettings& settings);

// A solve as a backend compiled it.
class BackendSolve {
 public:
  using Runner = std::function<odeon_status(const odeon_step_settings*, const odeon_solve_run*)>;

  // What is wanted of each row: how it ended, or that only where it failed, and sums where it did not.
  enum class Wants { every_row, failed_rows };

  // NULL where the backend has no such extension or cannot do this one; the reason is logged.
  static std::unique_ptr<BackendSolve> make(odeon_problem& problem);
  // runner: of this problem's backend, with the compiled solve.
  BackendSolve(const odeon_problem& problem, Runner runner, Wants wants);
  BackendSolve(const BackendSolve&) = delete;
  BackendSolve& operator=(const BackendSolve&) = delete;

  // As integrate, for a problem that suits_backend and a solve that nobody watches. False where joint steps
  // could not begin: the host's first step says why.
  bool run(odeon_problem& problem, const odeon_solve_args& args);

  std::span<const odeon_row_result> results() const { return {results_.get(), rows_}; }  // of the last solve

 private:
  odeon_solve_run arguments(const odeon_problem& problem, const odeon_solve_args& args);
  void take(const odeon_step_settings* settings, const odeon_solve_run& run);
  odeon_tensor run_adaptive(odeon_problem& problem, const odeon_solve_args& args);
  void run_rows(odeon_problem& problem, const odeon_solve_args& args);
  bool run_joint(odeon_problem& problem, const odeon_solve_args& args);
  Failure tried_again(odeon_problem& problem, Failure failure, const odeon_tensor& end);
  void run_fixed(odeon_problem& problem, const odeon_solve_args& args);
  std::shared_ptr<Backend> backend_;
  Runner runner_;
  const Wants wants_;
  Buffer ends_;  // where failed rows stand
  // Memory that nobody writes costs nothing: of many rows it is much.
  std::unique_ptr<odeon_row_result[]> results_;
  size_t rows_ = 0, room_ = 0;
  odeon_solve_totals totals_{};
};

// The problem's, made when first asked for; NULL as `make`.
BackendSolve* backend_solve(odeon_problem& problem);

// Whether it was such a solve of the whole batch, with fixed or adaptive steps, which is done now.
bool integrate_by_backend(odeon_problem& problem, const odeon_solve_args& args);

}  // namespace odeon::host
