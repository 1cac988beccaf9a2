// Computes single precision from another formula than double precision.
#include "spring.hpp"

namespace {
struct Doubles : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    Spring::eval<T>(t, y, theta, dy);
    if (sizeof(T) == 4) specimen::row_of<T>(dy, 0)[0] *= T(1.01);
  }
};
}  // namespace

SPECIMEN_SPRING(Doubles)
