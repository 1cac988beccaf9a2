// An explicit method that says its steps can be undone.
#include "heun.hpp"

SPECIMEN_SOLVER(Heun, ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_REVERSIBLE, 2)
