// Adds up in the precision of the data.
#include "loops.hpp"

namespace {
odeon_status dot_single(odeon_queue*, const odeon_tensor* x, const odeon_tensor* y, double* result) {
  float sum = 0;
  for (int64_t i = 0; i < element_count(*x); ++i) sum += float(get(*x, i) * get(*y, i));
  *result = double(sum);
  return ODEON_OK;
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.dot = dot_single; })
