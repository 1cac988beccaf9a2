// Graphs and solves on a backend.
#pragma once
#include "conformance/check.hpp"

namespace odeon::host::conformance {

Finding graphs_agree_with_the_interpreter(const Subject& s);
Finding backend_solves(const Subject& s);
// Where it has odeon.backend.solve_gradient/1.
Finding backend_differentiates(const Subject& s);
Finding backend_gives_the_same_bits(const Subject& s);
Finding backends_are_independent(const Subject& s);

}  // namespace odeon::host::conformance
