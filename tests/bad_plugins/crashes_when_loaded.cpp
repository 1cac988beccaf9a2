// A static constructor that ends the process.
#include <cstdlib>

#include "specimen.hpp"

namespace {
struct Crash {
  Crash() { std::abort(); }
} crash;
}  // namespace

SPECIMEN_COMPONENT(ODEON_KIND_SOLVER, &specimen::kSolver, [](odeon_component&) {})
