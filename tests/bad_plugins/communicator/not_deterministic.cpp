// What it adds up depends on how often it was asked for the same.
#include <vector>

#include "alone.hpp"

namespace {
odeon_status sum_once(odeon_communicator* c, void* values, int32_t dtype, int64_t count) {
  static std::vector<double> last;
  double* x = static_cast<double*>(values);
  if (dtype == ODEON_F64 && count > 1) {
    const std::vector<double> now(x, x + count);
    if (now == last) x[0] *= 1 + 1e-15;
    last = now;
  }
  return CommunicatorApi<Alone>::sum(c, values, dtype, count);
}
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) { api.sum = sum_once; })
