// Brings its work space anew for each step.
#include <vector>

#include "heun.hpp"

namespace {
struct Wasteful : Heun {
  using Heun::Heun;
  std::vector<double> work;  // a member: a compiler may leave out what no one else can see
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    work = std::vector<double>(10, h);
    Heun::step(work.back(), y1, result);
  }
};
}  // namespace

SPECIMEN_HEUN(Wasteful)
