// Compiled whole solves, and whole solves with their gradient: of rows on their own, or of a batch that steps
// together.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include <memory>

#include "backend.hpp"
#include "solve/room.hpp"

struct odeon_solve_plan {
  explicit odeon_solve_plan(odeon_backend& owner) : backend(owner) {}
  virtual ~odeon_solve_plan() = default;
  odeon_solve_plan(const odeon_solve_plan&) = delete;
  odeon_solve_plan& operator=(const odeon_solve_plan&) = delete;

  // As odeon_backend_solve_api::run.
  virtual void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run) = 0;

  odeon_backend& backend;
};

struct odeon_solve_gradient_plan {
  explicit odeon_solve_gradient_plan(odeon_backend& owner) : backend(owner) {}
  virtual ~odeon_solve_gradient_plan() = default;
  odeon_solve_gradient_plan(const odeon_solve_gradient_plan&) = delete;
  odeon_solve_gradient_plan& operator=(const odeon_solve_gradient_plan&) = delete;

  // As in odeon_backend_solve_gradient_api.
  virtual void forward(odeon_queue& queue, const odeon_step_settings* settings,
                       const odeon_solve_run& run) = 0;
  virtual void backward(odeon_queue& queue, odeon_solve_gradient_run& run) = 0;

  odeon_backend& backend;
};

namespace odeon::cuda {

// Throw ODEON_E_UNSUPPORTED with the reason.
std::unique_ptr<odeon_solve_plan> make_row_solve(odeon_backend& backend, const odeon_solve_spec& spec);
std::unique_ptr<odeon_solve_plan> make_joint_solve(odeon_backend& backend, const odeon_solve_spec& spec);
std::unique_ptr<odeon_solve_gradient_plan> make_row_gradient(odeon_backend& backend,
                                                             const odeon_solve_gradient_spec& spec);
std::unique_ptr<odeon_solve_gradient_plan> make_joint_gradient(odeon_backend& backend,
                                                               const odeon_solve_gradient_spec& spec);
std::unique_ptr<odeon_solve_gradient_plan> make_joint_adjoint(odeon_backend& backend,
                                                              const odeon_solve_gradient_spec& spec);

}  // namespace odeon::cuda
