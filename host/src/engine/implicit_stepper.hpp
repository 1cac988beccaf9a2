// Implicit Runge-Kutta steps: Newton's iteration with one Jacobian for many steps. Diagonally implicit stages
// are solved one after the other, coupled ones together in the basis of the eigenvectors of A.
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), section IV.8.
// Additive steps (C. A. Kennedy, M. H. Carpenter, Appl. Numer. Math. 44 (2003) 139-181) solve each stage for
// the implicit half of the field; k keeps the sum of both halves, of which everything but a stage's argument
// is made.
#pragma once
#include "engine/linear_systems.hpp"
#include "engine/newton.hpp"
#include "engine/predictive_control.hpp"
#include "engine/stage_guess.hpp"
#include "engine/stage_spectrum.hpp"
#include "engine/tableau_stepper.hpp"

namespace odeon::host {

class ImplicitStepper final : public TableauStepper {
 public:
  explicit ImplicitStepper(odeon_problem& problem);

  void begin(double t, double t_end) override;
  Trial attempt(double t, double h, bool want_error) override;
  void advance() override;

 private:
  bool converge(bool may_shrink);
  void need_jacobian();
  bool solve_stages();         // all k; false: no convergence with this Jacobian
  bool solve_stage(size_t i);  // of a diagonal tableau
  void guess_stage(size_t i, double g);
  bool solve_block();  // of coupled stages
  void guess_block();
  bool update_block();
  void note_convergence();
  void set_full_newton(bool full);
  double error_of_step();
  double filtered_norm();
  // What Newton's iteration solves for: the field, or its implicit half.
  void eval_solved(double t, const odeon_tensor& at, const odeon_tensor& dy);
  // z = g sum_j w_j k_j from entry `first` on, without the explicit halves.
  void combine_solved(const odeon_tensor& z, double g, std::span<const double> weights, size_t first);
  // The argument of stage i as far as it is known: y0 + h sum over the first `count` stages.
  void base_of(size_t i, size_t count);
  void evaluate_integrands();

  LinearSystems systems_;
  StageSpectrum spectrum_;
  StageGuess guess_;
  NewtonMonitor monitor_;
  PredictiveControl control_;
  Convergence convergence_;  // of this trial
  bool have_jacobian_ = false, jacobian_is_fresh_ = false, full_newton_ = false;
  bool refused_ = false;  // the error test refused the last trial from here
  const char* failure_ = nullptr;
  double h_before_ = 0;    // of the step before; 0: none
  double tried_h_ = 0;     // of the last trial; 0: none
  double jacobian_h_ = 0;  // of the step for which it was evaluated
  int jacobian_age_ = 0;   // steps since then
  odeon_tensor z_{}, base_{}, f_{}, update_{};
  Eigen::VectorXd residual_, correction_;
  Eigen::VectorXcd complex_residual_, complex_correction_;
  Eigen::MatrixXd block_z_, block_f_, block_r_;  // a column per coupled stage
  Eigen::MatrixXd before_;                       // k of the step before, for the first guess
};

}  // namespace odeon::host
