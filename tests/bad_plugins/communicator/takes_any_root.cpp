// Does not look at the root.
#include "alone.hpp"

namespace {
odeon_status broadcast_of_any(odeon_communicator*, void*, int64_t, int32_t) { return ODEON_OK; }
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) { api.broadcast = broadcast_of_any; })
