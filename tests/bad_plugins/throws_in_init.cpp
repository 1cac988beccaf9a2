// An exception leaves init.
#include <stdexcept>

#include "specimen.hpp"

namespace {
odeon_status init(const odeon_host*) { throw std::runtime_error("no licence"); }
}  // namespace

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("specimen"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) { p.init = init; })
