// A backend: plain loops over host memory, the required slots and nothing else.
//
// Every call is done when it returns, so a queue holds nothing. Without odeon.backend.graph/1 the host
// interprets the fields' graphs itself: a missing extension costs speed, never function.
#include <cmath>
#include <odeon/sdk/arguments.hpp>
#include <odeon/sdk/host_memory.hpp>
#include <odeon/sdk/plugin.hpp>

struct odeon_backend {
  const odeon_host* host;
};
struct odeon_queue {
  odeon_backend* backend;
};

namespace {

using namespace odeon;

odeon_status create(const odeon_host* host, const odeon_value*, odeon_backend** out) {
  return barrier(host, [&] { *out = new odeon_backend{host}; });
}
odeon_status info(odeon_backend*, odeon_backend_info* out) {
  out->host_memory = 1;
  out->threads = 1;
  out->device = str("my loops");
  return ODEON_OK;
}

// Elements of any float type as doubles: slow, and all that a template needs.
double get(const odeon_tensor& x, int64_t i) {
  return x.dtype == ODEON_F64 ? data<double>(x)[i] : double(data<float>(x)[i]);
}
void set(const odeon_tensor& x, int64_t i, double value) {
  if (x.dtype == ODEON_F64)
    data<double>(x)[i] = value;
  else
    data<float>(x)[i] = float(value);
}
double combined(int32_t n, const double* c, const odeon_tensor* x, int64_t i) {
  double sum = 0;
  for (int32_t k = 0; k < n; ++k) sum += c[k] * get(x[k], i);
  return sum;
}

odeon_status fill(odeon_queue*, const odeon_tensor* out, double value) {
  for (int64_t i = 0; i < element_count(*out); ++i) set(*out, i, value);
  return ODEON_OK;
}

odeon_status lincomb(odeon_queue*, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms) {
  const int64_t size = element_count(*z), row_size = size == 0 ? 1 : size / row_count(*z);
  for (int64_t i = 0; i < size; ++i)
    set(*z, i,
        (base ? get(*base, i) : 0) +
            value_of(scale, i / row_size) * combined(n_terms, coefficients, terms, i));
  return ODEON_OK;
}

odeon_status error_norm(odeon_queue*, const odeon_error_norm_args* a, double* result) {
  const int64_t size = element_count(*a->y0), rows = row_count(*a->y0), row_size = rows ? size / rows : 0;
  const int64_t groups = a->per_row ? rows : 1, group_size = a->per_row ? row_size : size;
  for (int64_t g = 0; g < groups; ++g) {
    double sum = 0, max = 0;
    for (int64_t i = g * group_size; i < (g + 1) * group_size; ++i) {
      const int64_t row = i / row_size, j = i % row_size;
      const double y =
          a->y1 ? std::fmax(std::fabs(get(*a->y0, i)), std::fabs(get(*a->y1, i))) : std::fabs(get(*a->y0, i));
      const double rtol = a->rtol_vector ? a->rtol_vector[j] : a->rtol;
      const double atol = a->atol_vector ? a->atol_vector[j] : a->atol;
      const double e = value_of(a->scale, row) * combined(a->n_terms, a->coefficients, a->terms, i);
      // What is not finite must show in the result, whatever it is divided by.
      const double q = std::isfinite(y) && (!a->y1 || std::isfinite(get(*a->y1, i) + get(*a->y0, i)))
                           ? std::fabs(e) / (atol + rtol * y)
                           : std::nan("");
      sum += q * q;
      max = std::isnan(q) || q > max ? q : max;
    }
    result[g] = a->norm == ODEON_NORM_MAX ? max : group_size == 0 ? 0 : std::sqrt(sum / double(group_size));
  }
  return ODEON_OK;
}

odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result) {
  return barrier(queue->backend->host, [&] {
    double sum = 0, max = -INFINITY, min = INFINITY;
    for (int64_t i = 0; i < element_count(*x); ++i) {
      const double v = get(*x, i);
      sum += v;
      max = std::isnan(v) || v > max ? v : max;
      min = std::isnan(v) || v < min ? v : min;
    }
    if (operation < ODEON_REDUCE_SUM || operation > ODEON_REDUCE_MIN)
      throw Error("reduce: operation " + std::to_string(operation) + " is not ODEON_REDUCE_SUM, MAX or MIN");
    *result = operation == ODEON_REDUCE_SUM ? sum : operation == ODEON_REDUCE_MAX ? max : min;
  });
}

odeon_status dot(odeon_queue*, const odeon_tensor* x, const odeon_tensor* y, double* result) {
  double sum = 0;
  for (int64_t i = 0; i < element_count(*x); ++i) sum += get(*x, i) * get(*y, i);
  *result = sum;
  return ODEON_OK;
}

odeon_status select(odeon_queue*, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b) {
  const int64_t size = element_count(*z), row_size = size == 0 ? 1 : size / row_count(*z);
  for (int64_t i = 0; i < size; ++i) set(*z, i, get(mask[i / row_size] ? *a : *b, i));
  return ODEON_OK;
}

constexpr odeon_backend_api make_api() {
  odeon_backend_api api{};
  api.struct_size = sizeof api;
  api.create = create;
  api.info = info;
  host_memory::fill_slots<odeon_backend, odeon_queue>(api);
  api.fill = fill;
  api.lincomb = lincomb;
  api.error_norm = error_norm;
  api.reduce = reduce;
  api.dot = dot;
  api.select = select;
  return api;
}
constexpr odeon_backend_api kApi = make_api();
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_BACKEND,
                   {str("my_loops"), str("Plain loops, required slots only"),
                    str("The smallest backend: host memory, one thread, no extensions.")},
                   &kApi);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
