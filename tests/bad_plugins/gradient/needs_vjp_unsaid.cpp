// Uses derivative products of the field without saying that it needs them.
#include "differences.hpp"

namespace {
struct Silent : specimen::Strategy {
  using Strategy::Strategy;
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    odeon_vjp_args v{};
    v.struct_size = sizeof v;
    v.gy_mode = ODEON_WRITE_OVERWRITE;
    v.t = host_scalar(0);
    v.y = v.v = tape.forward.y0;
    v.gy = args.gy0;
    engine.vjp(v);
    Strategy::backward(engine, tape, args);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Silent)
