// A solver that takes steps by code, called slot by slot. It sees a problem of the host's engine.
#pragma once
#include <odeon/ext/reversible.h>

#include <memory>
#include <vector>

#include "conformance/numbers.hpp"
#include "conformance/test_problem.hpp"
#include "engine/problem.hpp"

namespace odeon::host::conformance {

class SteppingCase {
 public:
  // At rtol = atol = 1e-6, for solvers that look at tolerances.
  SteppingCase(const Subject& s, const TestProblem& p);
  ~SteppingCase();
  SteppingCase(const SteppingCase&) = delete;
  SteppingCase& operator=(const SteppingCase&) = delete;

  void start(double t0, double t_end, const Numbers& y0);
  void start() { start(p_.start, p_.stop, p_.initial.to_doubles()); }
  long start_allocations() const { return start_allocations_; }  // of the last start, where they are counted
  // ODEON_OK or a soft status; errors throw.
  odeon_status try_step(double h);
  // Where the last step ended, and what it said.
  Numbers y1() const;
  const odeon_step_result& result() const { return result_; }
  // The last step counts.
  void accept();
  // Like the host: tries until a step is good, with the solver's proposals; returns the state at its end.
  Numbers step();
  Numbers interpolate(double t) const;
  struct Saved {
    std::vector<char> bytes;
    double t, h;  // what the host knows beside
  };
  Saved save() const;
  void load(const Saved& saved);

  // Of ext/reversible.h, which may be NULL; the others need it.
  const odeon_solver_reversible_api* reversible() const;
  std::vector<Numbers> carried() const;
  void resume(double t, const std::vector<Numbers>& vectors);
  void step_back(double t0, double h);

  const odeon_solver_api& api() const { return api_; }
  double t() const { return t_; }
  Numbers start_state() const;  // what the tensor of `start` holds now

 private:
  const odeon_solver_api& api_;
  std::string name_;
  TestProblem p_;
  std::shared_ptr<Backend> backend_;
  odeon_problem problem_;
  const odeon_solver_problem_api& services_;
  odeon_solver* solver_ = nullptr;
  DeviceTensor y0_, y1_;
  odeon_step_result result_{};
  double t_ = 0, h_ = 0;
  long start_allocations_ = 0;
};

}  // namespace odeon::host::conformance
