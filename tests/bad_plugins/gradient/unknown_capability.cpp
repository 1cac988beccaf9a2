// A capability that no host knows.
#include "differences.hpp"

SPECIMEN_GRADIENT(specimen::Strategy, ODEON_GRADIENT_MEMORY_CONSTANT | 1u << 20)
