// A field's table that ends before the 1.0 slots do.
#include <odeon/field.h>

#include "specimen.hpp"

constexpr odeon_field_api kApi =
    specimen::changed(odeon_field_api{}, [](odeon_field_api& api) { api.struct_size = 40; });
SPECIMEN_COMPONENT(ODEON_KIND_FIELD, &kApi, [](odeon_component&) {})
