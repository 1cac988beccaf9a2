// A sign of df/dy is wrong.
#include "spring.hpp"

namespace {
struct Wrong : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void vjp(const odeon_vjp_args& a) {
    Spring::vjp<T>(a);
    if (a.gy_mode == ODEON_WRITE_OVERWRITE)
      for (int64_t r = 0; r < odeon::row_count(*a.y); ++r) specimen::row_of<T>(*a.gy, r)[1] *= -1;
  }
};
}  // namespace

SPECIMEN_SPRING(Wrong)
