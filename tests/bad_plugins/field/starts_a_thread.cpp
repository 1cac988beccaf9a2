// Waits in a thread of its own.
#include "../threaded.hpp"
#include "spring.hpp"

SPECIMEN_SPRING(Threaded<specimen::Spring>)
