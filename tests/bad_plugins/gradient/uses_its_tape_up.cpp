// Can go back once.
#include "differences.hpp"

namespace {
struct Once : specimen::Strategy {
  using Strategy::Strategy;
  struct Tape : Strategy::Tape {
    int uses = 0;
  };
  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    auto tape = std::make_unique<Tape>();
    static_cast<Strategy::Tape&>(*tape) = *Strategy::forward(engine, args);
    return tape;
  }
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Strategy::backward(engine, tape, args);
    if (++tape.uses > 1) engine.fill(*args.gy0, 0);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Once)
