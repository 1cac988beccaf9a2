// Brings its work space anew for each evaluation.
#include <vector>

#include "spring.hpp"

namespace {
struct Wasteful : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    const std::vector<T> work(4, T(0));
    Spring::eval<T>(t, y, theta, dy);
    specimen::row_of<T>(dy, 0)[0] += work.back();
  }
};
}  // namespace

SPECIMEN_SPRING(Wasteful)
