// Reads through a pointer that leads nowhere.
#include "heun.hpp"

namespace {
struct Crashing : Heun {
  Crashing(const odeon_host* host, const odeon::Options& options) : Heun(host, options) {
    const double* volatile nowhere = nullptr;
    t_ = *nowhere;
  }
};
}  // namespace

SPECIMEN_HEUN(Crashing)
