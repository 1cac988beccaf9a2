// An exception leaves destroy, which the host calls from a destructor.
#include <stdexcept>

#include "specimen_field.hpp"

namespace {
void destroy(odeon_field*) { throw std::runtime_error("still in use"); }
}  // namespace

SPECIMEN_FIELD([](odeon_field_api& f) { f.destroy = destroy; })
