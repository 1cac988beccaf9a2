// init waits for something that never comes.
#include "specimen.hpp"

namespace {
odeon_status init(const odeon_host*) {
  for (volatile bool ready = false; !ready;) {
  }
  return ODEON_OK;
}
}  // namespace

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.init = init; })
