// Waits for a rank that is not there.
#include <unistd.h>

#include "alone.hpp"

namespace {
odeon_status wait_for_ever(odeon_communicator*) {
  for (;;) pause();
}
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) { api.barrier = wait_for_ever; })
