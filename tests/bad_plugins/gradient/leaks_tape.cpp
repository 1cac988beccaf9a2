// Keeps memory that nobody gives back.
#include "differences.hpp"

namespace {
struct Leaking : specimen::Strategy {
  using Strategy::Strategy;
  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    void* memory = nullptr;
    check(engine.api().tape_alloc(engine.problem(), 64, &memory));
    return Strategy::forward(engine, args);
  }
};
}  // namespace

SPECIMEN_STRATEGY(Leaking)
