// Waits in a thread of its own.
#include "../threaded.hpp"
#include "differences.hpp"

SPECIMEN_STRATEGY(Threaded<specimen::Strategy>)
