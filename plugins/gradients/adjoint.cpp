// The continuous adjoint: state and adjoint are solved backwards together, segment by segment.
//   da/dt = -a^T df/dy,   dL/dtheta = -int_{t1}^{t0} a^T df/dtheta dt,   a jumps by dL/dy(t_i) at t_i.
// L. S. Pontryagin (1962); Chen et al., Neural Ordinary Differential Equations, NeurIPS 2018, Algorithm 1.
// y is reset to the stored value at each observation, so the drift of the reversed solve stays
// within one segment. The error norm leaves dL/dtheta out by default (the seminorm of P. Kidger, R. T. Q.
// Chen, T. Lyons, "Hey, that's not an ODE", ICML 2021).
#include <limits>
#include <odeon/sdk/gradient.hpp>

namespace {

using namespace odeon;

constexpr odeon_str kSolverKind[] = {str("solver")};
constexpr odeon_str kNorms[] = {str("seminorm"), str("full")};
constexpr odeon_option kSolver =
    with_choices(make_option(ODEON_OPTION_COMPONENT, str("solver"), kNoText,
                             str("Solver of the backward pass; the forward one when absent.")),
                 kSolverKind);
constexpr odeon_option kRtol =
    ranged(make_option(ODEON_OPTION_REAL, str("rtol"), kNoText,
                       str("Relative tolerance of the backward pass; the solver's when absent.")),
           0, ODEON_UNBOUNDED_ABOVE);
constexpr odeon_option kAtol =
    ranged(make_option(ODEON_OPTION_REAL, str("atol"), kNoText,
                       str("Absolute tolerance of the backward pass; the solver's when absent.")),
           0, ODEON_UNBOUNDED_ABOVE);
constexpr odeon_option kNorm =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("norm"), str("seminorm"),
                             str("What the backward error norm sees: seminorm is y and a, full also "
                                 "dL/dtheta (Kidger, Chen, Lyons 2021).")),
                 kNorms);
constexpr const odeon_option* kOptions[] = {&kSolver, &kRtol, &kAtol, &kNorm};

// The augmented system on one call's memory: state [y, a], quadrature dL/dtheta.
struct Augmented {
  const Engine& engine;
  odeon_tensor minus_a;

  static odeon_status eval(void* user, odeon_scalar t, const odeon_tensor* state,
                           const odeon_tensor* derivative, const odeon_tensor* q) {
    const auto& self = *static_cast<const Augmented*>(user);
    return barrier(nullptr, [&] {
      const odeon_tensor y = row(*state, 0), a = row(*state, 1), dy = row(*derivative, 0),
                         da = row(*derivative, 1);
      const double minus = -1;
      self.engine.lincomb(self.minus_a, nullptr, 1, {&minus, 1}, {&a, 1});
      odeon_vjp_args
          v{};  // the product is linear in its cotangent: -a gives da/dt and the integrand directly
      v.struct_size = sizeof v;
      v.dy_mode = v.gy_mode = ODEON_WRITE_OVERWRITE;
      v.gtheta_mode = q ? ODEON_WRITE_OVERWRITE : ODEON_WRITE_SKIP;
      v.gt_mode = ODEON_WRITE_SKIP;
      v.t = t;
      v.y = &y;
      v.v = &self.minus_a;
      v.dy = &dy;
      v.gy = &da;
      v.gtheta = q;
      self.engine.vjp(v);
    });
  }
};

class Adjoint {
 public:
  // Borrowed: the observations themselves are all that backward needs.
  struct Tape {
    odeon_gradient_forward_args forward;
  };

  Adjoint(const odeon_host*, const Options& options) : full_norm_(options.text("norm") == "full") {
    if (options.given("solver")) {
      // The handle's options live as long as the experiment does.
      solver_ = static_cast<const odeon_component_handle*>(options.at("solver").handle);
    }
    if (options.given("rtol")) rtol_ = options.real("rtol");
    if (options.given("atol")) atol_ = options.real("atol");
  }

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    if (!engine.info().differentiable)
      throw Error(
          "gradient 'adjoint' needs a field with derivative products (capability vjp), which this one lacks",
          ODEON_E_UNSUPPORTED);
    odeon_solve_args solve{};
    solve.struct_size = sizeof solve;
    solve.y0 = args.y0;
    solve.times = args.times;
    solve.n_times = args.n_times;
    solve.ys = args.ys;
    engine.solve(solve);
    return std::make_unique<Tape>(Tape{args});
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    const odeon_gradient_forward_args& f = tape.forward;
    const int64_t bytes = engine.state_bytes();
    const TapeMemory memory(engine, 4 * bytes);
    const odeon_tensor y = engine.state(memory.data()), a = engine.state(memory.bytes() + bytes),
                       minus_a = engine.state(memory.bytes() + 2 * bytes),
                       slope = engine.state(memory.bytes() + 3 * bytes);
    odeon_tensor both = engine.info().state;
    both.data = memory.data();
    for (int32_t d = both.rank++; d > 0; --d) both.shape[d] = both.shape[d - 1];
    both.shape[0] = 2;
    const Dot dot(engine);

    const Augmented augmented{engine, minus_a};
    odeon_derived_field field{};
    field.struct_size = sizeof field;
    field.parts = 2;
    field.quadratures = args.gtheta ? element_count(*args.gtheta) : 0;
    field.quadrature_in_norm = full_norm_ && field.quadratures > 0;
    field.eval = Augmented::eval;
    field.user = const_cast<Augmented*>(&augmented);
    odeon_derive_args derive{};
    derive.struct_size = sizeof derive;
    derive.field = &field;
    derive.solver = solver_;
    derive.rtol = rtol_;
    derive.atol = atol_;
    odeon_problem* backwards = nullptr;
    check(engine.api().derive(engine.problem(), &derive, &backwards));
    const std::unique_ptr<odeon_problem, void (*)(odeon_problem*)> owner(backwards,
                                                                         engine.api().problem_destroy);

    engine.fill(a, 0);
    for (int64_t i = f.n_times - 1; i > 0; --i) {
      const odeon_tensor gy = engine.at(*args.gys, i), observed = engine.at(*f.ys, i);
      if (args.gtimes) {
        engine.eval(f.times[i], observed, slope);
        args.gtimes[i] = dot(gy, slope);
      }
      engine.add(a, gy);
      engine.copy(y, observed);
      const double segment[2] = {f.times[i], f.times[i - 1]};
      odeon_solve_args solve{};
      solve.struct_size = sizeof solve;
      solve.y0 = &both;
      solve.times = segment;
      solve.n_times = 2;
      solve.y_last = &both;
      solve.quadrature = field.quadratures > 0 ? args.gtheta : nullptr;
      check(engine.api().solve(backwards, &solve));
    }
    if (args.gtimes) {  // y0 does not move with t0, the rest of the trajectory does
      engine.eval(f.times[0], *f.y0, slope);
      args.gtimes[0] = -dot(a, slope);
    }
    engine.copy(*args.gy0, a);
    engine.add(*args.gy0, engine.at(*args.gys, 0));
  }

 private:
  const odeon_component_handle* solver_ = nullptr;
  double rtol_ = std::numeric_limits<double>::quiet_NaN(), atol_ = rtol_;
  bool full_norm_;
};

constexpr odeon_gradient_api kApi = GradientApi<Adjoint>::table(
    ODEON_GRADIENT_CONTINUOUS | ODEON_GRADIENT_MEMORY_CONSTANT | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_GRADIENT,
    {str("adjoint"), str("Continuous adjoint, O(1) memory"),
     str("Solves the adjoint equation backwards together with the state, reset to the stored value at each "
         "observation. Memory does not grow with the number of steps; the error falls with the tolerance. "
         "Chen et al. 2018.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
