// The required arithmetic: argument checks, and parameters of the kernels in maths/.
#include <odeon/sdk/arguments.hpp>

#include "backend.hpp"
#include "device.hpp"
#include "launch.hpp"
#include "maths/launches.hpp"

namespace odeon::cuda {
namespace {

static_assert(kTermLimit == kMaxTerms);

// A factor on the host goes into the coefficients; one on the device stays there.
template <class T>
Terms<T> make_terms(const odeon_scalar& scale, int32_t n_terms, const double* coefficients,
                    const odeon_tensor* terms) {
  Terms<T> out;
  out.count = n_terms;
  for (int32_t i = 0; i < n_terms; ++i) {
    out.c[i] = T(scale.device ? coefficients[i] : scale.value * coefficients[i]);
    out.x[i] = data<const T>(terms[i]);
  }
  return out;
}

// body(), with the device selected; what it launches must have been launchable.
template <class Body>
odeon_status on_device(odeon_queue* queue, const Body& body) {
  return barrier(queue->backend->host, [&] {
    use(*queue->backend);
    body();
    check_runtime(cudaGetLastError(), "starting a kernel");
  });
}

}  // namespace

odeon_status fill(odeon_queue* queue, const odeon_tensor* out, double value) {
  return on_device(queue, [&] {
    dispatch(out->dtype, [&](auto zero) {
      using T = decltype(zero);
      if (const int64_t size = element_count(*out)) launch_fill(queue->stream, data<T>(*out), size, T(value));
    });
  });
}

odeon_status lincomb(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms) {
  return on_device(queue, [&] {
    require_term_count("lincomb", n_terms);
    if (base) require_same_shape("lincomb", "base", *z, *base);
    for (int32_t i = 0; i < n_terms; ++i) require_same_shape("lincomb", "terms", *z, terms[i]);
    const int64_t size = element_count(*z);
    dispatch(z->dtype, [&](auto zero) {
      using T = decltype(zero);
      if (size == 0) return;
      launch_lincomb(queue->stream, data<T>(*z), base ? data<const T>(*base) : nullptr,
                     make_terms<T>(scale, n_terms, coefficients, terms),
                     {scale.device, scale.stride, size / row_count(*z)}, size);
    });
  });
}

odeon_status error_norm(odeon_queue* queue, const odeon_error_norm_args* p, double* result) {
  return on_device(queue, [&] {
    require_term_count("error_norm", p->n_terms);
    if (p->y1) require_same_shape("error_norm", "y1", *p->y0, *p->y1);
    for (int32_t i = 0; i < p->n_terms; ++i) require_same_shape("error_norm", "terms", *p->y0, p->terms[i]);
    const int64_t rows = row_count(*p->y0), row_size = rows == 0 ? 0 : element_count(*p->y0) / rows;
    dispatch(p->y0->dtype, [&](auto zero) {
      using T = decltype(zero);
      const NormTerms<T> q{make_terms<T>(p->scale, p->n_terms, p->coefficients, p->terms),
                           {p->scale.device, p->scale.stride, row_size},
                           data<const T>(*p->y0),
                           p->y1 ? data<const T>(*p->y1) : nullptr,
                           p->rtol,
                           p->atol,
                           p->rtol_vector,
                           p->atol_vector,
                           row_size};
      double* partials = p->per_row ? nullptr : queue->partials(partial_count(rows * row_size));
      launch_norm(queue->stream, q, p->norm == ODEON_NORM_MAX, p->per_row != 0, rows, partials, result);
    });
  });
}

odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result) {
  return on_device(queue, [&] {
    if (operation < ODEON_REDUCE_SUM || operation > ODEON_REDUCE_MIN)
      throw Error("reduce: operation " + std::to_string(operation) + " is not ODEON_REDUCE_SUM, MAX or MIN");
    const int64_t size = element_count(*x);
    dispatch(x->dtype, [&](auto zero) {
      launch_reduce(queue->stream, operation, data<const decltype(zero)>(*x), size,
                    queue->partials(partial_count(size)), result);
    });
  });
}

odeon_status dot(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result) {
  return on_device(queue, [&] {
    require_same_shape("dot", "y", *x, *y);
    const int64_t size = element_count(*x);
    dispatch(x->dtype, [&](auto zero) {
      using T = decltype(zero);
      launch_dot(queue->stream, data<const T>(*x), data<const T>(*y), size,
                 queue->partials(partial_count(size)), result);
    });
  });
}

odeon_status select(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b) {
  return on_device(queue, [&] {
    require_same_shape("select", "a", *z, *a);
    require_same_shape("select", "b", *z, *b);
    const int64_t size = element_count(*z);
    dispatch(z->dtype, [&](auto zero) {
      using T = decltype(zero);
      if (size == 0) return;
      launch_select(queue->stream, data<T>(*z), mask, data<const T>(*a), data<const T>(*b),
                    size / row_count(*z), size);
    });
  });
}

}  // namespace odeon::cuda
