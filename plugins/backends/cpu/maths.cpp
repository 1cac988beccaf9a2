// The required arithmetic: argument checks and chunking; the loops are in rk/.
#include <algorithm>
#include <cmath>
#include <odeon/sdk/arguments.hpp>

#include "backend.hpp"
#include "rk/combine.hpp"
#include "rk/error_norm.hpp"
#include "rk/reduce.hpp"
#include "rk/short_rows.hpp"

namespace odeon::cpu {
namespace {

constexpr int64_t kChunk = 8192;

bool worth_threads(const odeon_tensor& x, int64_t n_operands) {
  return byte_count(x) * n_operands > kSerialBytes;
}

// part(first, last) -> double for each chunk of [0, size); joined in order.
template <class Part, class Join>
double chunked(odeon_queue& queue, int64_t size, bool parallel, double empty, const Part& part,
               const Join& join) {
  if (size <= kChunk) return size == 0 ? empty : part(int64_t{0}, size);
  const int64_t count = (size + kChunk - 1) / kChunk;
  if (int64_t(queue.partials.size()) < count) queue.partials.resize(size_t(count));
  for_each_chunk(*queue.backend, count, parallel, [&](int64_t i) {
    queue.partials[size_t(i)] = part(i * kChunk, std::min(size, (i + 1) * kChunk));
  });
  double joined = queue.partials[0];
  for (int64_t i = 1; i < count; ++i) joined = join(joined, queue.partials[size_t(i)]);
  return joined;
}

// body(first, last) for the rows of each block.
template <class Body>
void for_each_short_block(odeon_backend& backend, int64_t rows, int64_t row_size, bool parallel,
                          const Body& body) {
  const int64_t at_once = short_rows_at_once(row_size), blocks = (rows + at_once - 1) / at_once;
  for_each_chunk(backend, blocks, parallel,
                 [&](int64_t i) { body(i * at_once, std::min(rows, (i + 1) * at_once)); });
}

template <class T>
void combine_part(const odeon_tensor& z, const odeon_tensor* base, double scale, int32_t n_terms,
                  const double* coefficients, const odeon_tensor* terms, int64_t first, int64_t last) {
  T c[kMaxTerms];
  const T* x[kMaxTerms];
  for (int32_t i = 0; i < n_terms; ++i) {
    c[i] = T(scale * coefficients[i]);
    x[i] = data<const T>(terms[i]) + first;
  }
  combine<T>(data<T>(z) + first, base ? data<const T>(*base) + first : nullptr, n_terms, c, x, last - first);
}

}  // namespace

odeon_status fill(odeon_queue* queue, const odeon_tensor* out, double value) {
  return barrier(queue->backend->host, [&] {
    dispatch(out->dtype, [&](auto zero) {
      using T = decltype(zero);
      std::fill_n(data<T>(*out), element_count(*out), T(value));
    });
  });
}

odeon_status lincomb(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms) {
  return barrier(queue->backend->host, [&] {
    require_term_count("lincomb", n_terms);
    if (base) require_same_shape("lincomb", "base", *z, *base);
    for (int32_t i = 0; i < n_terms; ++i) require_same_shape("lincomb", "terms", *z, terms[i]);
    const int64_t size = element_count(*z), rows = is_per_row(scale) ? row_count(*z) : 1;
    if (size == 0) return;
    const int64_t row_size = size / rows, chunks = (row_size + kChunk - 1) / kChunk;
    const bool parallel = worth_threads(*z, n_terms + 2);
    dispatch(z->dtype, [&](auto zero) {
      if (rows > 1 && row_size <= kShortRow) {
        using T = decltype(zero);
        for_each_short_block(*queue->backend, rows, row_size, parallel, [&](int64_t first, int64_t last) {
          combine_short_rows<T>(data<T>(*z), base ? data<const T>(*base) : nullptr, scale, n_terms,
                                coefficients, terms, row_size, first, last);
        });
        return;
      }
      for_each_chunk(*queue->backend, rows * chunks, parallel, [&](int64_t i) {
        const int64_t row = i / chunks, first = row * row_size + i % chunks * kChunk;
        const int64_t last = std::min((row + 1) * row_size, first + kChunk);
        combine_part<decltype(zero)>(*z, base, value_of(scale, row), n_terms, coefficients, terms, first,
                                     last);
      });
    });
  });
}

odeon_status error_norm(odeon_queue* queue, const odeon_error_norm_args* p, double* result) {
  return barrier(queue->backend->host, [&] {
    require_term_count("error_norm", p->n_terms);
    if (p->y1) require_same_shape("error_norm", "y1", *p->y0, *p->y1);
    for (int32_t i = 0; i < p->n_terms; ++i) require_same_shape("error_norm", "terms", *p->y0, p->terms[i]);
    const int64_t size = element_count(*p->y0), rows = row_count(*p->y0);
    const int64_t row_size = rows == 0 ? 0 : size / rows;
    const bool parallel = worth_threads(*p->y0, p->n_terms + 2);
    const bool by_element = !is_per_row(p->scale) && !p->rtol_vector && !p->atol_vector;
    const auto join = [&](double a, double b) { return join_parts(p->norm, a, b); };
    dispatch(p->y0->dtype, [&](auto zero) {
      using T = decltype(zero);
      const auto row_norm = [&](int64_t r) {  // joined over the chunks of row r, not finished
        double joined = 0;
        for (int64_t first = 0; first < row_size; first += kChunk)
          joined = join(joined, norm_part<T>(*p, value_of(p->scale, r), r * row_size, first,
                                             std::min(row_size, first + kChunk)));
        return joined;
      };
      if (p->per_row && row_size > 0 && row_size <= kShortRow) {
        for_each_short_block(*queue->backend, rows, row_size, parallel, [&](int64_t first, int64_t last) {
          norms_of_short_rows<T>(*p, row_size, first, last, result);
        });
      } else if (p->per_row) {
        for_each_chunk(*queue->backend, rows, parallel,
                       [&](int64_t r) { result[r] = norm_of_parts(p->norm, row_norm(r), row_size); });
      } else if (by_element) {
        const double joined = chunked(
            *queue, size, parallel, 0,
            [&](int64_t first, int64_t last) {
              return norm_part<T>(*p, value_of(p->scale, 0), 0, first, last);
            },
            join);
        *result = norm_of_parts(p->norm, joined, size);
      } else {
        double joined = 0;
        for (int64_t r = 0; r < rows; ++r) joined = join(joined, row_norm(r));
        *result = norm_of_parts(p->norm, joined, size);
      }
    });
  });
}

odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result) {
  return barrier(queue->backend->host, [&] {
    if (operation < ODEON_REDUCE_SUM || operation > ODEON_REDUCE_MIN)
      throw Error("reduce: operation " + std::to_string(operation) + " is not ODEON_REDUCE_SUM, MAX or MIN");
    const auto join = [&](double a, double b) {
      if (operation == ODEON_REDUCE_SUM) return a + b;
      return std::isnan(a) || (operation == ODEON_REDUCE_MAX ? a > b : a < b) ? a : b;
    };
    dispatch(x->dtype, [&](auto zero) {
      using T = decltype(zero);
      const auto part = [&](int64_t first, int64_t last) {
        const T* from = data<const T>(*x) + first;
        return operation == ODEON_REDUCE_SUM ? sum_of(from, last - first)
                                             : extremum_of(operation, from, last - first);
      };
      const double empty = operation == ODEON_REDUCE_SUM   ? 0.0
                           : operation == ODEON_REDUCE_MAX ? -HUGE_VAL
                                                           : HUGE_VAL;
      *result = chunked(*queue, element_count(*x), worth_threads(*x, 1), empty, part, join);
    });
  });
}

odeon_status dot(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result) {
  return barrier(queue->backend->host, [&] {
    require_same_shape("dot", "y", *x, *y);
    dispatch(x->dtype, [&](auto zero) {
      using T = decltype(zero);
      *result = chunked(
          *queue, element_count(*x), worth_threads(*x, 2), 0,
          [&](int64_t first, int64_t last) {
            return dot_of(data<const T>(*x) + first, data<const T>(*y) + first, last - first);
          },
          [](double a, double b) { return a + b; });
    });
  });
}

odeon_status select(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b) {
  return barrier(queue->backend->host, [&] {
    require_same_shape("select", "a", *z, *a);
    require_same_shape("select", "b", *z, *b);
    const int64_t rows = row_count(*z);
    if (element_count(*z) == 0) return;
    const int64_t bytes = byte_count(*z) / rows;
    for_each_chunk(*queue->backend, rows, worth_threads(*z, 2), [&](int64_t r) {
      const char* from = static_cast<const char*>((mask[r] ? *a : *b).data) + r * bytes;
      char* to = static_cast<char*>(z->data) + r * bytes;
      if (from != to) std::copy_n(from, bytes, to);
    });
  });
}

}  // namespace odeon::cpu
