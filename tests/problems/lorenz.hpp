// Lorenz' equations with his parameters, J. Atmos. Sci. 20 (1963) 130-141; an error grows by e about
// every 1.1.
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem lorenz() {
  return {"lorenz",
          expression({"10*(y2 - y1)", "y1*(28 - y3) - y2", "y1*y2 - 2.6666666666666665*y3"}),
          {{1, 1, 1}},
          0,
          8};
}

}  // namespace odeon::test
