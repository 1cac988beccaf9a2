// error_norm, reduce and dot. Each sum is a tree whose shape depends on sizes alone: a thread adds every
// 256th element of a chunk, a block joins its threads pairwise, one block joins the chunks the same way. No
// atomics.
#include <odeon/backend.h>

#include "maths/launches.hpp"
#include "maths/start.hpp"

namespace odeon::cuda {
namespace {

struct Sum {
  static constexpr double kEmpty = 0;
  static __device__ double join(double a, double b) { return a + b; }
};
// The larger one; NaN if either is.
template <int kSign>
struct Extremum {
  static __device__ double join(double a, double b) {
    return isnan(a) || (kSign > 0 ? a > b : a < b) ? a : b;
  }
};
struct Max : Extremum<1> {
  static constexpr double kEmpty = -HUGE_VAL;
};
struct Min : Extremum<-1> {
  static constexpr double kEmpty = HUGE_VAL;
};
struct LargestMagnitude : Extremum<1> {
  static constexpr double kEmpty = 0;
};

struct Keep {
  __device__ double operator()(double joined) const { return joined; }
};
struct RootMean {
  int64_t count;
  __device__ double operator()(double sum) const { return count == 0 ? 0 : sqrt(sum / double(count)); }
};

template <class T>
struct Element {
  const T* x;
  __device__ double operator()(int64_t i) const { return double(x[i]); }
};
template <class T>
struct Product {
  const T *x, *y;
  __device__ double operator()(int64_t i) const { return double(x[i]) * double(y[i]); }
};

template <class T>
__device__ double quotient(const NormTerms<T>& p, int64_t i) {
  T e = 0;
#pragma unroll 4
  for (int k = 0; k < p.terms.count; ++k) e += p.terms.c[k] * p.terms.x[k][i];
  if (p.scale.device) e *= T(p.scale.device[p.scale.stride ? i / p.row_size * p.scale.stride : 0]);
  double y = fabs(double(p.y0[i]));
  if (p.y1) y = LargestMagnitude::join(y, fabs(double(p.y1[i])));
  if (!isfinite(y)) y = nan("");  // an infinite divisor must not hide an element
  const double rtol = p.rtol_vector ? p.rtol_vector[i % p.row_size] : p.rtol;
  const double atol = p.atol_vector ? p.atol_vector[i % p.row_size] : p.atol;
  return fabs(double(e) / (atol + rtol * y));
}
template <class T>
struct Quotient {
  NormTerms<T> p;
  __device__ double operator()(int64_t i) const { return quotient(p, i); }
};
template <class T>
struct QuotientSquare {
  NormTerms<T> p;
  __device__ double operator()(int64_t i) const {
    const double q = quotient(p, i);
    return q * q;
  }
};

// The items [first, last) joined by the whole block; the result counts in thread 0.
template <class Join, class Item>
__device__ double join_block(const Item& item, int64_t first, int64_t last) {
  __shared__ double part[kThreads];
  double joined = Join::kEmpty;
  for (int64_t i = first + threadIdx.x; i < last; i += kThreads) joined = Join::join(joined, item(i));
  part[threadIdx.x] = joined;
  __syncthreads();
  for (unsigned half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) part[threadIdx.x] = Join::join(part[threadIdx.x], part[threadIdx.x + half]);
    __syncthreads();
  }
  joined = part[0];
  __syncthreads();  // part is written anew by the next call
  return joined;
}

// out[b] of chunk b, for as many chunks as there are blocks.
template <class Join, class Item, class Finish>
__global__ void join_chunks(const Item item, int64_t size, int64_t chunk, const Finish finish, double* out) {
  const int64_t first = int64_t(blockIdx.x) * chunk, last = first + chunk < size ? first + chunk : size;
  const double joined = join_block<Join>(item, first, last);
  if (threadIdx.x == 0) out[blockIdx.x] = finish(joined);
}

template <class Join, class Item, class Finish>
__global__ void join_long_rows(const Item item, int64_t rows, int64_t row_size, const Finish finish,
                               double* out) {
  for (int64_t row = blockIdx.x; row < rows; row += gridDim.x) {
    const double joined = join_block<Join>(item, row * row_size, (row + 1) * row_size);
    if (threadIdx.x == 0) out[row] = finish(joined);
  }
}

template <class Join, class Item, class Finish>
__global__ void join_short_rows(const Item item, int64_t rows, int64_t row_size, const Finish finish,
                                double* out) {
  const int64_t stride = int64_t(gridDim.x) * kThreads;
  for (int64_t row = int64_t(blockIdx.x) * kThreads + threadIdx.x; row < rows; row += stride) {
    double joined = Join::kEmpty;
    for (int64_t j = 0; j < row_size; ++j) joined = Join::join(joined, item(row * row_size + j));
    out[row] = finish(joined);
  }
}

template <class Join, class Item, class Finish>
void join_all(cudaStream_t stream, const Item& item, int64_t size, const Finish& finish, double* partials,
              double* result) {
  const int64_t count = partial_count(size);
  if (count == 1)
    return start(join_chunks<Join, Item, Finish>, 1, stream, item, size, kChunk, finish, result);
  start(join_chunks<Join, Item, Keep>, static_cast<unsigned>(count), stream, item, size, kChunk, Keep{},
        partials);
  const Element<double> all{partials};
  start(join_chunks<Join, Element<double>, Finish>, 1, stream, all, count, count, finish, result);
}

template <class Join, class Item, class Finish>
void join_rows(cudaStream_t stream, const Item& item, int64_t rows, int64_t row_size, const Finish& finish,
               double* result) {
  if (rows == 0) return;
  if (row_size <= kShortRow)
    start(join_short_rows<Join, Item, Finish>, item_blocks(rows), stream, item, rows, row_size, finish,
          result);
  else
    start(join_long_rows<Join, Item, Finish>, row_blocks(rows), stream, item, rows, row_size, finish, result);
}

}  // namespace

template <class T>
void launch_norm(cudaStream_t stream, const NormTerms<T>& p, bool max_norm, bool per_row, int64_t rows,
                 double* partials, double* result) {
  const int64_t size = rows * p.row_size;
  if (max_norm && per_row)
    join_rows<LargestMagnitude>(stream, Quotient<T>{p}, rows, p.row_size, Keep{}, result);
  else if (max_norm)
    join_all<LargestMagnitude>(stream, Quotient<T>{p}, size, Keep{}, partials, result);
  else if (per_row)
    join_rows<Sum>(stream, QuotientSquare<T>{p}, rows, p.row_size, RootMean{p.row_size}, result);
  else
    join_all<Sum>(stream, QuotientSquare<T>{p}, size, RootMean{size}, partials, result);
}

template <class T>
void launch_reduce(cudaStream_t stream, int32_t operation, const T* x, int64_t size, double* partials,
                   double* result) {
  if (operation == ODEON_REDUCE_SUM) join_all<Sum>(stream, Element<T>{x}, size, Keep{}, partials, result);
  if (operation == ODEON_REDUCE_MAX) join_all<Max>(stream, Element<T>{x}, size, Keep{}, partials, result);
  if (operation == ODEON_REDUCE_MIN) join_all<Min>(stream, Element<T>{x}, size, Keep{}, partials, result);
}

template <class T>
void launch_dot(cudaStream_t stream, const T* x, const T* y, int64_t size, double* partials, double* result) {
  join_all<Sum>(stream, Product<T>{x, y}, size, Keep{}, partials, result);
}

template void launch_norm(cudaStream_t, const NormTerms<float>&, bool, bool, int64_t, double*, double*);
template void launch_norm(cudaStream_t, const NormTerms<double>&, bool, bool, int64_t, double*, double*);
template void launch_reduce(cudaStream_t, int32_t, const float*, int64_t, double*, double*);
template void launch_reduce(cudaStream_t, int32_t, const double*, int64_t, double*, double*);
template void launch_dot(cudaStream_t, const float*, const float*, int64_t, double*, double*);
template void launch_dot(cudaStream_t, const double*, const double*, int64_t, double*, double*);

}  // namespace odeon::cuda
