// Tensor cores of the stand-in: the conversions, and the products of a warp's fragments, whose threads
// exchange theirs at barriers. Where each element is: PTX ISA, "Matrix Fragments for mma.m16n8k8" with .tf32
// and
// "... mma.m16n8k16" with .bf16, written down from there and not from the code under test.
#pragma once

namespace fake {

constexpr const char* kTensorWords = R"cpp(
  static inline unsigned fake_bits(float x) {
    unsigned u;
    __builtin_memcpy(&u, &x, 4);
    return u;
  }
  static inline float fake_float(unsigned u) {
    float x;
    __builtin_memcpy(&x, &u, 4);
    return x;
  }
  // To nearest, ties away from zero.
  static inline unsigned odeon_to_tf32(float x) {
    return x - x != 0 ? fake_bits(x) : (fake_bits(x) + 0x1000u) & ~0x1fffu;
  }
  // To nearest, ties to even.
  static inline unsigned short odeon_to_bf16(float x) {
    const unsigned u = fake_bits(x);
    return x != x ? 0x7fff : (unsigned short)((u + 0x7fffu + (u >> 16 & 1)) >> 16);
  }
  struct fake_fragments {
    unsigned x[4], y[2];
  };
  template <bool bf16>
  static inline float fake_left(const fake_fragments* warp, int row, int k) {
    if (!bf16) return fake_float(warp[row % 8 * 4 + k % 4].x[row / 8 + k / 4 * 2]);
    const unsigned pair = warp[row % 8 * 4 + k % 8 / 2].x[row / 8 + k / 8 * 2];
    return fake_float(k % 2 ? pair & 0xffff0000u : pair << 16);
  }
  template <bool bf16>
  static inline float fake_right(const fake_fragments* warp, int k, int column) {
    if (!bf16) return fake_float(warp[column * 4 + k % 4].y[k / 4]);
    const unsigned pair = warp[column * 4 + k % 8 / 2].y[k / 8];
    return fake_float(k % 2 ? pair & 0xffff0000u : pair << 16);
  }
  template <bool bf16>
  static inline void odeon_mma(float (&sum)[4], const unsigned (&x)[4], const unsigned (&y)[2]) {
    __shared__ fake_fragments block[1024];
    fake_fragments& mine = block[threadIdx.x];
    for (int q = 0; q < 4; ++q) mine.x[q] = x[q];
    for (int q = 0; q < 2; ++q) mine.y[q] = y[q];
    __syncthreads();
    const fake_fragments* warp = block + threadIdx.x / 32 * 32;
    const int lane = threadIdx.x % 32;
    for (int q = 0; q < 4; ++q)
      for (int k = 0; k < (bf16 ? 16 : 8); ++k)
        sum[q] +=
            fake_left<bf16>(warp, lane / 4 + q / 2 * 8, k) * fake_right<bf16>(warp, k, lane % 4 * 2 + q % 2);
    __syncthreads();
  }
)cpp";

}  // namespace fake
