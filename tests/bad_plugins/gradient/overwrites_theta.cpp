// Begins dL/dtheta anew.
#include "differences.hpp"

namespace {
struct Overwriting : specimen::Strategy {
  using Strategy::Strategy;
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    if (args.gtheta) engine.fill(*args.gtheta, 0);
    Strategy::backward(engine, tape, args);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Overwriting)
