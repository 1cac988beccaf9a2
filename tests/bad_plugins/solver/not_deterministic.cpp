// Adds a little that differs from step to step in this process.
#include "heun.hpp"

namespace {
struct Noisy : Heun {
  using Heun::Heun;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    static double noise = 1;
    noise += 1e-3;
    Heun::step(h, y1, result);
    combine(y1, h / 2 * (1 + 1e-12 * noise), h / 2);
    problem_.copy(end(), y1);
  }
};
}  // namespace

SPECIMEN_HEUN(Noisy)
