// An exception leaves create.
#include <stdexcept>

#include "specimen_field.hpp"

namespace {
odeon_status create(const odeon_host*, const odeon_value*, const odeon_field_context*, odeon_field**) {
  throw std::runtime_error("no table for this");
}
}  // namespace

SPECIMEN_FIELD([](odeon_field_api& f) { f.create = create; })
