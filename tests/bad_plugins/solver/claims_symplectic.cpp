// A method that says it keeps energy, and does not.
#include "heun.hpp"

SPECIMEN_SOLVER(Heun, ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_SYMPLECTIC, 2)
