// In order: what the other specimens depart from.
#include "spring.hpp"

SPECIMEN_SPRING(specimen::Spring)
