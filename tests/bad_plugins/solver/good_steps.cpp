// In order: what the other specimens depart from.
#include "heun.hpp"

SPECIMEN_HEUN(Heun)
