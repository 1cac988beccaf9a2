// The threads of a block as fibers: each runs to its next barrier, then the next thread does.
#include <cuda_runtime.h>
#include <setjmp.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

dim3 threadIdx, blockIdx, blockDim, gridDim;
bool fake::last_thread_first = false;

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

[[noreturn]] void die(const char* why) {
  std::fprintf(stderr, "fake device: %s\n", why);
  std::abort();
}

// Lets go on whom the others have come up with; returns whether there is one.
bool release(unsigned threads) {
  Block& b = block();
  size_t at_block = 0, ended = 0;
  bool any = false;
  for (size_t first = 0; first < threads; first += 32) {
    const size_t last = std::min<size_t>(first + 32, threads);
    size_t here = 0;
    for (size_t i = first; i < last; ++i) {
      here += b.fibers[i].waits_for == Fiber::warp;
      at_block += b.fibers[i].waits_for == Fiber::block;
      ended += b.fibers[i].done;
    }
    if (here != last - first) continue;
    any = true;
    for (size_t i = first; i < last; ++i) b.fibers[i].waits_for = Fiber::nobody;
  }
  if (at_block == threads) {
    any = true;
    for (size_t i = 0; i < threads; ++i) b.fibers[i].waits_for = Fiber::nobody;
  }
  return any || ended == threads;
}

void run_block(unsigned threads) {
  Block& b = block();
  if (b.fibers.size() < threads) b.fibers.resize(threads);
  for (Fiber& f : b.fibers) f.done = false, f.waits_for = Fiber::nobody;
  for (size_t running = threads; running > 0;) {
    for (size_t turn = 0; turn < threads; ++turn) {
      b.current = fake::last_thread_first ? threads - 1 - turn : turn;
      Fiber& f = b.fibers[b.current];
      if (f.done || f.waits_for != Fiber::nobody) continue;
      threadIdx = dim3(static_cast<unsigned>(b.current));
      go_on(f);
      running -= f.done;
    }
    if (!release(threads)) die("threads of a block wait at different barriers, or for others that have ended");
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

void fake::launch(const cudaLaunchConfig_t& config, const std::function<void()>& thread) {
  if (captured(config.stream, [config, thread] {
        launch({config.gridDim, config.blockDim, 0, nullptr}, thread);
      }))
    return;
  with_memory([&] {
    gridDim = config.gridDim, blockDim = config.blockDim;
    block().thread = &thread;
    for (unsigned i = 0; i < config.gridDim.x; ++i) {
      blockIdx = dim3(i);
      run_block(config.blockDim.x);
    }
  });
}
