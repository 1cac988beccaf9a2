// BROADCAST, SUM, CONCAT, SLICE, PAD and TRANSPOSE as plain loops: their definition.
#pragma once
#include <odeon/graph.h>

#include <algorithm>
#include <odeon/sdk/tensor.hpp>

namespace odeon::eval {

// Row-major strides of a dense tensor.
inline void dense_strides(const odeon_tensor& x, int64_t* strides) {
  int64_t step = 1;
  for (int32_t i = x.rank; i-- > 0;) {
    strides[i] = step;
    step *= x.shape[i];
  }
}

// Calls visit(position, offset) for each element of `shape` in C order; offset = index . strides.
template <class Visit>
void for_each_index(const odeon_tensor& shape, const int64_t* strides, Visit visit) {
  const int64_t n = element_count(shape);
  int64_t index[ODEON_MAX_RANK] = {};
  int64_t offset = 0;
  for (int64_t position = 0; position < n; ++position) {
    visit(position, offset);
    for (int32_t axis = shape.rank; axis-- > 0;) {
      offset += strides[axis];
      if (++index[axis] < shape.shape[axis]) break;
      offset -= strides[axis] * shape.shape[axis];
      index[axis] = 0;
    }
  }
}

template <class T>
void broadcast(const odeon_tensor& x, const odeon_tensor& z) {
  int64_t strides[ODEON_MAX_RANK];
  dense_strides(x, strides);
  for (int32_t i = 0; i < x.rank; ++i)
    if (x.shape[i] == 1) strides[i] = 0;
  for_each_index(z, strides, [&](int64_t at, int64_t from) { data<T>(z)[at] = data<T>(x)[from]; });
}

template <class T>
void sum(const odeon_tensor& x, const odeon_tensor& z) {
  int64_t strides[ODEON_MAX_RANK];
  dense_strides(z, strides);
  for (int32_t i = 0; i < z.rank; ++i)
    if (z.shape[i] == 1) strides[i] = 0;
  std::fill_n(data<T>(z), element_count(z), T(0));
  for_each_index(x, strides, [&](int64_t from, int64_t at) { data<T>(z)[at] += data<T>(x)[from]; });
}

template <class T>
void transpose(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& z) {
  int64_t dense[ODEON_MAX_RANK], strides[ODEON_MAX_RANK];
  dense_strides(x, dense);
  for (int32_t i = 0; i < x.rank; ++i) strides[i] = dense[node.ints[i]];
  for_each_index(z, strides, [&](int64_t at, int64_t from) { data<T>(z)[at] = data<T>(x)[from]; });
}

// Copies `count` entries along `axis` from x (beginning at from) into z (beginning at to).
template <class T>
void copy_along(const odeon_tensor& x, int64_t from, const odeon_tensor& z, int64_t to, int64_t count,
                int64_t axis) {
  int64_t outer = 1, inner = 1;
  for (int64_t i = 0; i < axis; ++i) outer *= x.shape[i];
  for (int32_t i = static_cast<int32_t>(axis) + 1; i < x.rank; ++i) inner *= x.shape[i];
  const int64_t x_step = x.shape[axis] * inner, z_step = z.shape[axis] * inner;
  for (int64_t o = 0; o < outer; ++o)
    std::copy_n(data<T>(x) + o * x_step + from * inner, count * inner, data<T>(z) + o * z_step + to * inner);
}

template <class T>
void concat(const odeon_node& node, const odeon_tensor& a, const odeon_tensor& b, const odeon_tensor& z) {
  const int64_t axis = node.ints[0];
  copy_along<T>(a, 0, z, 0, a.shape[axis], axis);
  copy_along<T>(b, 0, z, a.shape[axis], b.shape[axis], axis);
}
template <class T>
void slice(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& z) {
  copy_along<T>(x, node.ints[1], z, 0, node.ints[2] - node.ints[1], node.ints[0]);
}
template <class T>
void pad(const odeon_node& node, const odeon_tensor& x, const odeon_tensor& z) {
  std::fill_n(data<T>(z), element_count(z), T(0));
  copy_along<T>(x, 0, z, node.ints[1], x.shape[node.ints[0]], node.ints[0]);
}

}  // namespace odeon::eval
