// Problems with closed solutions that the checks integrate, and the parts of a solve.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "conformance/numbers.hpp"
#include "conformance/subject.hpp"
#include "experiment/computation.hpp"

namespace odeon::host::conformance {

struct TestProblem {
  std::string name;
  LoadedComponent field;
  Array initial;  // [batch, state], at `start`
  double start, stop;
  std::function<Numbers(double t)> exact;  // [batch, state]
};

// Kepler's two bodies q'' = -q / |q|^3, each row on an ellipse of its own: nonlinear, coupled, autonomous.
TestProblem two_bodies();
// y' = 2 sin(y + 3 t): nonlinear, non-autonomous.
TestProblem travelling_phase();
// q'' = -q + cos(2 t) / 2: non-autonomous, for solvers of q'' = a(t, q).
TestProblem forced_spring();

// Of P. Kaps (1981), stiff: y' = -(1e6 + 2) y + 1e6 z^2, z' = y - z - z^2; y = exp(-2 t), z = exp(-t).
TestProblem kaps();

// y' = r y for each rate r, from 1; the elements do not see each other. Without an exact solution.
TestProblem decays(const Numbers& rates);

std::shared_ptr<Field> make_field(const LoadedComponent& field);  // one without options
// `field` solved with the subject's solver (Subject::solver) on its backend.
std::unique_ptr<Computation> make_computation(const Subject& s, const LoadedComponent& field,
                                              const std::string& solver_options, int64_t batch,
                                              int32_t dtype = ODEON_F64);
// The states at the times, [times, batch, state].
Numbers solve(const Subject& s, const TestProblem& p, const Numbers& times,
              const std::string& solver_options);

}  // namespace odeon::host::conformance
