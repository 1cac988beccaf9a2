// A satellite about earth and moon in rotating coordinates, on Arenstorf's closed orbit of four loops.
// Hairer, Norsett and Wanner I, II.0.
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem arenstorf() {
  const std::string moon = "0.012277471", earth = "(1 - 0.012277471)";
  const std::string to_earth = "((y1 + " + moon + ")^2 + y2^2)^1.5",
                    to_moon = "((y1 - " + earth + ")^2 + y2^2)^1.5";
  return {"arenstorf",
          expression({"y3", "y4",
                      "y1 + 2*y4 - " + earth + "*(y1 + " + moon + ")/" + to_earth + " - " + moon + "*(y1 - " +
                          earth + ")/" + to_moon,
                      "y2 - 2*y3 - " + earth + "*y2/" + to_earth + " - " + moon + "*y2/" + to_moon}),
          {{0.994, 0, 0, -2.00158510637908252240537862224}},
          0,
          17.0652165601579625588917206249};
}

}  // namespace odeon::test
