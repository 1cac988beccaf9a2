// Reads through a pointer that leads nowhere.
#include "spring.hpp"

namespace {
struct Crashing : specimen::Spring {
  double read;
  explicit Crashing(const odeon_host* h) : Spring(h) {
    const double* volatile nowhere = nullptr;
    read = *nowhere;
  }
};
}  // namespace

SPECIMEN_SPRING(Crashing)
