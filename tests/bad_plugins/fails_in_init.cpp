// init says why it cannot work.
#include "specimen.hpp"

namespace {
odeon_status init(const odeon_host* host) {
  host->set_error(host, odeon::to_str("the driver is too old"));
  return ODEON_E_NO_DEVICE;
}
}  // namespace

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.init = init; })
