// A gradient whose required slots are all NULL.
#include <odeon/gradient.h>

#include "specimen.hpp"

constexpr odeon_gradient_api kApi =
    specimen::changed(odeon_gradient_api{}, [](odeon_gradient_api& api) { api.struct_size = sizeof api; });
SPECIMEN_COMPONENT(ODEON_KIND_GRADIENT, &kApi, [](odeon_component&) {})
