// Takes the state for doubles whatever its dtype is.
#include "heun.hpp"

namespace {
struct Doubles : Heun {
  using Heun::Heun;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    Heun::step(h, y1, result);
    const int64_t doubles = problem_.state_bytes() / 8;
    double* y = static_cast<double*>(y1.data);
    for (int64_t i = 0; i < doubles; ++i) y[i] *= 1 + 1e-11;
    problem_.copy(end(), y1);
  }
};
}  // namespace

SPECIMEN_HEUN(Doubles)
