// Takes a solve that was stopped for one that ended.
#include "differences.hpp"

namespace {
struct Deaf : specimen::Strategy {
  using Strategy::Strategy;
  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    try {
      return Strategy::forward(engine, args);
    } catch (const StatusError& e) {
      if (e.status() < 0) throw;
      return std::make_unique<Tape>(Tape{args});
    }
  }
};
}  // namespace

SPECIMEN_STRATEGY(Deaf)
