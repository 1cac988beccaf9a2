// One part in a thousand too large.
#include "differences.hpp"

namespace {
struct Large : specimen::Strategy {
  using Strategy::Strategy;
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Strategy::backward(engine, tape, args);
    engine.add(*args.gy0, *args.gy0, 1e-3);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Large)
