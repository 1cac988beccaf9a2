// Writes results that nobody wants.
#include "differences.hpp"

namespace {
struct Wanting : specimen::Strategy {
  using Strategy::Strategy;
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    args.gtimes[0] = 0;
    Strategy::backward(engine, tape, args);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Wanting)
