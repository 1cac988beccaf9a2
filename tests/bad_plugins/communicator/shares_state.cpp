// Closes for all instances when the first one goes.
#include "alone.hpp"

namespace {
bool is_open = false;
odeon_status create_open(const odeon_host* host, const odeon_value* options, odeon_communicator** out) {
  is_open = true;
  return CommunicatorApi<Alone>::create(host, options, out);
}
void destroy_all(odeon_communicator* c) {
  is_open = false;
  CommunicatorApi<Alone>::destroy(c);
}
odeon_status sum_if_open(odeon_communicator* c, void* values, int32_t dtype, int64_t count) {
  double* x = static_cast<double*>(values);
  for (int64_t i = 0; !is_open && i < count; ++i) x[i] = 0;
  return CommunicatorApi<Alone>::sum(c, values, dtype, count);
}
}  // namespace

SPECIMEN_COMMUNICATOR([](odeon_communicator_api& api) {
  api.create = create_open, api.destroy = destroy_all, api.sum = sum_if_open;
})
