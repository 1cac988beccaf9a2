// The threads of a block as fibers: each runs to its next barrier, then the next thread does, in an order
// that a seed says; the blocks of a grid likewise, one after the other, or all of them by turns.
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
  enum { nobody, warp, block, other_blocks } waits_for = nobody;
};
struct Block {
  unsigned index = 0;
  std::vector<Fiber> fibers;
  jmp_buf scheduler;
  size_t current = 0;
  const std::function<void()>* thread = nullptr;
  bool done = false;
  std::vector<char> shared;  // its memory while another block runs
};
// The one that runs, and all that ever did, whose stacks serve again.
Block* running = nullptr;
unsigned turns_taken = 0;  // by threads
Block& block() { return *running; }
Block& block_of(size_t place) {
  static auto* all = new std::vector<std::unique_ptr<Block>>;
  while (all->size() <= place) all->push_back(std::make_unique<Block>());
  return *(*all)[place];
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
        ++turns_taken;
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

void begin_block(Block& b, unsigned index, unsigned threads, const std::function<void()>& thread) {
  b.index = index;
  b.thread = &thread;
  b.done = false;
  if (b.fibers.size() < threads) b.fibers.resize(threads);
  for (Fiber& f : b.fibers) f.done = false, f.waits_for = Fiber::nobody;
}

// Between two barriers of the block each warp runs as far as it can before another one does. Until the block
// ends or some thread waits for other blocks.
void run_block(Block& b, unsigned threads, std::mt19937& engine) {
  constexpr unsigned kWarp = 32;
  running = &b;
  blockIdx = dim3(b.index);
  const auto first = b.fibers.begin(), last = first + threads;
  const auto is_out = [](const Fiber& f) { return f.waits_for == Fiber::other_blocks; };
  for (Fiber& f : b.fibers)
    if (is_out(f)) f.waits_for = Fiber::nobody;
  for (;;) {
    unsigned ended = 0;
    for (unsigned warp : turns((threads + kWarp - 1) / kWarp, engine))
      ended += run_warp(warp * kWarp, std::min((warp + 1) * kWarp, threads), engine);
    b.done = ended == threads;
    if (b.done || std::any_of(first, last, is_out)) return;
    if (ended > 0) fake::die("threads of a block wait for others that have ended");
    std::for_each(first, last, [](Fiber& f) { f.waits_for = Fiber::nobody; });
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
void fake::look_again() {
  block().fibers[block().current].waits_for = Fiber::other_blocks;
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
  if (c.together && g.x > fake::kMultiprocessors)
    fake::die("at once " + std::to_string(g.x) + " blocks, more than there are multiprocessors");
}

// One block after the other.
void run_in_turn(unsigned blocks, unsigned threads, const std::function<void()>& thread,
                 const fake::SharedMemory& shared, std::mt19937& engine) {
  for (unsigned i : turns(blocks, engine)) {
    if (shared.bytes) std::memset(shared.begin, 0xff, shared.bytes);  // NaN where nobody writes
    Block& b = block_of(0);
    begin_block(b, i, threads, thread);
    run_block(b, threads, engine);
    if (!b.done) fake::die("a block waits for others that need not run at the same time");
  }
}

// All blocks, each until it waits for the others, again and again.
void run_at_once(unsigned blocks, unsigned threads, const std::function<void()>& thread,
                 const fake::SharedMemory& shared, std::mt19937& engine) {
  for (unsigned i = 0; i < blocks; ++i) {
    begin_block(block_of(i), i, threads, thread);
    block_of(i).shared.assign(shared.bytes, '\xff');
  }
  for (unsigned done = 0; done < blocks;) {
    const unsigned before = turns_taken, waiting = blocks - done;
    for (unsigned i : turns(blocks, engine)) {
      Block& b = block_of(i);
      if (b.done) continue;
      std::copy_n(b.shared.begin(), shared.bytes, shared.begin);
      run_block(b, threads, engine);
      std::copy_n(shared.begin, shared.bytes, b.shared.begin());
      done += b.done;
    }
    // In each of them one thread looked whether the others have come, and nothing else happened.
    if (turns_taken - before == waiting && done < blocks) fake::die("blocks wait for each other for ever");
  }
}

// One grid at a time, in the order that the environment wants now.
std::mt19937& begin_grid() {
  static auto* engine = new std::mt19937(fake::order);
  static const unsigned order_of_seed = fake::order;
  if (!fake::without_device) {
    const char* wanted = std::getenv("ODEON_FAKE_ORDER");
    fake::order = wanted ? unsigned(std::atoi(wanted)) : order_of_seed;
  }
  return *engine;
}

}  // namespace

unsigned fake::seed_of_grid() {
  std::mt19937& engine = begin_grid();
  return order > 1 ? unsigned(engine()) : order;
}

static int64_t begun = 0;
int64_t fake::grids_begun() { return begun; }

void fake::submit(const cudaLaunchConfig_t& config, const std::function<void()>& grid) {
  static std::mutex one;
  const std::lock_guard lock(everything());
  check_shape(config);
  if (without_device) return grid();
  const int device = queue_of(config.stream).device;
  expect_here(device, "a stream");
  const auto work = [=] {
    with_memory(device, [&] {
      everything().without([&] {
        const std::lock_guard alone(one);
        ++begun;
        grid();
      });
    });
  };
  if (!captured(config.stream, work)) enqueue(config.stream, work);
}

void fake::launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread,
                  const SharedMemory& shared) {
  submit(config, [=] {
    std::mt19937& engine = begin_grid();
    gridDim = config.gridDim, blockDim = config.blockDim;
    (config.together ? run_at_once : run_in_turn)(gridDim.x, blockDim.x, thread, shared, engine);
  });
}
