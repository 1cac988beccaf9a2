// One key for two options.
#include "specimen_option.hpp"

constexpr odeon_option kOption = specimen::order();
constexpr const odeon_option* kOptions[] = {&kOption, &kOption};
SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component& c) {
  c.options = kOptions;
  c.n_options = 2;
})
