// The exact derivative of the discrete program: reverse mode through every accepted step. Runge-Kutta steps
// are reversed from their stages (rk_reverse.hpp), and from the values that evaluating them left where these
// fit; by the backend itself where it can. Those of solvers by code from a trace of what they computed.
#include <odeon/sdk/rk_reverse.hpp>

namespace {

using namespace odeon;

constexpr odeon_option kIntermediates =
    ranged(make_option(ODEON_OPTION_REAL, str("intermediates_mib"), str("1024"),
                       str("most memory of a solve (of a row, where rows step on their own) for the values "
                           "between the operations of the field, for fields with products or convolutions; "
                           "evaluations beyond it are made again in the backward pass, which 0 asks for "
                           "everywhere")),
           0, 1e9, 0, str("MiB"));
constexpr const odeon_option* kOptions[] = {&kIntermediates};

// What evaluations have left for their reverse, within a limit.
class Intermediates {
 public:
  Intermediates(const Engine& engine, double most_bytes) : api_(&engine.api()), problem_(engine.problem()) {
    if (most_bytes == 0 || !ODEON_HAS(api_, residuals_vjp)) return;
    int64_t bytes = 0;
    check(api_->residual_bytes(problem_, &bytes));
    if (bytes > 0) room_ = static_cast<size_t>(most_bytes / static_cast<double>(bytes));
  }
  ~Intermediates() {
    for (odeon_residuals* r : kept_) api_->residuals_release(problem_, r);
  }
  Intermediates(const Intermediates&) = delete;
  Intermediates& operator=(const Intermediates&) = delete;

  bool wanted() const { return room_ > 0; }
  // NULL where there is no more room.
  odeon_residuals* keep(odeon_residuals* r) {
    if (!r || kept_.size() == room_) return nullptr;
    check(api_->residuals_keep(problem_, r));
    kept_.push_back(r);
    return r;
  }

 private:
  const odeon_engine_api* api_;
  odeon_problem* problem_;
  size_t room_ = 0;  // evaluations in all
  std::vector<odeon_residuals*> kept_;
};

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
    std::unique_ptr<Intermediates> intermediates;
    std::unique_ptr<Traced> traced;  // of a solver by code; NULL: it has steps
    RowGradient rows;                // of a backend that does both passes; then there is nothing else
  };

  Direct(const odeon_host*, const Options& options)
      : intermediates_bytes_(options.real("intermediates_mib") * 1048576) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    if (engine.info().additive)
      throw Error(
          "gradient 'direct' does not go through additive steps (capability: steps of one field), which take "
          "the halves of the field apart; use gradient adjoint, or write the field without halves",
          ODEON_E_UNSUPPORTED);
    odeon_row_solve_args rows{};
    rows.method = ODEON_SOLVE_GRADIENT_DIRECT;
    auto tape = std::make_unique<Tape>(Tape{args, {}, {}, nullptr, nullptr, solve_rows(engine, args, rows)});
    if (tape->rows) return tape;
    if (!engine.info().tableau) {
      const odeon_solve_args solve = solve_args_of(args);
      tape->traced = std::make_unique<Traced>(Traced{&engine.api()});
      check(engine.api().trace(engine.problem(), &solve, &tape->traced->trace));
      return tape;
    }
    tape->intermediates = std::make_unique<Intermediates>(engine, intermediates_bytes_);
    solve_observed(
        engine, args, [&](const odeon_step_record& r) { record(engine, *tape, r); },
        tape->intermediates->wanted());
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    if (tape.rows) return reverse_rows(engine, tape.rows, args);
    if (tape.traced) {
      const auto& api = engine.api();
      check(api.trace_reverse(engine.problem(), tape.traced->trace, args.gys, args.gy0, args.gtheta));
      // The trace knows the steps only as numbers.
      if (args.gtimes) times_of_the_flow(engine, tape.forward, args);
      return;
    }
    size_t most_k = 0;
    for (const RecordedStep& s : tape.steps) most_k = std::max(most_k, s.k.size());
    RungeKuttaReverse sweep(engine, args, most_k);
    for (size_t i = tape.steps.size(); i-- > 0;) sweep.reverse(tape.steps[i]);
    sweep.finish();
  }

 private:
  // Copies what a step's reverse needs; what the step before has too is already there.
  static void record(const Engine& engine, Tape& tape, const odeon_step_record& r) {
    RecordedStep s(r, tape.steps.empty());
    const int32_t stages = engine.info().tableau->stages;
    std::vector<odeon_tensor*> kept{&s.y0};
    if (ODEON_HAS(&r, residuals) && r.residuals) s.residuals.assign(size_t(r.n_k), nullptr);
    for (int32_t i = 0; i < r.n_k; ++i) {
      odeon_tensor& k = s.k[size_t(i)];
      const bool is_begin = i == s.begin_derivative;
      if (is_begin && s.shares_begin)
        k = tape.steps.back().k[size_t(tape.steps.back().end_derivative)];
      else if (i < stages || i == s.end_derivative || (is_begin && r.n_observations > 0)) {
        kept.push_back(&k);
        if (!s.residuals.empty()) s.residuals[size_t(i)] = tape.intermediates->keep(r.residuals[i]);
      } else
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

  double intermediates_bytes_;
};

constexpr odeon_gradient_api kApi =
    GradientApi<Direct>::table(ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_LINEAR |
                               ODEON_GRADIENT_NEEDS_VJP | ODEON_GRADIENT_ROWS);
constexpr odeon_component kComponent{make_component(
    ODEON_KIND_GRADIENT,
    {str("direct"), str("Exact backpropagation through the solver"),
     str("The derivative of the discrete program, to round-off: reverse mode through every accepted step, of "
         "explicit and implicit Runge-Kutta methods (through the linear systems of the stages, not through "
         "Newton's iterates) and of solvers by code. Step sizes are constants, except where a fixed grid "
         "makes "
         "them functions of the times; for solvers by code, dL/dt is that of the solution. Memory grows with "
         "the number of steps.")},
    &kApi, kOptions)};

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
