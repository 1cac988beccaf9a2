// Leaves out the last element of each row.
#include "spring.hpp"

namespace {
struct Half : specimen::Spring {
  using Spring::Spring;
  template <class T>
  void eval(const odeon_scalar& t, const odeon_tensor& y, const odeon_tensor& theta, const odeon_tensor& dy) {
    for (int64_t r = 0; r < odeon::row_count(y); ++r) {
      T whole[2];
      row(odeon::value_of(t, r), double(odeon::data<T>(theta)[0]), specimen::row_of<T>(y, r), whole,
          ODEON_WRITE_OVERWRITE);
      specimen::row_of<T>(dy, r)[0] = whole[0];
    }
  }
};
}  // namespace

SPECIMEN_SPRING(Half)
