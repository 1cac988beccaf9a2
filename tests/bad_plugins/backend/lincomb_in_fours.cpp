// Forgets what is left over from blocks of four.
#include <vector>

#include "loops.hpp"

namespace {
odeon_status lincomb_fours(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base,
                           odeon_scalar scale, int32_t n_terms, const double* coefficients,
                           const odeon_tensor* terms) {
  const int64_t size = element_count(*z), whole = size < 64 ? size : size / 4 * 4;
  std::vector<double> rest;
  for (int64_t i = whole; i < size; ++i) rest.push_back(get(*z, i));
  const odeon_status status = lincomb(queue, z, base, scale, n_terms, coefficients, terms);
  for (int64_t i = whole; i < size; ++i) set(*z, i, rest[size_t(i - whole)]);
  return status;
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.lincomb = lincomb_fours; })
