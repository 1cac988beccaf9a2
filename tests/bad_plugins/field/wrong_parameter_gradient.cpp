// Takes the last row for the sum of all rows.
#include "spring.hpp"

namespace {
struct LastRow : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void vjp(const odeon_vjp_args& a) {
    Spring::vjp<T>(a);
    const int64_t r = odeon::row_count(*a.y) - 1;
    const T *y = specimen::row_of<T>(*a.y, r), *v = specimen::row_of<T>(*a.v, r);
    if (a.gtheta_mode == ODEON_WRITE_OVERWRITE)
      *odeon::data<T>(*a.gtheta) = static_cast<T>(double(y[0]) * v[1] - double(y[1]) * v[0]);
  }
};
}  // namespace

SPECIMEN_SPRING(LastRow)
