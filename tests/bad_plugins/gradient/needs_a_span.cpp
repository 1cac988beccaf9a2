// Forgets the cotangent of the only state.
#include "differences.hpp"

namespace {
struct Spanning : specimen::Strategy {
  using Strategy::Strategy;
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Strategy::backward(engine, tape, args);
    if (tape.forward.n_times == 1) engine.fill(*args.gy0, 0);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Spanning)
