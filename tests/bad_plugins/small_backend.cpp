// A backend's table that ends before the 1.0 slots do.
#include <odeon/backend.h>

#include "specimen.hpp"

constexpr odeon_backend_api kApi =
    specimen::changed(odeon_backend_api{}, [](odeon_backend_api& api) { api.struct_size = 64; });
SPECIMEN_COMPONENT(ODEON_KIND_BACKEND, &kApi, [](odeon_component&) {})
