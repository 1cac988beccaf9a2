#include "joint/captured_adjoint.hpp"

namespace odeon::cuda {
namespace {

constexpr unsigned long long kNone[kConditions] = {};

void add_solve(CapturedSequence solve, const AdjointWork& work, unsigned long long going) {
  const unsigned long long running = solve.condition(), decides[kConditions] = {0, running};
  solve.add([&] {
    work.phase(AdjointPhase::put, kNone);
    work.phase(AdjointPhase::aim, decides);
    work.solve.field(0);
    if (work.wants_times) work.phase(AdjointPhase::along, kNone);
    launch_first_step(work.solve, running);
  });
  capture_trials(solve, work.solve, running);
  const unsigned long long closes[kConditions] = {going};
  solve.add([&] {
    work.phase(AdjointPhase::find, kNone);
    work.phase(AdjointPhase::close, closes);
  });
}

}  // namespace

void capture_adjoint(CapturedSequence& all, const AdjointWork& work) {
  const unsigned long long going = all.condition(), decides[kConditions] = {going};
  all.add([&] { work.phase(AdjointPhase::begin, decides); });
  add_solve(all.add_while(going), work, going);
  all.add([&] {
    work.phase(AdjointPhase::put, kNone);
    if (work.wants_times) {
      work.phase(AdjointPhase::end, kNone);
      work.solve.field(0);
      work.phase(AdjointPhase::along, kNone);
    }
    work.phase(AdjointPhase::result, kNone);
  });
}

}  // namespace odeon::cuda
