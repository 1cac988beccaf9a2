// The exact derivative of the discrete program: reverse mode through every accepted step. Runge-Kutta steps
// are reversed from their stages (rk_reverse.hpp), those of solvers by code from a trace of what they
// computed.
#include <odeon/sdk/rk_reverse.hpp>

namespace {

using namespace odeon;

class Direct {
 public:
  // Of a solve under a trace.
  struct Traced {
    const odeon_engine_api* api;
    odeon_trace* trace = nullptr;
    ~Traced() {
      if (trace) api->trace_destroy(trace);
    }
  };
  struct Tape {
    odeon_gradient_forward_args forward;
    std::vector<RecordedStep> steps;
    std::vector<TapeMemory> memory;
    std::unique_ptr<Traced> traced;  // of a solver by code; NULL: it has steps
  };

  Direct(const odeon_host*, const Options&) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    if (!engine.info().differentiable)
      throw Error(
          "gradient 'direct' needs a field with derivative products (capability vjp), which this one lacks",
          ODEON_E_UNSUPPORTED);
    if (engine.info().additive)
      throw Error(
          "gradient 'direct' does not go through additive steps (capability: steps of one field), which take "
          "the halves of the field apart; use gradient adjoint, or write the field without halves",
          ODEON_E_UNSUPPORTED);
    auto tape = std::make_unique<Tape>(Tape{args, {}, {}, nullptr});
    odeon_solve_args solve{};
    solve.struct_size = sizeof solve;
    solve.y0 = args.y0;
    solve.times = args.times;
    solve.n_times = args.n_times;
    solve.ys = args.ys;
    if (!engine.info().tableau) {
      tape->traced = std::make_unique<Traced>(Traced{&engine.api()});
      check(engine.api().trace(engine.problem(), &solve, &tape->traced->trace));
      return tape;
    }
    Recorder recorder{engine, *tape};
    solve.on_step = Recorder::on_step;
    solve.user = &recorder;
    engine.solve(solve);
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    if (tape.traced) {
      const auto& api = engine.api();
      check(api.trace_reverse(engine.problem(), tape.traced->trace, args.gys, args.gy0, args.gtheta));
      if (args.gtimes) times_of_the_flow(engine, tape.forward, args);
      return;
    }
    for (int64_t i = 0; args.gtimes && i < tape.forward.n_times; ++i) args.gtimes[i] = 0;
    size_t most_k = 0;
    for (const RecordedStep& s : tape.steps) most_k = std::max(most_k, s.k.size());
    RungeKuttaReverse sweep(engine, args, most_k);
    for (size_t i = tape.steps.size(); i-- > 0;) sweep.reverse(tape.steps[i]);
    engine.copy(*args.gy0, sweep.lambda());
    engine.add(*args.gy0, engine.at(*args.gys, 0));
  }

 private:
  // A trace knows the steps of a solver by code only as numbers: by the times, the derivative is that of the
  // solution, v . f at an observation, and -dL/dy0 . f at the first time.
  static void times_of_the_flow(const Engine& engine, const odeon_gradient_forward_args& f,
                                const odeon_gradient_backward_args& args) {
    const TapeMemory memory(engine, engine.state_bytes());
    const odeon_tensor slope = engine.state(memory.data());
    const Dot dot(engine);
    for (int64_t i = 0; i < f.n_times; ++i) {
      const odeon_tensor gy = engine.at(*args.gys, i);
      engine.eval(f.times[i], engine.at(*f.ys, i), slope);
      args.gtimes[i] = dot(gy, slope);
      if (i == 0) args.gtimes[0] -= dot(*args.gy0, slope);
    }
  }

  // Copies what a step's reverse needs; what the step before has too is already there.
  struct Recorder {
    const Engine& engine;
    Tape& tape;

    static odeon_status on_step(void* user, const odeon_step_record* r) {
      const auto& self = *static_cast<Recorder*>(user);
      return barrier(nullptr, [&] { self.record(*r); });
    }

    void record(const odeon_step_record& r) const {
      RecordedStep s(r, tape.steps.empty());
      const int32_t stages = engine.info().tableau->stages;
      std::vector<odeon_tensor*> kept{&s.y0};
      for (int32_t i = 0; i < r.n_k; ++i) {
        odeon_tensor& k = s.k[size_t(i)];
        const bool is_begin = i == s.begin_derivative;
        if (is_begin && s.shares_begin)
          k = tape.steps.back().k[size_t(tape.steps.back().end_derivative)];
        else if (i < stages || i == s.end_derivative || (is_begin && r.n_observations > 0))
          kept.push_back(&k);
        else
          k.data = nullptr;  // no weight of this step's observations is not zero there
      }
      const int64_t bytes = engine.state_bytes();
      tape.memory.emplace_back(engine, bytes * static_cast<int64_t>(kept.size()));
      char* at = tape.memory.back().bytes();
      for (odeon_tensor* x : kept) {
        const odeon_tensor from = *x;
        x->data = at;
        engine.copy(*x, from);
        at += bytes;
      }
      tape.steps.push_back(std::move(s));
    }
  };
};

constexpr odeon_gradient_api kApi = GradientApi<Direct>::table(
    ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_LINEAR | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent{make_component(
    ODEON_KIND_GRADIENT,
    {str("direct"), str("Exact backpropagation through the solver"),
     str("The derivative of the discrete program, to round-off: reverse mode through every accepted step, of "
         "explicit and implicit Runge-Kutta methods (through the linear systems of the stages, not through "
         "Newton's iterates) and of solvers by code. Step sizes are constants, except where a fixed grid "
         "makes "
         "them functions of the times; for solvers by code, dL/dt is that of the solution. Memory grows with "
         "the number of steps.")},
    &kApi)};

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
