// The solvers and options with which adaptive whole solves on the stand-in device are compared with the
// host's.
#pragma once
#include "fake_registry.hpp"

namespace odeon::test {

// check({plugin: id}) of every explicit method with an error estimate.
template <class Check>
void with_every_adaptive_method(const Check& check) {
  int methods = 0;
  for (const std::string& id : solver_ids_where(
           [](const SolverTraits& s) { return s.is_explicit && s.controlled && !s.second_order; })) {
    CAPTURE(id);
    check(Json{{"plugin", id}});
    ++methods;
  }
  CHECK(methods >= 5);
}

// Step control, norms, interpolation, vectors of tolerances for two elements.
inline std::vector<Json> adaptive_options() {
  return {{{"plugin", "dopri5"}, {"control", "pi"}},
          {{"plugin", "tsit5"}, {"control", "pid"}},
          {{"plugin", "bosh3"}, {"norm", "max"}},
          {{"plugin", "dopri5"}, {"interpolation", "cubic"}},
          {{"plugin", "fehlberg2"}, {"interpolation", "cubic"}},
          {{"plugin", "dopri5"}, {"interpolation", "linear"}},
          {{"plugin", "dopri5"}, {"first_step", 0.01}, {"max_step", 0.2}, {"safety", 0.8}},
          {{"plugin", "dopri5"}, {"rtol", {1e-4, 1e-7}}, {"atol", {1e-5, 1e-9}}}};
}

}  // namespace odeon::test
