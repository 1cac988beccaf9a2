// An option that nobody explains.
#include "../undocumented.hpp"
#include "spring.hpp"

namespace {
constexpr odeon_field_api kFieldApi = specimen::FieldTable<specimen::Spring>::table();
}
SPECIMEN_FIELD_TABLE(kFieldApi, undocumented::kOptions)
