// A correct solver with one option, from which each specimen departs in one point.
#pragma once
#include "specimen.hpp"

namespace specimen {

constexpr odeon_option order() {
  return odeon::ranged(
      odeon::make_option(ODEON_OPTION_INT, str("order"), str("3"), str("How many terms are kept.")), 1, 5);
}

}  // namespace specimen

// change: [](odeon_option& o) { … }.
#define SPECIMEN_OPTION(change)                                                      \
  constexpr odeon_option kOption = specimen::changed(specimen::order(), change);     \
  constexpr const odeon_option* kOptions[] = {&kOption};                             \
  SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component& c) { \
    c.options = kOptions;                                                            \
    c.n_options = 1;                                                                 \
  })
