// Writes through a pointer that leads nowhere in its third step.
#include "heun.hpp"

namespace {
struct Crashing : Heun {
  using Heun::Heun;
  int steps = 0;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    volatile double* volatile nowhere = nullptr;
    if (++steps == 3) *nowhere = h;
    Heun::step(h, y1, result);
  }
};
}  // namespace

SPECIMEN_HEUN(Crashing)
