// Brings its work space anew for each step.
#include <vector>

#include "heun.hpp"

namespace {
struct Wasteful : Heun {
  using Heun::Heun;
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    std::vector<double> work(10, h);
    Heun::step(work.back(), y1, result);
  }
};
}  // namespace

SPECIMEN_HEUN(Wasteful)
