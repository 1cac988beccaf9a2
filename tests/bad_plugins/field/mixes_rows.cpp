// A row that sees its neighbour.
#include "spring.hpp"

namespace {
struct Mixing : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    Spring::eval<T>(t, y, theta, dy);
    for (int64_t r = 1; r < odeon::row_count(y); ++r)
      specimen::row_of<T>(dy, r)[0] += specimen::row_of<T>(y, r - 1)[0];
  }
};
}  // namespace

SPECIMEN_SPRING(Mixing)
