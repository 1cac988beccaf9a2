// Leaves something else in y.
#include "spring.hpp"

namespace {
struct Changing : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    Spring::eval<T>(t, y, theta, dy);
    specimen::row_of<T>(y, 0)[1] += 1;
  }
};
}  // namespace

SPECIMEN_SPRING(Changing)
