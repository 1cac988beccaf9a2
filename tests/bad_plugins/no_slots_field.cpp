// A field whose required slots are all NULL.
#include <odeon/field.h>

#include "specimen.hpp"

constexpr odeon_field_api kApi =
    specimen::changed(odeon_field_api{}, [](odeon_field_api& api) { api.struct_size = sizeof api; });
SPECIMEN_COMPONENT(ODEON_KIND_FIELD, &kApi, [](odeon_component&) {})
