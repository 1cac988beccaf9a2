// Keeps what it knows of the state in a variable that the last instance made has set for all.
#include "spring.hpp"

namespace {
struct Sharing : specimen::Spring {
  static inline int64_t rows = 0;
  explicit Sharing(const odeon_host* h) : Spring(h) { rows = 0; }
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    if (rows == 0) rows = odeon::row_count(y);  // for a work space of this size
    Spring::eval<T>(t, y, theta, dy);
    if (rows != odeon::row_count(y)) specimen::row_of<T>(dy, 0)[0] = 0;
  }
};
}  // namespace

SPECIMEN_SPRING(Sharing)
