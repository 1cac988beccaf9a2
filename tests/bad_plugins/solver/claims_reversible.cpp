// An explicit method that says its steps can be undone.
#include "heun.hpp"

SPECIMEN_SOLVER(specimen::Heun, ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_REVERSIBLE, 2)
