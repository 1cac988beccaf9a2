// A tape that grows with the number of steps, and should not.
#include "differences.hpp"

namespace {
struct Growing : specimen::Strategy {
  using Strategy::Strategy;
  struct Tape : Strategy::Tape {
    std::vector<TapeMemory> memory;
  };
  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    struct Recorder {
      const Engine& engine;
      Tape& tape;
      static odeon_status on_step(void* user, const odeon_step_record*) {
        const Recorder& self = *static_cast<Recorder*>(user);
        return barrier(nullptr, [&] { self.tape.memory.emplace_back(self.engine, 64); });
      }
    };
    auto tape = std::make_unique<Tape>();
    static_cast<Strategy::Tape&>(*tape) = {args};
    Recorder recorder{engine, *tape};
    odeon_solve_args solve{};
    solve.struct_size = sizeof solve;
    solve.y0 = args.y0;
    solve.times = args.times;
    solve.n_times = args.n_times;
    solve.ys = args.ys;
    solve.on_step = Recorder::on_step;
    solve.user = &recorder;
    engine.solve(solve);
    return tape;
  }
};
}  // namespace

SPECIMEN_STRATEGY(Growing)
