// Heun's method of order 2, which says that it has order 3.
#include "heun_tableau.hpp"

SPECIMEN_HEUN_TABLEAU([](odeon_tableau& t) { t.order = 3; })
