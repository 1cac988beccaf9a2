// Where threads wait for each other, and what compute-sanitizer's synccheck would say of it.
#include <algorithm>

#include "ptx/thread.hpp"

namespace odeon::ptx {
namespace {

void go_on(Thread& t, const Thread& running) {
  t.state = Thread::running;
  if (&t != &running) t.block->grid->ready.push_back(&t);
}
std::string number(uint32_t mask) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", mask);
  return text;
}

// All of a mask wait at the same instruction with the same mask.
void expect_same(const Thread& t, const Thread& other) {
  if (other.mask == t.mask && other.next == t.next) return;
  fail(t, t.waits_at(),
       "waits for lane " + std::to_string(other.lane()) + ", which waits with mask " + number(other.mask) +
           " at " + t.block->grid->module.text.place(other.waits_at().line));
}

}  // namespace

void arrive(Thread& t, uint32_t mask, void (*together)(Thread* warp, const Instruction& i, uint32_t mask)) {
  Block& b = *t.block;
  const Instruction& i = t.waits_at();
  Thread* const threads = b.threads_of_warp(t);
  Warp& warp = b.warps[t.index / kWarp];
  t.state = Thread::at_warp;
  t.mask = mask;
  if (!(mask >> t.lane() & 1)) fail(t, i, "the mask " + number(mask) + " leaves out the thread itself");
  if (const uint32_t missing = mask & (warp.ended | ~warp.present))
    fail(t, i,
         "waits for lane " + std::to_string(std::countr_zero(missing)) + ", which has ended or never was");
  if (const uint32_t others = mask & warp.waiting) expect_same(t, threads[std::countr_zero(others)]);
  warp.waiting |= 1u << t.lane();
  if ((mask & warp.waiting) != mask) return;
  for (unsigned lane = 0; lane < kWarp; ++lane)
    if (mask >> lane & 1) expect_same(t, threads[lane]);
  together(threads, i, mask);
  meet(threads, mask);
  warp.waiting &= ~mask;
  for (unsigned lane = 0; lane < kWarp; ++lane)
    if (mask >> lane & 1) go_on(threads[lane], t);
}

void arrive_at_block(Thread& t) {
  Block& b = *t.block;
  t.state = Thread::at_block_barrier;
  ++b.waiting;
  if (b.waiting + b.ended < b.threads.size()) return;
  if (b.ended > 0) fail(t, t.waits_at(), "a barrier of the block without the threads that have ended");
  for (const Thread& other : b.threads)
    if (other.next != t.next)
      fail(t, t.waits_at(),
           "a barrier of the block that thread " + std::to_string(other.index) + " takes at " +
               b.grid->module.text.place(other.waits_at().line));
  ++b.epoch;
  b.waiting = 0;
  std::vector<uint32_t> known;
  for (const Thread& other : b.threads)
    if (!other.knows.blocks.empty()) join(known, other.knows.blocks);
  for (Thread& other : b.threads) {
    if (!known.empty()) other.knows.blocks = known;
    go_on(other, t);
  }
}

void end(Thread& t) {
  Block& b = *t.block;
  ++b.ended;
  Warp& warp = b.warps[t.index / kWarp];
  warp.ended |= 1u << t.lane();
  for (uint32_t left = warp.waiting; left != 0; left &= left - 1) {
    const Thread& other = b.threads_of_warp(t)[std::countr_zero(left)];
    if (other.mask >> t.lane() & 1)
      fail(other, other.waits_at(), "waits for lane " + std::to_string(t.lane()) + ", which has ended");
  }
  if (b.waiting == 0 || b.waiting + b.ended < b.threads.size()) return;
  for (const Thread& other : b.threads)
    if (other.state == Thread::at_block_barrier)
      fail(other, other.waits_at(), "a barrier of the block without the threads that have ended");
}

}  // namespace odeon::ptx
