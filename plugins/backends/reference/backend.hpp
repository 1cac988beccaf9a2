// The reference backend: plain loops over host memory. It is the specification of every slot, so it
// is written to be read, and sums in double.
#pragma once
#include <odeon/backend.h>

#include <odeon/sdk/error.hpp>

struct odeon_backend {
  const odeon_host* host;
};
struct odeon_queue {
  odeon_backend* backend;
};

namespace odeon::reference {

// instance.cpp
odeon_status create(const odeon_host* host, const odeon_value* options, odeon_backend** out);
odeon_status info(odeon_backend* backend, odeon_backend_info* out);

// maths.cpp
odeon_status fill(odeon_queue* queue, const odeon_tensor* out, double value);
odeon_status lincomb(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms);
odeon_status error_norm(odeon_queue* queue, const odeon_error_norm_args* args, double* result);
odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result);
odeon_status dot(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result);
odeon_status select(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b);

// graph.cpp
const void* get_ext(odeon_backend* backend, odeon_str id);

}  // namespace odeon::reference
