// A gradient's table that ends before the 1.0 slots do.
#include <odeon/gradient.h>

#include "specimen.hpp"

constexpr odeon_gradient_api kApi =
    specimen::changed(odeon_gradient_api{}, [](odeon_gradient_api& api) { api.struct_size = 24; });
SPECIMEN_COMPONENT(ODEON_KIND_GRADIENT, &kApi, [](odeon_component&) {})
