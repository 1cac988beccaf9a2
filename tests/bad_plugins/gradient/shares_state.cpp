// Keeps the first time in a variable that all instances share.
#include "differences.hpp"

namespace {
struct Sharing : specimen::Strategy {
  using Strategy::Strategy;
  static inline double start = 0;
  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    start = args.times[0];
    return Strategy::forward(engine, args);
  }
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Strategy::backward(engine, tape, args);
    if (start != tape.forward.times[0]) engine.fill(*args.gy0, 0);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Sharing)
