// What the others depart from.
#include "alone.hpp"

SPECIMEN_COMMUNICATOR([](odeon_communicator_api&) {})
