// Closes for all instances when the first one goes.
#include "loops.hpp"

namespace {
bool is_open = false;
odeon_status create_open(const odeon_host* host, const odeon_value* options, odeon_backend** out) {
  is_open = true;
  return create(host, options, out);
}
void destroy_all(odeon_backend* backend) {
  is_open = false;
  delete backend;
}
odeon_status lincomb_if_open(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base,
                             odeon_scalar scale, int32_t n_terms, const double* coefficients,
                             const odeon_tensor* terms) {
  return lincomb(queue, z, base, scale, is_open ? n_terms : 0, coefficients, terms);
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) {
  api.create = create_open, api.destroy = destroy_all, api.lincomb = lincomb_if_open;
})
