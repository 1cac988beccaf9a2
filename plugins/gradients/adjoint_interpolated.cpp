// The continuous adjoint along the stored solution: only a is solved backwards,
//   da/dt = -a^T df/dy (t, y(t)),   dL/dtheta = -int_{t1}^{t0} a^T df/dtheta dt,   a jumps by dL/dy(t_i) at
//   t_i,
// and y(t) is the forward solve's dense output, so that nothing that decays forwards has to be reconstructed.
// Y. Cao, S. Li, L. Petzold, R. Serban, SIAM J. Sci. Comput. 24 (2003) 1076-1089; as InterpolatingAdjoint of
// C. Rackauckas et al., arXiv:1812.01892.
#include "continuous_adjoint.hpp"

namespace {

using namespace odeon;
using namespace odeon::continuous;

constexpr odeon_option kNorm =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("norm"), str("seminorm"),
                             str("What the backward error norm sees: seminorm is a, full also dL/dtheta "
                                 "(Kidger, Chen, Lyons 2021).")),
                 kNorms);
constexpr const odeon_option* kOptions[] = {&kSolver, &kRtol, &kAtol, &kNorm};

class AdjointInterpolated {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;
    StoredSolution solution;
  };

  AdjointInterpolated(const odeon_host*, const Options& options)
      : solver_(options), full_norm_(options.text("norm") == "full") {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    std::unique_ptr<Tape> tape(new Tape{args, StoredSolution(engine)});
    odeon_solve_args solve = solve_args_of(args);
    solve.dense = tape->solution.receive();
    engine.solve(solve);
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    const odeon_gradient_forward_args& f = tape.forward;
    const int64_t bytes = engine.state_bytes();
    const TapeMemory memory(engine, 4 * bytes);
    const auto state = [&](int i) { return engine.state(memory.bytes() + i * bytes); };
    const odeon_tensor a = state(0), slope = state(1), part = as_parts(a, 1);

    StoredAdjoint adjoint{engine, tape.solution, state(2), state(3)};
    odeon_derived_field field = derived_field(1, args.gtheta ? element_count(*args.gtheta) : 0);
    field.quadrature_in_norm = full_norm_ && field.quadratures > 0;
    field.eval = StoredAdjoint::eval;
    field.user = &adjoint;
    const DerivedProblem backwards = solver_.problem(engine, field, true);
    sweep(engine, f, args, a, slope, [&](int64_t i) {
      const double segment[2] = {f.times[i], f.times[i - 1]};
      odeon_solve_args solve = segment_args(part, segment);
      solve.quadrature = field.quadratures > 0 ? args.gtheta : nullptr;
      check(engine.api().solve(backwards.get(), &solve));
    });
  }

 private:
  BackwardSolver solver_;
  bool full_norm_;
};

constexpr odeon_gradient_api kApi = GradientApi<AdjointInterpolated>::table(
    ODEON_GRADIENT_CONTINUOUS | ODEON_GRADIENT_MEMORY_LINEAR | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_GRADIENT,
    {str("adjoint_interpolated"), str("Continuous adjoint along the stored solution"),
     str("Solves the adjoint equation alone backwards; the state comes from the forward solve's dense "
         "output, so "
         "stiff and dissipative fields are safe. Memory: the degree of the dense output times the state for "
         "each forward step. The error falls with the tolerance. Cao et al. 2003.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
