// A product in tiles: a block of threads goes along k, with the next pieces of both operands on their way
// from memory while it multiplies those in shared memory. GPU only; the stand-in's threads are fibers.
#pragma once

namespace odeon::cuda {

constexpr const char* kTileText = R"cpp(
  // A piece of one operand, X times K, in the registers of the block's threads on its way to shared memory.
  template <class Operand, int X, int K, int threads>
  struct odeon_stage {
    static constexpr int kLoad = Operand::kLoad;
    static constexpr int kSide = (Operand::kAlongK ? K : X) / kLoad;  // threads side by side
    static constexpr int kLoads = X * K / kLoad / threads;
    static_assert(kLoads * kLoad * threads == X * K && threads % kSide == 0, "whole rows of threads");
    T held[kLoads][kLoad];

    static ODEON_FUNCTION_OF int along() { return (int)threadIdx.x % kSide * kLoad; }
    static ODEON_FUNCTION_OF int across(int e) { return (int)threadIdx.x / kSide + e * (threads / kSide); }
    ODEON_FUNCTION_OF void load(const Operand& operand, pos x, pos end_x, pos k, pos end_k) {
#pragma unroll
      for (int e = 0; e < kLoads; ++e)
        operand.load(x + (Operand::kAlongK ? across(e) : along()), end_x,
                     k + (Operand::kAlongK ? along() : across(e)), end_k, held[e]);
    }
    template <class Maths>
    ODEON_FUNCTION_OF void store(typename Maths::cell* cells) const {
#pragma unroll
      for (int e = 0; e < kLoads; ++e)
#pragma unroll
        for (int v = 0; v < kLoad; ++v)
          Maths::template put<X>(cells, Operand::kAlongK ? across(e) : along() + v,
                                 Operand::kAlongK ? along() + v : across(e), held[e][v]);
    }
  };

  // The block's warps over its tile: one computes 32 rows and kColumns columns.
  template <int M, int N, int threads>
  struct odeon_warps {
    static constexpr int kColumns = M * N / threads;
    static_assert(kColumns % 32 == 0 && M / 32 * (N / kColumns) * 32 == threads, "whole warps");
    static ODEON_FUNCTION_OF int lane() { return (int)threadIdx.x % 32; }
    static ODEON_FUNCTION_OF int row() { return (int)threadIdx.x / 32 / (N / kColumns) * 32; }
    static ODEON_FUNCTION_OF int column() { return (int)threadIdx.x / 32 % (N / kColumns) * kColumns; }
  };

  // Multiplication in T. A thread has 8 rows and kColumns / 8 columns, in groups of kVector, so that a warp's
  // loads from shared memory are of neighbours.
  template <int M, int N, int threads_>
  struct odeon_full {
    typedef T cell;
    typedef odeon_warps<M, N, threads_> warps;
    static constexpr int kM = M, kN = N, kK = 16, threads = threads_;
    static constexpr int kThreadColumns = warps::kColumns / 8;
    static constexpr int kPadding = kVector, kLines = kK;  // of an operand in shared memory
    T sum[8][kThreadColumns];

    ODEON_FUNCTION_OF void clear() {
#pragma unroll
      for (int r = 0; r < 8; ++r)
#pragma unroll
        for (int c = 0; c < kThreadColumns; ++c) sum[r][c] = 0;
    }
    template <int X>
    static ODEON_FUNCTION_OF void put(cell* cells, int x, int k, T value) {
      cells[k * (X + kPadding) + x] = value;
    }
    static ODEON_FUNCTION_OF int row(int r) {
      return warps::row() + r / kVector * 4 * kVector + warps::lane() / 8 * kVector + r % kVector;
    }
    static ODEON_FUNCTION_OF int column(int c) {
      return warps::column() + c / kVector * 8 * kVector + warps::lane() % 8 * kVector + c % kVector;
    }
    ODEON_FUNCTION_OF void multiply(const cell* left, const cell* right) {
#pragma unroll
      for (int k = 0; k < kK; ++k) {
        odeon_vector x[8 / kVector], y[kThreadColumns / kVector];
#pragma unroll
        for (int g = 0; g < 8 / kVector; ++g)
          x[g] = *(const odeon_vector*)(left + k * (M + kPadding) + row(g * kVector));
#pragma unroll
        for (int g = 0; g < kThreadColumns / kVector; ++g)
          y[g] = *(const odeon_vector*)(right + k * (N + kPadding) + column(g * kVector));
#pragma unroll
        for (int r = 0; r < 8; ++r)
#pragma unroll
          for (int c = 0; c < kThreadColumns; ++c)
            sum[r][c] += x[r / kVector].v[r % kVector] * y[c / kVector].v[c % kVector];
      }
    }
    template <class Use>
    ODEON_FUNCTION_OF void each(const Use& use) const {
#pragma unroll
      for (int r = 0; r < 8; ++r)
#pragma unroll
        for (int c = 0; c < kThreadColumns; ++c) use(row(r), column(c), sum[r][c]);
    }
  };

  // finish(row, column, slice, sum) for every element of z: with all threads' sums through shared memory, so
  // that neighbours in memory are neighbours in the block.
  template <class Maths, class Left, class Right, class Finish>
  ODEON_FUNCTION void odeon_product(const Left& left, const Right& right, pos m, pos n, pos k, int slices,
                                    const Finish& finish) {
    typedef typename Maths::cell cell;
    constexpr int M = Maths::kM, N = Maths::kN, K = Maths::kK, threads = Maths::threads;
    constexpr int kLeft = Maths::kLines * (M + Maths::kPadding),
                  kCells = kLeft + Maths::kLines * (N + Maths::kPadding);
    constexpr int kShownRows = 64, kShownStride = N + kVector;
    constexpr int kBytes = 2 * kCells * (int)sizeof(cell), kShown = kShownRows * kShownStride * (int)sizeof(T);
    __shared__ odeon_vector memory[(kBytes > kShown ? kBytes : kShown) / 16];
    cell* const cells = (cell*)memory;
    T* const shown = (T*)memory;
    const int down = (int)((m + M - 1) / M), across = (int)((n + N - 1) / N);
    const pos slice_k = (k + (pos)slices * K - 1) / ((pos)slices * K) * K;
    for (int o = (int)blockIdx.x; o < down * across * slices; o += (int)gridDim.x) {
      const int slice = o / (down * across), tile = o % (down * across);
      // Blocks that run together share the operand of which there is more.
      const pos row = (pos)(down < across ? tile % down : tile / across) * M;
      const pos column = (pos)(down < across ? tile / down : tile % across) * N;
      const pos first = slice * slice_k, wanted = first + slice_k, end = wanted < k ? wanted : k;
      Maths maths;
      maths.clear();
      odeon_stage<Left, M, K, threads> left_stage;
      odeon_stage<Right, N, K, threads> right_stage;
      if (first < end) {
        left_stage.load(left, row, m, first, end);
        right_stage.load(right, column, n, first, end);
        left_stage.template store<Maths>(cells);
        right_stage.template store<Maths>(cells + kLeft);
      }
      __syncthreads();
      int now = 0;
#pragma unroll 1
      for (pos at = first; at < end; at += K) {
        const bool more = at + K < end;
        if (more) {
          left_stage.load(left, row, m, at + K, end);
          right_stage.load(right, column, n, at + K, end);
        }
        maths.multiply(cells + now * kCells, cells + now * kCells + kLeft);
        now ^= 1;
        if (more) {
          left_stage.template store<Maths>(cells + now * kCells);
          right_stage.template store<Maths>(cells + now * kCells + kLeft);
        }
        __syncthreads();
      }
#pragma unroll 1
      for (int top = 0; top < M; top += kShownRows) {
        if (Maths::warps::row() / kShownRows * kShownRows == top)
          maths.each([&](int r, int c, T sum) { shown[(r - top) * kShownStride + c] = sum; });
        __syncthreads();
#pragma unroll 2
        for (int e = (int)threadIdx.x; e < kShownRows * N; e += threads) {
          const pos r = row + top + e / N, c = column + e % N;
          if (r < m && c < n) finish(r, c, slice, shown[e / N * kShownStride + e % N]);
        }
        __syncthreads();
      }
    }
  }
)cpp";

}  // namespace odeon::cuda
