// Takes the time of the first row for all of them.
#include "spring.hpp"

namespace {
struct OneTime : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    Spring::eval<T>(odeon::host_scalar(odeon::value_of(t, 0)), y, theta, dy);
  }
};
}  // namespace

SPECIMEN_SPRING(OneTime)
