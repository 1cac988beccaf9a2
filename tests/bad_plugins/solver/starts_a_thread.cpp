// Waits in a thread of its own.
#include "../threaded.hpp"
#include "heun.hpp"

SPECIMEN_HEUN(Threaded<Heun>)
