// DETEST class C: moderate systems, t from 0 to 20. Hull et al. (1972), as in detest_a.hpp.
#pragma once
#include <array>

#include "problems/formulas.hpp"

namespace odeon::test {

// Each species decays into the next one; the last is stable.
inline std::vector<std::vector<double>> decay_chain(const std::vector<double>& rates) {
  std::vector<std::vector<double>> a(rates.size() + 1, std::vector<double>(rates.size() + 1));
  for (size_t i = 0; i < rates.size(); ++i) {
    a[i][i] = -rates[i];
    a[i + 1][i] = rates[i];
  }
  return a;
}

// C5: Jupiter, Saturn, Uranus, Neptune and Pluto about the sun; the state is three coordinates of each, then
// the velocities. Lengths in astronomical units, time in 100 days, masses in that of the sun with the inner
// planets.
inline Problem outer_planets() {
  const std::vector<std::string> mass{"0.000954786104043", "0.000285583733151", "0.0000437273164546",
                                      "0.0000517759138449", "0.00000277777777778"};
  const auto at = [](size_t planet, size_t axis) { return y(3 * planet + axis + 1); };
  const auto cube = [](const std::array<std::string, 3>& v) {
    return "(" + v[0] + "^2 + " + v[1] + "^2 + " + v[2] + "^2)^1.5";
  };
  const auto between = [&](size_t j, size_t k, size_t axis) {
    return "(" + at(k, axis) + " - " + at(j, axis) + ")";
  };
  std::vector<std::string> formulas;
  for (size_t i = 16; i <= 30; ++i) formulas.push_back(y(i));
  for (size_t j = 0; j < 5; ++j)
    for (size_t axis = 0; axis < 3; ++axis) {
      std::string pull =
          "-(1.00000597682 + " + mass[j] + ")*" + at(j, axis) + "/" + cube({at(j, 0), at(j, 1), at(j, 2)});
      for (size_t k = 0; k < 5; ++k)
        if (k != j)
          pull += " + " + mass[k] + "*(" + between(j, k, axis) + "/" +
                  cube({between(j, k, 0), between(j, k, 1), between(j, k, 2)}) + " - " + at(k, axis) + "/" +
                  cube({at(k, 0), at(k, 1), at(k, 2)}) + ")";
      formulas.push_back("2.95912208286*(" + pull + ")");
    }
  Problem p{"detest_c5",
            expression(formulas),
            {{3.42947415189,   3.35386959711,   1.35494901715,   6.64145542550,   5.97156957878,
              2.18231499728,   11.2630437207,   14.6952576794,   6.27960525067,   -30.1552268759,
              1.65699966404,   1.43785752721,   -21.1238353380,  28.4465098142,   15.3882659679,
              -0.557160570446, 0.505696783289,  0.230578543901,  -0.415570776342, 0.365682722812,
              0.169143213293,  -0.325325669158, 0.189706021964,  0.0877265322780, -0.0240476254170,
              -0.287659532608, -0.117219543175, -0.176860753121, -0.216393453025, -0.0148647893090}},
            0,
            20};
  p.second_order = true;
  return p;
}

inline std::vector<Problem> detest_c() {
  return {
      {"detest_c1", linear_system(decay_chain(std::vector<double>(9, 1))), {first_unit(10)}, 0, 20},
      {"detest_c2", linear_system(decay_chain({1, 2, 3, 4, 5, 6, 7, 8, 9})), {first_unit(10)}, 0, 20},
      {"detest_c3", linear_system(second_difference(10)), {first_unit(10)}, 0, 20},
      {"detest_c4", linear_system(second_difference(51)), {first_unit(51)}, 0, 20},
      outer_planets(),
  };
}

}  // namespace odeon::test
