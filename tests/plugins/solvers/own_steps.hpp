// Solvers that choose their steps themselves, stepped by hand.
#pragma once
#include "plugins/solvers/hand_stepped.hpp"
#include "plugins/solvers/observed_order.hpp"

namespace odeon::test {

inline Json own_steps_config(const Problem& p, const std::string& id, double tolerance) {
  return experiment_of(p, {p.start, p.stop}, {{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance}});
}

// Steps from start to stop, retrying what is rejected; calls `each` after every step with its beginning.
template <class Each>
void run_through(HandStepped& s, const Problem& p, Each each) {
  s.start(p.start, p.stop);
  double h = 1e-3;
  while (s.t < p.stop) {
    const double before = s.t;
    if (s.step(h) == ODEON_OK) each(before);
    h = s.next_h;
  }
}

inline double most_off(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace odeon::test
