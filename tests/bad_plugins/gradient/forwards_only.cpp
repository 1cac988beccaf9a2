// Right as long as time goes forwards.
#include "differences.hpp"

namespace {
struct Forwards : specimen::Strategy {
  using Strategy::Strategy;
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Strategy::backward(engine, tape, args);
    const odeon_gradient_forward_args& f = tape.forward;
    if (args.gtimes && f.times[f.n_times - 1] < f.times[0]) args.gtimes[0] *= -1;
  }
};
}  // namespace

SPECIMEN_STRATEGY(Forwards)
