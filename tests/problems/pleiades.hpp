// Seven stars of masses 1 to 7 in a plane, with close encounters; the state is x1..x7, y1..y7 and their
// velocities. Hairer, Norsett and Wanner I, II.10; the end of the Test Set for IVP Solvers (Mazzia and
// Magherini, release 2.4).
#pragma once
#include "problems/formulas.hpp"

namespace odeon::test {

inline Problem pleiades() {
  std::vector<std::string> formulas;
  for (size_t i = 15; i <= 28; ++i) formulas.push_back(y(i));
  for (size_t axis : {0u, 7u})
    for (size_t i = 1; i <= 7; ++i) {
      std::string pull = "0";
      for (size_t j = 1; j <= 7; ++j)
        if (j != i)
          pull += " + " + std::to_string(j) + "*(" + y(axis + j) + " - " + y(axis + i) + ")/((" + y(j) +
                  " - " + y(i) + ")^2 + (" + y(7 + j) + " - " + y(7 + i) + ")^2)^1.5";
      formulas.push_back(pull);
    }
  Problem p{
      "pleiades",
      expression(formulas),
      {{3, 3, -1, -3, 2, -2, 2, 3, -3, 2, 0, 0, -4, 4, 0, 0, 0, 0, 0, 1.75, -1.5, 0, 0, 0, -1.25, 1, 0, 0}},
      0,
      3};
  p.second_order = true;
  return p;
}

}  // namespace odeon::test
