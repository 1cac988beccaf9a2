// Calls a function that no library has.
#include "specimen.hpp"

extern "C" void odeon_test_function_that_nobody_has();

namespace {
odeon_status init(const odeon_host*) {
  odeon_test_function_that_nobody_has();
  return ODEON_OK;
}
}  // namespace

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.init = init; })
