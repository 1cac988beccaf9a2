// Van der Pol's oscillator y'' = mu (1 - y^2) y' - y from (2, 0). With large mu the solution follows slow
// branches and jumps between them. mu = 1000 to t = 2000 is problem `vdpolm` of the Test Set for IVP Solvers
// (Mazzia and Magherini, release 2.4); for mu = 1e6 the time is in units of mu, Hairer and Wanner II, IV.10
// with eps = 1e-12.
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem van_der_pol_5() {
  return {"van_der_pol_5", expression({"y2", "5*(1 - y1^2)*y2 - y1"}), {{2, 0}}, 0, 20};
}

inline Problem van_der_pol_1e3() {
  Problem p{"van_der_pol_1e3", expression({"y2", "1000*(1 - y1^2)*y2 - y1"}), {{2, 0}}, 0, 2000};
  p.stiff = p.jumps = true;
  p.magnitude = 1e-3;
  return p;
}

inline Problem van_der_pol_1e6() {
  Problem p{"van_der_pol_1e6", expression({"y2", "1e12*((1 - y1^2)*y2 - y1)"}), {{2, 0}}, 0, 2};
  p.stiff = p.jumps = true;
  return p;
}

}  // namespace odeon::test
