// Never comes back from its third step.
#include "heun.hpp"

namespace {
struct Hanging : Heun {
  using Heun::Heun;
  int steps = 0;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    for (volatile bool done = ++steps != 3; !done;) {
    }
    Heun::step(h, y1, result);
  }
};
}  // namespace

SPECIMEN_HEUN(Hanging)
