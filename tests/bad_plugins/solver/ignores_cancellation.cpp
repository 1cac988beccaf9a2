// Takes every status that is not an error for ODEON_OK.
#include "heun.hpp"

namespace {
struct Deaf : Heun {
  using Heun::Heun;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    try {
      Heun::step(h, y1, result);
    } catch (const odeon::StatusError& e) {
      if (e.status() < 0) throw;
      problem_.copy(y1, begin());
      result.error = 2;
    }
  }
};
}  // namespace

SPECIMEN_HEUN(Deaf)
