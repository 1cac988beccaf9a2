// Takes a step back with the field of its beginning.
#include "reversible.hpp"

namespace {
struct Early : Reversible {
  using Reversible::Reversible;
  void step_back(double t0, double h) {
    move(-h, t0);
    t_ = t0;
  }
};
}  // namespace

SPECIMEN_SOLVER(Early, ODEON_SOLVER_REVERSIBLE, 2)
