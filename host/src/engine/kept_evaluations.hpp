// Evaluations of the stages that keep what their reverse reads: odeon_solve_args.residuals.
#pragma once
#include <memory>
#include <vector>

#include "autodiff/residuals.hpp"
#include "engine/problem.hpp"
#include "engine/vjp_program.hpp"

// The values of one evaluation, one behind the other.
struct odeon_residuals {
  odeon::host::Buffer memory;
};

namespace odeon::host {

class KeptEvaluations {
 public:
  // NULL where steps are not functions of their stages alone, or the field has nothing worth keeping.
  static std::unique_ptr<KeptEvaluations> of(odeon_problem& problem);
  explicit KeptEvaluations(odeon_problem& problem, const ResidualGraphs& graphs);

  int64_t bytes() const { return bytes_; }
  // dy = f(t, y), with the residuals in the stage's entry.
  void eval(double t, const odeon_tensor& y, const odeon_tensor& dy, size_t stage);
  std::vector<odeon_residuals*>& of_stages() { return of_stages_; }  // NULL: none

  // Out of the stages' entries, into the caller's hands; and back.
  void keep(odeon_residuals& residuals);
  void release(odeon_residuals& residuals);
  // args: of the evaluation at args.t and args.y; without dy.
  void vjp(const odeon_residuals& residuals, const odeon_vjp_args& args);

 private:
  odeon_residuals& unused();
  // Views of the values in one evaluation's memory, behind `tensors`.
  void append(std::vector<odeon_tensor>& tensors, const odeon_residuals& residuals) const;

  odeon_problem& p_;
  ResidualGraphs graphs_;
  std::vector<odeon_tensor> shapes_;  // of the values
  std::vector<int64_t> offsets_;
  int64_t bytes_ = 0;
  GraphProgram forward_;
  std::array<std::unique_ptr<VjpProgram>, 16> reverse_;
  std::vector<std::unique_ptr<odeon_residuals>> all_;
  std::vector<odeon_residuals*> unused_, of_stages_;
  std::vector<odeon_tensor> tensors_;  // scratch, so that steps do not allocate
  std::vector<int32_t> modes_;
};

}  // namespace odeon::host
