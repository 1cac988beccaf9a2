// Goes on when it should end.
#include "alone.hpp"

namespace {
void go_on(odeon_communicator*, int32_t) {}
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) { api.abort = go_on; })
