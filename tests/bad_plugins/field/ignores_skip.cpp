// Writes dy although it was told to leave it.
#include "spring.hpp"

namespace {
struct Eager : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void vjp(const odeon_vjp_args& a) {
    odeon_vjp_args all = a;
    if (all.dy_mode == ODEON_WRITE_SKIP) all.dy_mode = ODEON_WRITE_OVERWRITE;
    Spring::vjp<T>(all);
  }
};
}  // namespace

SPECIMEN_SPRING(Eager)
