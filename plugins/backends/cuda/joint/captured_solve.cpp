#include "joint/captured_solve.hpp"

namespace odeon::cuda {
namespace {

constexpr unsigned long long kNone[kConditions] = {};

void add_beginning(CapturedSequence& all, const SolveWork& work, unsigned long long running) {
  const unsigned long long decides[kConditions] = {running};
  all.add([&] {
    work.phase(Phase::begin, 0, decides);
    work.phase(Phase::put_first, 0, kNone);
    work.field(0);
    if (!work.estimates_first_step) return;
    work.phase(Phase::norm, kNormState, kNone);
    work.phase(Phase::norm, kNormSlope, kNone);
    work.phase(Phase::first, 0, kNone);
    work.phase(Phase::combine, 0, kNone);
    work.field(work.stages + 1);
    work.phase(Phase::norm, kNormChange, kNone);
    work.phase(Phase::second, 0, decides);
  });
}

void add_trial(CapturedSequence trial, const SolveWork& work, unsigned long long running) {
  const unsigned long long decides[kConditions] = {running, trial.condition(), trial.condition(),
                                                   trial.condition()};
  trial.add([&] {
    for (int i = 1; i < work.stages + (work.fsal ? 0 : 1); ++i) {
      work.phase(Phase::combine, i, kNone);
      if (i < work.stages) work.field(i);
    }
    work.phase(Phase::norm, kNormError, kNone);
    work.phase(Phase::judge, 0, decides);
  });
  trial.add_if(decides[2]).add([&] {
    work.phase(Phase::norm, kNormArguments, kNone);
    work.phase(Phase::norm, kNormSlopes, kNone);
    work.phase(Phase::look, 0, decides);
  });
  trial.add_if(decides[3]).add([&] {
    work.field(work.stages);
    work.phase(Phase::count_end, 0, kNone);
  });
  trial.add([&] {
    work.phase(Phase::observe, 0, kNone);
    work.phase(Phase::move_on, 0, kNone);
    work.phase(Phase::step_on, 0, decides);
  });
  trial.add_if(decides[1]).add([&] { work.field(0); });  // of the next trial
}

}  // namespace

void capture_solve(CapturedSequence& all, const SolveWork& work) {
  const unsigned long long running = all.condition();
  add_beginning(all, work, running);
  add_trial(all.add_while(running), work, running);
  all.add([&] {
    work.phase(Phase::result, 0, kNone);
    work.phase(Phase::put_end, 0, kNone);
  });
}

}  // namespace odeon::cuda
