// How the integration loop sees a method: trial steps from (t, y[0]) to y[1] in the problem's work space.
// One kind for explicit tableaus, one for implicit ones, one for solvers that take steps by code.
#pragma once
#include <memory>

#include "engine/problem.hpp"

namespace odeon::host {

// What a trial step came to.
struct Trial {
  double h = 0;                  // from the beginning to the end
  double error = 0;              // scaled norm of the error estimate: <= 1 passes
  double next_h = 0;             // the method's own proposal; 0: step control decides
  const char* reason = nullptr;  // why the step could not be taken at all; NULL: it was
};

class Stepper {
 public:
  virtual ~Stepper() = default;

  // Begins at (t, y[0]) without any history; t_end gives the direction.
  virtual void begin(double t, double t_end) = 0;
  // Signed. Hairer, Norsett, Wanner II.4.
  virtual double first_step(double direction) = 0;
  // From the beginning, whose time is t, to y[1]; the same beginning again after a trial that was not
  // accepted. want_error: under step control.
  virtual Trial attempt(double t, double h, bool want_error) = 0;

  // How the next values inside steps come about; dense_of(problem) until it is said. Returns how so far.
  virtual Dense interpolate_by(Dense dense) = 0;
  // Of the last trial, which was successful, before `advance`:
  // evaluates what values inside the step need, if they will be asked for;
  virtual void prepare_interpolation() = 0;
  // the state at x = (t - t0) / h;
  virtual void interpolate(double x, const odeon_tensor& out) = 0;
  // likewise its derivative by t; false where the dense output does not give it;
  virtual bool interpolate_slope(double /*x*/, const odeon_tensor& /*out*/) { return false; }
  // adds the integral of the quadrature's integrand from 0 to x (1: the whole step);
  virtual void add_quadrature(double x, const odeon_tensor& total) = 0;
  // fills what a step observer may use beside the ends.
  virtual void describe(odeon_step_record& record) = 0;

  // Length of the last trial step over the longest that the method is stable for; 0: not known, or no bound.
  virtual double stability_ratio() { return 0; }

  // y[1] becomes the beginning: swaps y[0] and y[1].
  virtual void advance() = 0;
};

std::unique_ptr<Stepper> make_stepper(odeon_problem& problem);

}  // namespace odeon::host
