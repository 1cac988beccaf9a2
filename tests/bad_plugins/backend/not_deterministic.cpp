// Adds up in an order that differs from call to call.
#include "loops.hpp"

namespace {
odeon_status reduce_turning(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result) {
  static int64_t turn = 0;
  if (operation != ODEON_REDUCE_SUM) return reduce(queue, operation, x, result);
  const int64_t n = element_count(*x);
  double sum = 0;
  turn += 7;
  for (int64_t i = 0; i < n; ++i) sum += get(*x, (i + turn) % n);
  *result = sum;
  return ODEON_OK;
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.reduce = reduce_turning; })
