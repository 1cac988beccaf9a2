// Gives the beginning of the step everywhere inside of it.
#include "heun.hpp"

namespace {
struct Stairs : Heun {
  using Heun::Heun;
  void interpolate(double t, const odeon_tensor& out) {
    if (t == (moved_ ? t_ : t_ + h_))
      Heun::interpolate(t, out);
    else
      problem_.copy(out, begin());
  }
};
}  // namespace

SPECIMEN_HEUN(Stairs)
