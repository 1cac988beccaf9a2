// The threads of a block as fibers: each runs to its next barrier, then the next thread does.
#include <cuda_runtime.h>
#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace {

constexpr size_t kStack = 256 * 1024;  // pages that are not touched cost nothing

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[kStack]};
  bool done = false;
};
struct Block {
  std::vector<Fiber> fibers;
  ucontext_t scheduler;
  size_t current = 0;
  const std::function<void()>* thread = nullptr;
};
Block& block() {
  static Block* b = new Block;
  return *b;
}

void enter() {
  Block& b = block();
  (*b.thread)();
  b.fibers[b.current].done = true;
  swapcontext(&b.fibers[b.current].context, &b.scheduler);
}

void run_block(unsigned threads) {
  Block& b = block();
  if (b.fibers.size() < threads) b.fibers.resize(threads);
  for (unsigned i = 0; i < threads; ++i) {
    Fiber& f = b.fibers[i];
    f.done = false;
    getcontext(&f.context);
    f.context.uc_stack.ss_sp = f.stack.get();
    f.context.uc_stack.ss_size = kStack;
    f.context.uc_link = nullptr;
    makecontext(&f.context, enter, 0);
  }
  for (size_t running = threads; running > 0;) {
    size_t ended = 0;
    for (b.current = 0; b.current < threads; ++b.current) {
      if (b.fibers[b.current].done) continue;
      threadIdx = dim3(static_cast<unsigned>(b.current));
      swapcontext(&b.scheduler, &b.fibers[b.current].context);
      ended += b.fibers[b.current].done;
    }
    if (ended != 0 && ended != running) {
      std::fprintf(stderr, "fake device: %zu of %zu threads of a block ended, the others wait at a barrier\n",
                   ended, running);
      std::abort();
    }
    running -= ended;
  }
}

}  // namespace

void __syncthreads() { swapcontext(&block().fibers[block().current].context, &block().scheduler); }

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
