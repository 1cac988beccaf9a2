// The head of every generated source. The same text is CUDA C++ for NVRTC and C++17 for a host compiler,
// where a block is one thread: that is how the generator is tested on machines without a GPU.
#pragma once
#include <string>

#include "launch.hpp"

namespace odeon::cuda {

constexpr int kMaxPointers = 64;  // of one kernel

// T is declared in front of this text.
inline const std::string kPrelude =
    "#ifndef ODEON_THREADS\n#define ODEON_THREADS " + std::to_string(kThreads) +
    "\n#endif\n#ifndef ODEON_POINTERS\n#define ODEON_POINTERS " + std::to_string(kMaxPointers) + R"cpp(
#endif
#ifndef __CUDACC__
#define ODEON_MATHS(name)                                             \
    static inline double name(double x) { return __builtin_##name(x); } \
    static inline float name(float x) { return __builtin_##name##f(x); }
  ODEON_MATHS(cos)
  ODEON_MATHS(erf)
  ODEON_MATHS(exp)
  ODEON_MATHS(exp2)
  ODEON_MATHS(log2)
  ODEON_MATHS(fabs)
  ODEON_MATHS(log)
  ODEON_MATHS(log1p)
  ODEON_MATHS(sin) ODEON_MATHS(sqrt) ODEON_MATHS(tan)
      ODEON_MATHS(tanh) static inline double pow(double x, double y) {
    return __builtin_pow(x, y);
  }
  static inline float pow(float x, float y) { return __builtin_powf(x, y); }
#undef ODEON_MATHS
#endif
  typedef long long int64;
#ifdef ODEON_ONE_ROW  // the text is for a batch of one
#define ODEON_BATCH 1
#else
#define ODEON_BATCH a.batch
#endif
  // Of elements: 32 bits where all sizes are known to be small, since dividing 64 of them takes long.
#ifdef ODEON_SHORT_POSITIONS
  typedef int position;
#else
  typedef int64 position;
#endif
  struct odeon_args {
    int64 batch;
    double t;
    const double* t_device;
    int64 t_stride;
    unsigned long long add;
    void* p[ODEON_POINTERS];
  };

#ifdef __CUDACC__
#ifdef ODEON_KERNELS_ARE_FUNCTIONS  // of a kernel that runs them one after the other
#define ODEON_KERNEL(name, ...) static __device__ __forceinline__ void name(const odeon_args& a)
#else
#define ODEON_KERNEL(name, ...) \
    extern "C" __global__ void __launch_bounds__(__VA_ARGS__) name(const odeon_args a)
#endif
#define ODEON_FUNCTION static __device__ __forceinline__
#define ODEON_FUNCTION_OF __device__ __forceinline__
#define ODEON_COMMON_FUNCTION static __device__ __noinline__
#define ODEON_MEMBER __device__ __forceinline__
#define ODEON_SHARED __shared__
#ifdef ODEON_MANY_BLOCKS  // all of which run at once
#define ODEON_BARRIER(gate) grid_barrier(gate)
#elif ODEON_THREADS == 32  // a warp is the block
#define ODEON_BARRIER(gate) __syncwarp()
#else
#define ODEON_BARRIER(gate) __syncthreads()
#endif
#define ODEON_GRID_BLOCK ((int64)blockIdx.x)
#define ODEON_GRID_BLOCKS ((int64)gridDim.x)
#ifdef ODEON_LONE_BLOCKS  // each has all of its work for itself
#define ODEON_BLOCK 0
#define ODEON_BLOCKS 1
#define ODEON_BLOCK_THREADS ODEON_THREADS
#else
#define ODEON_BLOCK blockIdx.x
#define ODEON_BLOCKS gridDim.x
#define ODEON_BLOCK_THREADS blockDim.x
#endif
#define ODEON_ONE_BLOCK if (ODEON_BLOCK == 0)
#define ODEON_WHOLE_KERNEL(name, type) \
    extern "C" __global__ void __launch_bounds__(ODEON_THREADS) name(const type g)
#if defined(ODEON_LONE_BLOCKS) && defined(ODEON_ONE_ROW)
  // As many turns for each thread, which compilers unroll: they know n.
#define ODEON_EACH_TURN(i, n, first, step)                                                                \
    for (position i##_turn = 0, i = (first); i##_turn < ((n) + (step)-1) / (step); ++i##_turn, i += (step)) \
      if (i < (n))
#define ODEON_EACH_ITEM(i, n) ODEON_EACH_TURN(i, n, threadIdx.x, ODEON_THREADS)
#define ODEON_EACH_SHARE ODEON_EACH_ITEM
#else
#define ODEON_EACH_ITEM(i, n)                                                           \
    for (position i = (position)ODEON_BLOCK * ODEON_BLOCK_THREADS + threadIdx.x; i < (n); \
         i += (position)ODEON_BLOCKS * ODEON_BLOCK_THREADS)
#define ODEON_EACH_SHARE(r, n) for (position r = threadIdx.x; r < (n); r += ODEON_BLOCK_THREADS)
#endif
#define ODEON_EACH_BLOCK_ITEM(o, n) for (position o = ODEON_BLOCK; o < (n); o += ODEON_BLOCKS)
#define ODEON_FIRST_THREAD (threadIdx.x == 0)
#ifdef ODEON_MANY_BLOCKS
#ifndef ODEON_SPIN  // what a stand-in for a device needs
#define ODEON_SPIN
#endif
  // As grid.sync() of CUDA's cooperative groups: what the blocks add to `gate` makes 2^31 together, so that
  // its highest bit turns over when the last one is here and the other bits are 0 again. What was written in
  // front of it is seen behind it.
  static __device__ __noinline__ void grid_barrier(unsigned* gate) {
    const unsigned turn = 0x80000000u;
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      const unsigned before = atomicAdd(gate, blockIdx.x == 0 ? turn - (gridDim.x - 1) : 1u);
      while (((*(volatile unsigned*)gate ^ before) & turn) == 0) {
        ODEON_SPIN;
      }
      __threadfence();
    }
    __syncthreads();
  }
#endif
  // All threads of a warp get the result.
  template <class S>
  ODEON_FUNCTION S warp_sum(S x) {
    for (int other = 16; other > 0; other /= 2) x += __shfl_xor_sync(~0u, x, other);
    return x;
  }
  template <class S>
  ODEON_FUNCTION S warp_max(S x) {
    for (int other = 16; other > 0; other /= 2) {
      const S y = __shfl_xor_sync(~0u, x, other);
      x = y > x ? y : x;
    }
    return x;
  }
  // All threads of a block get the result: the warps', in order.
  template <class S>
  ODEON_FUNCTION S block_sum(S x) {
    __shared__ S part[ODEON_THREADS / 32];
    x = warp_sum(x);
    if (ODEON_THREADS == 32) return x;
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = x;
    __syncthreads();
    x = part[0];
    for (int warp = 1; warp < ODEON_THREADS / 32; ++warp) x += part[warp];
    __syncthreads();
    return x;
  }
  template <class S>
  ODEON_FUNCTION S block_max(S x) {
    __shared__ S part[ODEON_THREADS / 32];
    x = warp_max(x);
    if (ODEON_THREADS == 32) return x;
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = x;
    __syncthreads();
    x = part[0];
    for (int warp = 1; warp < ODEON_THREADS / 32; ++warp) x = part[warp] > x ? part[warp] : x;
    __syncthreads();
    return x;
  }
  // Long sums and statistics of a graph: each by a block, or by a warp where one kernel runs the graph.
#ifdef ODEON_KERNELS_ARE_FUNCTIONS
#ifdef ODEON_EACH_TURN
#define ODEON_WARP (ODEON_THREADS == 32 ? 0 : threadIdx.x / 32)
#define ODEON_EACH_GROUP_ITEM(o, n) ODEON_EACH_TURN(o, n, ODEON_WARP, ODEON_THREADS / 32)
#define ODEON_EACH_OF_GROUP(r, n) ODEON_EACH_TURN(r, n, threadIdx.x % 32, 32)
#else
#define ODEON_EACH_GROUP_ITEM(o, n)                                                            \
    for (position o = ((position)ODEON_BLOCK * ODEON_BLOCK_THREADS + threadIdx.x) / 32; o < (n); \
         o += (position)ODEON_BLOCKS * ODEON_BLOCK_THREADS / 32)
#define ODEON_EACH_OF_GROUP(r, n) for (position r = threadIdx.x % 32; r < (n); r += 32)
#endif
#define ODEON_FIRST_OF_GROUP (threadIdx.x % 32 == 0)
#define group_sum warp_sum
#define group_max warp_max
#else
#define ODEON_EACH_GROUP_ITEM ODEON_EACH_BLOCK_ITEM
#define ODEON_EACH_OF_GROUP ODEON_EACH_SHARE
#define ODEON_FIRST_OF_GROUP ODEON_FIRST_THREAD
#define group_sum block_sum
#define group_max block_max
#endif
#else
  extern "C" {
  int64 odeon_block = 0, odeon_blocks = 1;
  }
#ifdef ODEON_KERNELS_ARE_FUNCTIONS
#define ODEON_KERNEL(name, ...) static inline void name(const odeon_args& a)
#else
#define ODEON_KERNEL(name, ...) extern "C" void name(const odeon_args a)
#endif
#define ODEON_FUNCTION static inline
#define ODEON_COMMON_FUNCTION static __attribute__((noinline))
#define ODEON_MEMBER inline
#define ODEON_SHARED static
#define ODEON_GRID_BLOCK odeon_block
#define ODEON_GRID_BLOCKS odeon_blocks
#ifdef ODEON_LONE_BLOCKS
#define ODEON_BLOCK 0
#define ODEON_BLOCKS 1
#else
#define ODEON_BLOCK odeon_block
#define ODEON_BLOCKS odeon_blocks
#endif
#define ODEON_BARRIER(gate)
#define ODEON_ONE_BLOCK
#define ODEON_WHOLE_KERNEL(name, type) extern "C" void name(const type g)
#define ODEON_EACH_ITEM(i, n) for (position i = ODEON_BLOCK; i < (n); i += ODEON_BLOCKS)
#define ODEON_EACH_BLOCK_ITEM(o, n) for (position o = ODEON_BLOCK; o < (n); o += ODEON_BLOCKS)
#define ODEON_EACH_SHARE(r, n) for (position r = 0; r < (n); ++r)
#define ODEON_FIRST_THREAD true
#define ODEON_EACH_GROUP_ITEM ODEON_EACH_BLOCK_ITEM
#define ODEON_EACH_OF_GROUP ODEON_EACH_SHARE
#define ODEON_FIRST_OF_GROUP true
#define group_sum block_sum
#define group_max block_max
  template <class S>
  ODEON_FUNCTION S block_sum(S x) {
    return x;
  }
  template <class S>
  ODEON_FUNCTION S block_max(S x) {
    return x;
  }
#endif

  // From the bits of a double: NaN and infinities have no literals.
  ODEON_FUNCTION T from_bits(unsigned long long bits) {
    union {
      unsigned long long u;
      double d;
    } x;
    x.u = bits;
    return (T)x.d;
  }
  ODEON_FUNCTION T time_of(const odeon_args& a, int64 row) {
    return (T)(a.t_device ? a.t_device[row * a.t_stride] : a.t);
  }
  // To an output: not at all, over, or added.
  ODEON_FUNCTION void put(const odeon_args& a, int k, int64 i, T value) {
    T* p = (T*)a.p[k];
    if (p) p[i] = (a.add >> k & 1) ? p[i] + value : value;
  }

  ODEON_FUNCTION T op_sigmoid(T x) { return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)); }
  ODEON_FUNCTION T op_relu(T x) { return x < 0 ? T(0) : x; }
  ODEON_FUNCTION T op_softplus(T x) { return (x > 0 ? x : T(0)) + log1p(exp(-fabs(x))); }
  ODEON_FUNCTION T op_sign(T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : x * 0; }
  ODEON_FUNCTION T op_heaviside(T x) { return x > 0 ? T(1) : T(0); }
  ODEON_FUNCTION T op_maximum(T x, T y) { return x > y || x != x ? x : y; }
  ODEON_FUNCTION T op_minimum(T x, T y) { return x < y || x != x ? x : y; }
  ODEON_FUNCTION T op_greater(T x, T y) { return x > y ? T(1) : T(0); }
  ODEON_FUNCTION T op_select(T mask, T x, T y) { return mask != 0 ? x : y; }
  ODEON_FUNCTION T op_powi(T x, int64 exponent) {
    T result = 1, square = x;
    for (unsigned long long bits = exponent < 0 ? -exponent : exponent; bits != 0; bits >>= 1, square *= square)
      if (bits & 1) result *= square;
    return exponent < 0 ? 1 / result : result;
  }
)cpp";

}  // namespace odeon::cuda
