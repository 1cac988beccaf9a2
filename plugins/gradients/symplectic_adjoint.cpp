// The exact gradient from the states at the steps' ends: each step's stages are computed once more when it is
// reversed. For a Runge-Kutta method this is the adjoint system solved by the method's symplectic partner,
// which keeps the product of cotangent and tangent. T. Matsubara, Y. Miyatake, T. Yaguchi, Symplectic Adjoint
// Method for Exact Gradient of Neural ODE with Minimal Memory, NeurIPS 2021.
#include <odeon/sdk/rk_replay.hpp>

namespace {

using namespace odeon;

class SymplecticAdjoint {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;
    StepPlans plans;
    std::vector<TapeMemory> states;  // at the beginning of each step
  };

  SymplecticAdjoint(const odeon_host*, const Options&) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    require_replay(engine, "symplectic_adjoint");
    auto tape = std::make_unique<Tape>(Tape{args, {}, {}});
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

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    for (int64_t i = 0; args.gtimes && i < tape.forward.n_times; ++i) args.gtimes[i] = 0;
    RungeKuttaReverse sweep(engine, args, tape.plans.most_k());
    for (size_t i = tape.plans.size(); i-- > 0;)
      tape.plans.reverse(engine, i, engine.state(tape.states[i].data()), sweep);
    engine.copy(*args.gy0, sweep.lambda());
    engine.add(*args.gy0, engine.at(*args.gys, 0));
  }

 private:
  struct Recorder {
    const Engine& engine;
    Tape& tape;
    static odeon_status on_step(void* user, const odeon_step_record* r) {
      const auto& self = *static_cast<Recorder*>(user);
      return barrier(nullptr, [&] {
        self.tape.states.emplace_back(self.engine, self.engine.state_bytes());
        self.engine.copy(self.engine.state(self.tape.states.back().data()), *r->y0);
        self.tape.plans.add(*r);
      });
    }
  };
};

constexpr odeon_gradient_api kApi =
    GradientApi<SymplecticAdjoint>::table(ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_LINEAR |
                                          ODEON_GRADIENT_NEEDS_TABLEAU | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent{
    make_component(ODEON_KIND_GRADIENT,
                   {str("symplectic_adjoint"), str("Exact, from the states of the steps"),
                    str("The derivative of the discrete program, to round-off, as `direct` gives it, for "
                        "explicit tableaus. Keeps "
                        "the state at each accepted step and computes its stages once more: memory is one "
                        "state per step and one "
                        "step's stages, time one forward solve more. Matsubara, Miyatake and Yaguchi 2021.")},
                   &kApi)};

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
