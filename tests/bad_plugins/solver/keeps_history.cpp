// Remembers steps from before start.
#include "heun.hpp"

namespace {
struct Historian : Heun {
  using Heun::Heun;
  int accepted = 0;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    Heun::step(h, y1, result);
    combine(y1, h / 2 * (1 + 1e-9 * accepted), h / 2);
    problem_.copy(end(), y1);
  }
  void accept() {
    Heun::accept();
    ++accepted;
  }
};
}  // namespace

SPECIMEN_HEUN(Historian)
