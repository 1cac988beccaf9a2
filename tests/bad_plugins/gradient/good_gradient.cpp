// In order: what the other specimens depart from.
#include "differences.hpp"

SPECIMEN_STRATEGY(specimen::Strategy)
