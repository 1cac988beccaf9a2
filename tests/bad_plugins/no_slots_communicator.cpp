// A communicator whose required slots are all NULL.
#include <odeon/communicator.h>

#include "specimen.hpp"

constexpr odeon_communicator_api kApi = specimen::changed(
    odeon_communicator_api{}, [](odeon_communicator_api& api) { api.struct_size = sizeof api; });
SPECIMEN_COMPONENT(ODEON_KIND_COMMUNICATOR, &kApi, [](odeon_component&) {})
