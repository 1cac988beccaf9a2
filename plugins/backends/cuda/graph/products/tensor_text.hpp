// Products of tiles on tensor cores: factors rounded to TF32 or BF16, sums in f32. PTX ISA, "Matrix Fragments
// for mma.m16n8k8" (.tf32) and "... m16n8k16" (.bf16). Where there is no PTX (the stand-in), the three
// functions under __CUDA_ARCH__ come from elsewhere.
#pragma once

namespace odeon::cuda {

constexpr const char* kTensorText = R"cpp(
#ifdef __CUDA_ARCH__
  ODEON_FUNCTION unsigned odeon_to_tf32(float x) {
    unsigned bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
  }
  ODEON_FUNCTION unsigned short odeon_to_bf16(float x) {
    unsigned short bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
  }
  // sum += left right for a warp: 16 x 8 += (16 x 8 or 16 x 16) (8 x 8 or 16 x 8).
  template <bool bf16>
  ODEON_FUNCTION void odeon_mma(float (&sum)[4], const unsigned (&x)[4], const unsigned (&y)[2]) {
    if (bf16)
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
          "{%0,%1,%2,%3};"
          : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
          : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
    else
      asm volatile(
          "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
          "{%0,%1,%2,%3};"
          : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
          : "r"(x[0]), "r"(x[1]), "r"(x[2]), "r"(x[3]), "r"(y[0]), "r"(y[1]));
  }
#endif

  // A word of shared memory is one TF32 number, or two BF16 numbers whose k are neighbours: a fragment's
  // register. Rows of words are 8 longer than a multiple of 32, so that a fragment's lie in different banks.
  template <bool bf16, int M, int N, int threads_>
  struct odeon_tensor {
    typedef unsigned cell;
    typedef odeon_warps<M, N, threads_> warps;
    static constexpr int kM = M, kN = N, kK = 16, threads = threads_;
    static constexpr int kDown = 2, kAcross = warps::kColumns / 8;  // pieces of 16 x 8 of a warp
    static constexpr int kPadding = 8, kLines = bf16 ? 8 : 16;      // of an operand in shared memory
    float sum[kDown][kAcross][4];

    ODEON_FUNCTION_OF void clear() {
#pragma unroll
      for (int i = 0; i < kDown; ++i)
#pragma unroll
        for (int j = 0; j < kAcross; ++j)
#pragma unroll
          for (int q = 0; q < 4; ++q) sum[i][j][q] = 0;
    }
    template <int X>
    static ODEON_FUNCTION_OF void put(cell* cells, int x, int k, float value) {
      if (bf16)
        ((unsigned short*)cells)[(k / 2 * (X + kPadding) + x) * 2 + k % 2] = odeon_to_bf16(value);
      else
        cells[k * (X + kPadding) + x] = odeon_to_tf32(value);
    }
    ODEON_FUNCTION_OF void multiply(const cell* left, const cell* right) {
      const int group = warps::lane() / 4, in_group = warps::lane() % 4;
#pragma unroll
      for (int k = 0; k < kLines; k += 8) {
        const cell* const x_at = left + (k + in_group) * (M + kPadding) + warps::row() + group;
        const cell* const y_at = right + (k + in_group) * (N + kPadding) + warps::column() + group;
        unsigned x[kDown][4], y[kAcross][2];
#pragma unroll
        for (int i = 0; i < kDown; ++i)
#pragma unroll
          for (int q = 0; q < 4; ++q) x[i][q] = x_at[q / 2 * 4 * (M + kPadding) + i * 16 + q % 2 * 8];
#pragma unroll
        for (int j = 0; j < kAcross; ++j)
#pragma unroll
          for (int q = 0; q < 2; ++q) y[j][q] = y_at[q * 4 * (N + kPadding) + j * 8];
#pragma unroll
        for (int i = 0; i < kDown; ++i)
#pragma unroll
          for (int j = 0; j < kAcross; ++j) odeon_mma<bf16>(sum[i][j], x[i], y[j]);
      }
    }
    template <class Use>
    ODEON_FUNCTION_OF void each(const Use& use) const {
      const int group = warps::lane() / 4, in_group = warps::lane() % 4;
#pragma unroll
      for (int i = 0; i < kDown; ++i)
#pragma unroll
        for (int j = 0; j < kAcross; ++j)
#pragma unroll
          for (int q = 0; q < 4; ++q)
            use(warps::row() + i * 16 + q / 2 * 8 + group, warps::column() + j * 8 + in_group * 2 + q % 2,
                sum[i][j][q]);
    }
  };
)cpp";

}  // namespace odeon::cuda
