// An explicit method that says it is for stiff problems.
#include "heun.hpp"

SPECIMEN_SOLVER(Heun, ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_STIFF, 2)
