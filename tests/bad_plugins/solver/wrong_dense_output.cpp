// Heun's method with a straight line between the ends, which says that it has order 2.
#include "heun_tableau.hpp"

constexpr double kLine[] = {0.5, 0.5};
SPECIMEN_HEUN_TABLEAU([](odeon_tableau& t) {
  t.dense = kLine;
  t.dense_degree = 1;
  t.dense_order = 2;
})
