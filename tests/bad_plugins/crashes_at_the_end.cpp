// shutdown gives back what it does not have.
#include <cstdlib>

#include "specimen.hpp"

namespace {
void shutdown() { std::abort(); }
}  // namespace

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.shutdown = shutdown; })
