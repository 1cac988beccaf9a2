// A communicator's table that ends before the 1.0 slots do.
#include <odeon/communicator.h>

#include "specimen.hpp"

constexpr odeon_communicator_api kApi =
    specimen::changed(odeon_communicator_api{}, [](odeon_communicator_api& api) { api.struct_size = 24; });
SPECIMEN_COMPONENT(ODEON_KIND_COMMUNICATOR, &kApi, [](odeon_component&) {})
