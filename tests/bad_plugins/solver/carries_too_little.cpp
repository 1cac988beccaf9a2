// Its velocity is not among what it carries.
#include "reversible.hpp"

namespace {
struct Forgetful : Reversible {
  using Reversible::Reversible;
  std::array<odeon_tensor, 1> carried() { return {x_[0]}; }
};
}  // namespace

SPECIMEN_SOLVER(Forgetful, ODEON_SOLVER_REVERSIBLE, 2)
