// Adds a little that differs from call to call.
#include "spring.hpp"

namespace {
struct Noisy : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    static double noise = 0;
    Spring::eval<T>(t, y, theta, dy);
    specimen::row_of<T>(dy, 0)[0] += static_cast<T>(1e-15 * ++noise);
  }
};
}  // namespace

SPECIMEN_SPRING(Noisy)
