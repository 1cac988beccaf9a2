// The threads of a block as fibers: each runs to its next barrier, then the next thread does, in an order
// that a seed says; the blocks of a grid likewise.
#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "fake/stand_in.hpp"

dim3 threadIdx, blockIdx, blockDim, gridDim;
unsigned fake::order = 2 + fake::seed();
bool fake::without_device = false;

namespace {

constexpr size_t kStack = 256 * 1024;  // pages that are not touched cost nothing

// Entered once by its context, which costs system calls; every other switch is a jump.
struct Fiber {
  std::unique_ptr<char[]> stack{new char[kStack]};
  jmp_buf at;
  bool entered = false, done = false;
  enum { nobody, warp, block } waits_for = nobody;
};
struct Block {
  std::vector<Fiber> fibers;
  jmp_buf scheduler;
  size_t current = 0;
  const std::function<void()>* thread = nullptr;
};
Block& block() {
  static Block* b = new Block;
  return *b;
}

[[gnu::noinline]] void leave() {
  Block& b = block();
  if (_setjmp(b.fibers[b.current].at) == 0) _longjmp(b.scheduler, 1);
}

void enter() {
  for (;;) {  // a thread of this block, then one of the next
    Block& b = block();
    (*b.thread)();
    b.fibers[b.current].done = true;
    leave();
  }
}

[[gnu::noinline]] void go_on(Fiber& f) {
  if (_setjmp(block().scheduler) != 0) return;
  if (f.entered) _longjmp(f.at, 1);
  f.entered = true;
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = f.stack.get();
  context.uc_stack.ss_size = kStack;
  context.uc_link = nullptr;
  makecontext(&context, enter, 0);
  setcontext(&context);
}

// The numbers below `count` as fake::order says.
std::vector<unsigned> turns(unsigned count, std::mt19937& engine) {
  std::vector<unsigned> out(count);
  std::iota(out.begin(), out.end(), 0u);
  if (fake::order == 1) std::reverse(out.begin(), out.end());
  if (fake::order > 1) std::shuffle(out.begin(), out.end(), engine);
  return out;
}

// The threads [first, last), a warp, as far as they get without the others: until all of them wait for the
// block or have ended. How many have.
unsigned run_warp(unsigned first, unsigned last, std::mt19937& engine) {
  Block& b = block();
  for (;;) {
    unsigned here = 0, ended = 0;
    for (unsigned turn : turns(last - first, engine)) {
      b.current = first + turn;
      Fiber& f = b.fibers[b.current];
      if (!f.done && f.waits_for == Fiber::nobody) {
        threadIdx = dim3(static_cast<unsigned>(b.current));
        go_on(f);
      }
      here += f.waits_for == Fiber::warp;
      ended += f.done;
    }
    if (here == 0) return ended;
    if (here < last - first)
      fake::die("threads of a warp wait for others that have ended or wait for the block");
    for (unsigned i = first; i < last; ++i) b.fibers[i].waits_for = Fiber::nobody;
  }
}

// Between two barriers of the block each warp runs as far as it can before another one does.
void run_block(unsigned threads, std::mt19937& engine) {
  constexpr unsigned kWarp = 32;
  Block& b = block();
  if (b.fibers.size() < threads) b.fibers.resize(threads);
  for (Fiber& f : b.fibers) f.done = false, f.waits_for = Fiber::nobody;
  for (;;) {
    unsigned ended = 0;
    for (unsigned warp : turns((threads + kWarp - 1) / kWarp, engine))
      ended += run_warp(warp * kWarp, std::min((warp + 1) * kWarp, threads), engine);
    if (ended == threads) return;
    if (ended > 0) fake::die("threads of a block wait for others that have ended");
    for (unsigned i = 0; i < threads; ++i) b.fibers[i].waits_for = Fiber::nobody;
  }
}

}  // namespace

void __syncthreads() {
  block().fibers[block().current].waits_for = Fiber::block;
  leave();
}
void __syncwarp() {
  block().fibers[block().current].waits_for = Fiber::warp;
  leave();
}

namespace {

// What every device takes (CUDA C++ Programming Guide, technical specifications per compute capability).
void check_shape(const cudaLaunchConfig_t& c) {
  constexpr unsigned kMostX = 0x7fffffff, kMostYZ = 65535, kMostThreads = 1024, kMostZ = 64;
  const dim3 &g = c.gridDim, &b = c.blockDim;
  if (g.x == 0 || g.y == 0 || g.z == 0 || g.x > kMostX || g.y > kMostYZ || g.z > kMostYZ)
    fake::die("a grid of " + std::to_string(g.x) + " x " + std::to_string(g.y) + " x " + std::to_string(g.z));
  if (b.x == 0 || b.y == 0 || b.z == 0 || b.z > kMostZ || uint64_t(b.x) * b.y * b.z > kMostThreads)
    fake::die("a block of " + std::to_string(b.x) + " x " + std::to_string(b.y) + " x " +
              std::to_string(b.z));
}

void run_grid(dim3 grid, dim3 threads, const std::function<void()>& thread,
              const fake::SharedMemory& shared) {
  static std::mutex one;
  const std::lock_guard alone(one);
  static auto* engine = new std::mt19937(fake::order);
  static const unsigned order_of_seed = fake::order;
  if (!fake::without_device) {
    const char* wanted = std::getenv("ODEON_FAKE_ORDER");
    fake::order = wanted ? unsigned(std::atoi(wanted)) : order_of_seed;
  }
  gridDim = grid, blockDim = threads;
  block().thread = &thread;
  for (unsigned i : turns(grid.x, *engine)) {
    blockIdx = dim3(i);
    if (shared.bytes) std::memset(shared.begin, 0xff, shared.bytes);  // NaN where nobody writes
    run_block(threads.x, *engine);
  }
}

}  // namespace

void fake::launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread,
                  const SharedMemory& shared) {
  const std::lock_guard lock(everything());
  check_shape(config);
  if (without_device) return run_grid(config.gridDim, config.blockDim, thread, shared);
  const int device = queue_of(config.stream).device;
  expect_here(device, "a stream");
  const auto work = [=, grid = config.gridDim, threads = config.blockDim] {
    with_memory(device, [&] { everything().without([&] { run_grid(grid, threads, thread, shared); }); });
  };
  if (!captured(config.stream, work)) enqueue(config.stream, work);
}
