// Takes the larger of a number and NaN for the number.
#include "loops.hpp"

namespace {
odeon_status norm_of_numbers(odeon_queue* queue, const odeon_error_norm_args* args, double* result) {
  const odeon_status status = error_norm(queue, args, result);
  const int64_t groups = args->per_row ? row_count(*args->y0) : 1;
  for (int64_t g = 0; g < groups; ++g)
    if (std::isnan(result[g])) result[g] = 0;
  return status;
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.error_norm = norm_of_numbers; })
