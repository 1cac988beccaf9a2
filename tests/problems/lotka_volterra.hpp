// Predators and prey, nearly two periods. Lotka (1925), Volterra (1926).
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem lotka_volterra() {
  return {"lotka_volterra", expression({"1.5*y1 - y1*y2", "y1*y2 - 3*y2"}), {{1, 1}}, 0, 10};
}

}  // namespace odeon::test
