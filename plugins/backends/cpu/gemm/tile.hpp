// The inner kernel of every product: a tile of rows x columns in registers, over a packed right side.
// K. Goto, R. van de Geijn, Anatomy of high-performance matrix multiplication, ACM TOMS 34 (2008).
#pragma once
#include <algorithm>
#include <cstdint>

namespace odeon::cpu {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64, kTileRows = 8;
#else
constexpr int kVectorBytes = 32, kTileRows = 4;
#endif
constexpr int kTileVectors = 3;

template <class T>
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));
template <class T>
constexpr int kPanel = kTileVectors* kLanes<T>;  // columns of a packed panel

// A left side by strides: element (i, l) is data[i * row + l * column].
template <class T>
struct Left {
  const T* data;
  int64_t row, column;
  Left down(int64_t rows) const { return {data + rows * row, row, column}; }
};

template <class T, int Lanes>
struct VectorOf {
  typedef T type __attribute__((vector_size(Lanes * sizeof(T)), aligned(sizeof(T)), may_alias));
};

// c[Rows][Vectors * Lanes] (+)= a[Rows][k] b[k][Vectors * Lanes]; b is dense.
template <class T, int Rows, int Vectors, int Lanes = kLanes<T>>
void tile(int64_t k, Left<T> a, const T* b, T* c, int64_t c_row, bool accumulate) {
  using V = typename VectorOf<T, Lanes>::type;
  constexpr int L = Lanes;
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
  for (int i = 0; i < Rows; ++i)
    for (int j = 0; j < Vectors; ++j) *reinterpret_cast<V*>(c + i * c_row + j * L) = sum[i][j];
}

// The same for counts known at run time: 1 <= rows <= kTileRows, 1 <= vectors <= kTileVectors.
template <class T, int Rows = kTileRows>
void any_tile(int rows, int vectors, int64_t k, Left<T> a, const T* b, T* c, int64_t c_row, bool accumulate) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return any_tile<T, Rows - 1>(rows, vectors, k, a, b, c, c_row, accumulate);
  }
  switch (vectors) {
    case 1:
      return tile<T, Rows, 1>(k, a, b, c, c_row, accumulate);
    case 2:
      return tile<T, Rows, 2>(k, a, b, c, c_row, accumulate);
    default:
      return tile<T, Rows, 3>(k, a, b, c, c_row, accumulate);
  }
}

// A right side of a few columns: full vectors would be mostly padding.
constexpr int kNarrow = 4;
template <class T, int Rows = kTileRows>
void narrow_tile(int rows, int64_t k, Left<T> a, const T* b, T* c) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return narrow_tile<T, Rows - 1>(rows, k, a, b, c);
  }
  tile<T, Rows, 1, kNarrow>(k, a, b, c, kNarrow, false);
}

// Vectors that `columns` columns of a panel take.
template <class T>
int vectors_for(int64_t columns) {
  return static_cast<int>((std::min<int64_t>(columns, kPanel<T>) + kLanes<T> - 1) / kLanes<T>);
}

}  // namespace odeon::cpu
