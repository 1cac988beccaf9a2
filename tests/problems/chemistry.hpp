// Three stiff reactions of the Test Set for IVP Solvers (Mazzia and Magherini, release 2.4; Hairer and Wanner
// II, IV.10, whose absolute tolerances these magnitudes are): Robertson's (1966), HIRES (Schafer 1975), the
// Oregonator of the Belousov-Zhabotinskii reaction (Field and Noyes 1974).
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem robertson() {
  Problem p{"robertson",
            expression({"-0.04*y1 + 1e4*y2*y3", "0.04*y1 - 1e4*y2*y3 - 3e7*y2^2", "3e7*y2^2"}),
            {{1, 0, 0}},
            0,
            1e11};
  p.stiff = true;
  p.magnitude = 1e-6;
  return p;
}

inline Problem hires() {
  Problem p{"hires",
            expression({"-1.71*y1 + 0.43*y2 + 8.32*y3 + 0.0007", "1.71*y1 - 8.75*y2",
                        "-10.03*y3 + 0.43*y4 + 0.035*y5", "8.32*y2 + 1.71*y3 - 1.12*y4",
                        "-1.745*y5 + 0.43*y6 + 0.43*y7", "-280*y6*y8 + 0.69*y4 + 1.71*y5 - 0.43*y6 + 0.69*y7",
                        "280*y6*y8 - 1.81*y7", "-280*y6*y8 + 1.81*y7"}),
            {{1, 0, 0, 0, 0, 0, 0, 0.0057}},
            0,
            321.8122};
  p.stiff = true;
  p.magnitude = 1e-4;
  return p;
}

inline Problem orego() {
  Problem p{
      "orego",
      expression({"77.27*(y2 + y1*(1 - 8.375e-6*y1 - y2))", "(y3 - (1 + y1)*y2)/77.27", "0.161*(y1 - y3)"}),
      {{1, 2, 3}},
      0,
      360};
  p.stiff = p.jumps = true;
  p.magnitude = 1e-6;
  return p;
}

}  // namespace odeon::test
