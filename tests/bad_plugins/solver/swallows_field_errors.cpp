// Takes an error of the field for a step that is too long.
#include "heun.hpp"

namespace {
struct Swallowing : Heun {
  using Heun::Heun;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    try {
      Heun::step(h, y1, result);
    } catch (const odeon::StatusError& e) {
      throw odeon::StatusError(e.status() < 0 ? ODEON_RETRY_SMALLER : e.status());
    }
  }
};
}  // namespace

SPECIMEN_HEUN(Swallowing)
