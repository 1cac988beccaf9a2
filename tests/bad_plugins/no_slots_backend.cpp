// A backend whose required slots are all NULL.
#include <odeon/backend.h>

#include "specimen.hpp"

constexpr odeon_backend_api kApi =
    specimen::changed(odeon_backend_api{}, [](odeon_backend_api& api) { api.struct_size = sizeof api; });
SPECIMEN_COMPONENT(ODEON_KIND_BACKEND, &kApi, [](odeon_component&) {})
