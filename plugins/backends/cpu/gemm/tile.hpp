// The inner kernel of every product: a tile of rows x columns in registers, over a packed right side.
// K. Goto, R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34 (2008).
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>

#include "graph/simd.hpp"

namespace odeon::cpu {

#if defined(__AVX512F__)
constexpr int kTileRows = 8;
#else
constexpr int kTileRows = 4;
#endif
constexpr int kTileVectors = 3;

template <class T>
constexpr int kPanel = kTileVectors* kLanes<T>;  // columns of a packed panel

// Elements that fill whole vectors: n, rounded up.
template <class T>
constexpr int64_t whole_vectors(int64_t n) {
  return (n + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

// A left side by strides: element (i, l) is data[i * row + l * column].
template <class T>
struct Left {
  const T* data;
  int64_t row, column;
  Left down(int64_t rows) const { return {data + rows * row, row, column}; }
};

// c[Rows][Vectors * kLanes] (+)= a[Rows][k] b[k][Vectors * kLanes]; b is dense. Of the last vectors of c,
// `last` elements are there to be written; all of them where c is added to.
template <class T, int Rows, int Vectors>
void tile(int64_t k, Left<T> a, const T* b, T* c, int64_t c_row, bool accumulate, int last) {
  using V = Vector<T>;
  constexpr int L = kLanes<T>;
  V sum[Rows][Vectors];
  for (int i = 0; i < Rows; ++i)
    for (int j = 0; j < Vectors; ++j)
      sum[i][j] = accumulate ? *reinterpret_cast<const V*>(c + i * c_row + j * L) : V{};
  for (int64_t l = 0; l < k; ++l) {
    V right[Vectors];
    for (int j = 0; j < Vectors; ++j) right[j] = *reinterpret_cast<const V*>(b + (l * Vectors + j) * L);
    for (int i = 0; i < Rows; ++i) {
      const T left = a.data[i * a.row + l * a.column];
      for (int j = 0; j < Vectors; ++j) sum[i][j] += left * right[j];
    }
  }
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Vectors - 1; ++j) *reinterpret_cast<V*>(c + i * c_row + j * L) = sum[i][j];
    T* const end = c + i * c_row + (Vectors - 1) * L;
    if (last == L)
      *reinterpret_cast<V*>(end) = sum[i][Vectors - 1];
    else
      store_part(end, sum[i][Vectors - 1], last);
  }
}

// The same for counts known at run time: 1 <= rows <= kTileRows, 1 <= vectors <= kTileVectors.
template <class T, int Rows = kTileRows>
void any_tile(int rows, int vectors, int64_t k, Left<T> a, const T* b, T* c, int64_t c_row, bool accumulate,
              int last = kLanes<T>) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return any_tile<T, Rows - 1>(rows, vectors, k, a, b, c, c_row, accumulate, last);
  }
  switch (vectors) {
    case 1:
      return tile<T, Rows, 1>(k, a, b, c, c_row, accumulate, last);
    case 2:
      return tile<T, Rows, 2>(k, a, b, c, c_row, accumulate, last);
    default:
      return tile<T, Rows, 3>(k, a, b, c, c_row, accumulate, last);
  }
}

// A right side of a few columns: full vectors would be mostly padding.
constexpr int kNarrow = 4;

// Of the lanes, by halves.
template <class V, int... Lane>
auto sum_of(V v, std::integer_sequence<int, Lane...>) {
  constexpr int kHalf = sizeof...(Lane);
  const auto halves =
      __builtin_shufflevector(v, v, Lane...) + __builtin_shufflevector(v, v, (Lane + kHalf)...);
  if constexpr (kHalf == 1)
    return halves[0];
  else
    return sum_of(halves, std::make_integer_sequence<int, kHalf / 2>());
}

// c[n] = a[k] b[n][k], whose rows are filled up with zeros to whole vectors: along k in vectors.
template <class T, int Columns = kNarrow>
void dots(int64_t n, int64_t k, const T* a, const T* b, T* c) {
  if constexpr (Columns > 1) {
    if (n < Columns) return dots<T, Columns - 1>(n, k, a, b, c);
  }
  using V = Vector<T>;
  constexpr int L = kLanes<T>;
  const int64_t row = whole_vectors<T>(k);
  V sum[Columns] = {};
  int64_t l = 0;
  for (; l + L <= k; l += L)
    for (int j = 0; j < Columns; ++j)
      sum[j] += *reinterpret_cast<const V*>(a + l) * *reinterpret_cast<const V*>(b + j * row + l);
  if (l < k) {
    const V left = load_part(a + l, static_cast<int>(k - l));
    for (int j = 0; j < Columns; ++j) sum[j] += left * *reinterpret_cast<const V*>(b + j * row + l);
  }
  for (int j = 0; j < Columns; ++j) c[j] = sum_of(sum[j], std::make_integer_sequence<int, L / 2>());
}

// Vectors that `columns` columns of a panel take.
template <class T>
int vectors_for(int64_t columns) {
  return static_cast<int>((std::min<int64_t>(columns, kPanel<T>) + kLanes<T> - 1) / kLanes<T>);
}

}  // namespace odeon::cpu
