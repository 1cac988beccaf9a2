#include "joint/captured_reverse.hpp"

namespace odeon::cuda {
namespace {

constexpr unsigned long long kNone[kReverseConditions] = {};

void add_step(CapturedSequence step, const ReverseWork& work, unsigned long long running) {
  const unsigned long long decides[kReverseConditions] = {running, work.end_is_extra ? step.condition() : 0,
                                                          work.last_is_free ? step.condition() : 0};
  step.add([&] {
    work.phase(ReversePhase::aim, 0, decides);
    work.phase(ReversePhase::open, 0, kNone);
    if (work.wants_times) work.phase(ReversePhase::times, 0, kNone);
  });
  if (work.end_is_extra)
    step.add_if(decides[1]).add([&] {
      work.phase(ReversePhase::end_stage, 0, kNone);
      work.product(work.stages);
      work.phase(ReversePhase::end_taken, 0, kNone);
    });
  step.add([&] { work.phase(ReversePhase::pass, work.stages, kNone); });
  int next = work.stages - 1;
  if (work.last_is_free) {
    step.add_if(decides[2]).add([&] { work.product(next); });
    step.add([&] { work.phase(ReversePhase::pass, next, kNone); });
    --next;
  }
  step.add([&] {
    for (int i = next; i >= 0; --i) {
      work.product(i);
      work.phase(ReversePhase::pass, i, kNone);
    }
    if (work.wants_times) work.phase(ReversePhase::first_time, 0, kNone);
  });
}

}  // namespace

void capture_reverse(CapturedSequence& all, const ReverseWork& work) {
  const unsigned long long running = all.condition(), decides[kReverseConditions] = {running};
  all.add([&] { work.phase(ReversePhase::begin, 0, decides); });
  add_step(all.add_while(running), work, running);
}

}  // namespace odeon::cuda
