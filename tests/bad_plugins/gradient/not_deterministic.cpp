// Adds a little that differs from call to call.
#include "differences.hpp"

namespace {
struct Noisy : specimen::Strategy {
  using Strategy::Strategy;
  struct Tape : Strategy::Tape {
    double noise = 0;
  };
  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    static double noise = 0;
    auto tape = std::make_unique<Tape>();
    static_cast<Strategy::Tape&>(*tape) = *Strategy::forward(engine, args);
    tape->noise = noise += 1e-12;
    return tape;
  }
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Strategy::backward(engine, tape, args);
    engine.add(*args.gy0, *args.gy0, tape.noise);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Noisy)
