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

}  // namespace

void arrive(Thread& t, uint32_t mask, void (*together)(Thread* warp, const Instruction& i, uint32_t mask)) {
  Block& b = *t.block;
  const Instruction& i = t.waits_at();
  Thread* const warp = b.warp_of(t);
  t.state = Thread::at_warp;
  t.mask = mask;
  if (!(mask >> t.lane() & 1)) fail(t, i, "the mask " + number(mask) + " leaves out the thread itself");
  bool all_here = true;
  for (unsigned lane = 0; lane < kWarp; ++lane) {
    if (!(mask >> lane & 1)) continue;
    const Thread* other = warp + lane;
    if (other >= b.threads.data() + b.threads.size() || other->state == Thread::ended)
      fail(t, i, "waits for lane " + std::to_string(lane) + ", which has ended or never was");
    if (other->state == Thread::at_warp && (other->mask != mask || other->next != t.next))
      fail(t, i,
           "waits for lane " + std::to_string(lane) + ", which waits with mask " + number(other->mask) +
               " at " + b.grid->module.text.place(other->waits_at().line));
    all_here = all_here && other->state == Thread::at_warp;
  }
  if (!all_here) return;
  together(warp, i, mask);
  meet(warp, mask);
  for (unsigned lane = 0; lane < kWarp; ++lane)
    if (mask >> lane & 1) go_on(warp[lane], t);
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
  const Thread* const warp = b.warp_of(t);
  for (unsigned lane = 0; lane < kWarp && warp + lane < b.threads.data() + b.threads.size(); ++lane)
    if (warp[lane].state == Thread::at_warp && (warp[lane].mask >> t.lane() & 1))
      fail(warp[lane], warp[lane].waits_at(),
           "waits for lane " + std::to_string(t.lane()) + ", which has ended");
  if (b.waiting == 0 || b.waiting + b.ended < b.threads.size()) return;
  for (const Thread& other : b.threads)
    if (other.state == Thread::at_block_barrier)
      fail(other, other.waits_at(), "a barrier of the block without the threads that have ended");
}

}  // namespace odeon::ptx
