// Returns the state that it began with, and no error.
#include "heun.hpp"

namespace {
struct Still : Heun {
  using Heun::Heun;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    Heun::step(h, y1, result);
    problem_.copy(y1, begin());
    problem_.copy(end(), y1);
    result.error = 1e-3;
  }
};
}  // namespace

SPECIMEN_HEUN(Still)
