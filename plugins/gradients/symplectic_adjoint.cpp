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
    StepPlans plans;
    std::vector<TapeMemory> states;  // at the beginning of each step
  };

  SymplecticAdjoint(const odeon_host*, const Options&) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    auto tape = std::make_unique<Tape>();
    solve_observed(engine, args, [&](const odeon_step_record& r) {
      tape->states.emplace_back(engine, engine.state_bytes());
      engine.copy(engine.state(tape->states.back().data()), *r.y0);
      tape->plans.add(r);
    });
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    RungeKuttaReverse sweep(engine, args, tape.plans.most_k());
    for (size_t i = tape.plans.size(); i-- > 0;)
      tape.plans.reverse(engine, i, engine.state(tape.states[i].data()), sweep, false);
    sweep.finish();
  }
};

constexpr odeon_gradient_api kApi =
    GradientApi<SymplecticAdjoint>::table(ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_LINEAR |
                                          ODEON_GRADIENT_NEEDS_EXPLICIT | ODEON_GRADIENT_NEEDS_VJP);
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
