#include "joint/captured_solve.hpp"

namespace odeon::cuda {
namespace {

constexpr unsigned long long kNone[kConditions] = {};

// What only some trials need: the stability of the last stages, the derivative at the end.
void add_looks(CapturedSequence& trial, const SolveWork& work,
               const unsigned long long (&decides)[kConditions]) {
  trial.add_if(decides[2]).add([&] {
    work.phase(Phase::norm, kNormArguments, kNone);
    work.phase(Phase::norm, kNormSlopes, kNone);
    work.phase(Phase::look, 0, decides);
  });
  trial.add_if(decides[3]).add([&] {
    work.field(work.stages);
    work.phase(Phase::count_end, 0, kNone);
  });
}

void add_trial(CapturedSequence trial, const SolveWork& work, unsigned long long running) {
  unsigned long long decides[kConditions] = {running, trial.condition()};
  if (!work.fixed) decides[2] = trial.condition(), decides[3] = trial.condition();
  trial.add([&] {
    for (int i = 1; i < work.stages + (work.fsal ? 0 : 1); ++i) {
      work.phase(Phase::combine, i, kNone);
      if (i < work.stages) work.field(i);
    }
    if (!work.fixed) work.phase(Phase::norm, kNormError, kNone);
    work.phase(Phase::judge, 0, decides);
  });
  if (!work.fixed) add_looks(trial, work, decides);
  trial.add([&] {
    work.phase(Phase::observe, 0, kNone);
    if (work.integrates) work.phase(Phase::integrate, 0, kNone);
    work.phase(Phase::move_on, 0, kNone);
    work.phase(Phase::step_on, 0, decides);
  });
  trial.add_if(decides[1]).add([&] { work.field(0); });  // of the next trial
}

}  // namespace

void launch_first_step(const SolveWork& work, unsigned long long running) {
  if (!work.estimates_first_step) return;
  const unsigned long long decides[kConditions] = {running};
  work.phase(Phase::norm, kNormState, kNone);
  work.phase(Phase::norm, kNormSlope, kNone);
  work.phase(Phase::first, 0, kNone);
  work.phase(Phase::combine, 0, kNone);
  work.field(work.stages + 1);
  work.phase(Phase::norm, kNormChange, kNone);
  work.phase(Phase::second, 0, decides);
}

void capture_trials(CapturedSequence& solve, const SolveWork& work, unsigned long long running) {
  add_trial(solve.add_while(running), work, running);
}

void capture_solve(CapturedSequence& all, const SolveWork& work) {
  const unsigned long long running = all.condition(), decides[kConditions] = {running};
  all.add([&] {
    work.phase(Phase::begin, 0, decides);
    work.phase(Phase::put_first, 0, kNone);
    work.field(0);
    launch_first_step(work, running);
  });
  capture_trials(all, work, running);
  all.add([&] {
    work.phase(Phase::result, 0, kNone);
    work.phase(Phase::put_end, 0, kNone);
  });
}

}  // namespace odeon::cuda
