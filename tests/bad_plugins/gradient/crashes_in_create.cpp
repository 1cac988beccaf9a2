// Reads through a pointer that leads nowhere.
#include "differences.hpp"

namespace {
struct Crashing : specimen::Strategy {
  double read;
  Crashing(const odeon_host* host, const Options& options) : Strategy(host, options) {
    const double* volatile nowhere = nullptr;
    read = *nowhere;
  }
};
}  // namespace

SPECIMEN_STRATEGY(Crashing)
