// A field on a backend with its θ, solved and evaluated from arrays of the host.
#pragma once
#include "experiment/fit.hpp"
#include "experiment/session.hpp"

namespace odeon::host {

class FieldRunner {
 public:
  FieldRunner(std::shared_ptr<Backend> backend, const FieldChoice& choice, FittedParts parts, int32_t dtype,
              uint64_t seed);

  std::unique_ptr<odeon_problem> problem(int64_t batch) const;
  // States [T, B, state] from y0 [B, state].
  Array solve(const Array& y0, const std::vector<double>& times) const;
  // dy/dt [B, state] of the rows y [B, state] at t = 0.
  Array slopes(const Array& y) const;
  // dy/dt [T, B, state] of states [T, B, state], each at its time.
  Array slopes(const Array& states, const std::vector<double>& times) const;

  const odeon_tensor& theta() const { return theta_.view; }
  const ParameterSet& download();  // θ as it is now

 private:
  DeviceTensor uploaded(const Array& a) const;

  std::shared_ptr<Backend> backend_;
  std::shared_ptr<Field> field_;
  ParameterSet parameters_;
  SolverChoice solver_;
  int32_t dtype_;
  DeviceTensor theta_;
};

}  // namespace odeon::host
