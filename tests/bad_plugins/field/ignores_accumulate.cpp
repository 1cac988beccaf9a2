// Overwrites what it is to add to.
#include "spring.hpp"

namespace {
struct Overwriting : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void vjp(const odeon_vjp_args& a) {
    odeon_vjp_args over = a;
    if (over.gtheta_mode == ODEON_WRITE_ACCUMULATE) over.gtheta_mode = ODEON_WRITE_OVERWRITE;
    Spring::vjp<T>(over);
  }
};
}  // namespace

SPECIMEN_SPRING(Overwriting)
