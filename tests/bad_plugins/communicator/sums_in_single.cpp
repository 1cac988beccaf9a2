// Adds up doubles in single precision.
#include "alone.hpp"

namespace {
odeon_status sum_in_single(odeon_communicator* c, void* values, int32_t dtype, int64_t count) {
  double* x = static_cast<double*>(values);
  for (int64_t i = 0; dtype == ODEON_F64 && i < count; ++i) x[i] = static_cast<float>(x[i]);
  return CommunicatorApi<Alone>::sum(c, values, dtype, count);
}
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) { api.sum = sum_in_single; })
