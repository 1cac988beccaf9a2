// Takes 1 for the only true value of a mask.
#include "loops.hpp"

namespace {
odeon_status select_one(odeon_queue*, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                        const odeon_tensor* b) {
  const int64_t size = element_count(*z), row_size = size == 0 ? 1 : size / row_count(*z);
  for (int64_t i = 0; i < size; ++i) set(*z, i, get(mask[i / row_size] == 1 ? *a : *b, i));
  return ODEON_OK;
}
}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.select = select_one; })
