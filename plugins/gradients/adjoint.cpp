// The continuous adjoint: state and adjoint are solved backwards together, segment by segment.
//   da/dt = -a^T df/dy,   dL/dtheta = -int_{t1}^{t0} a^T df/dtheta dt,   a jumps by dL/dy(t_i) at t_i.
// L. S. Pontryagin (1962); Chen et al., Neural Ordinary Differential Equations, NeurIPS 2018, Algorithm 1.
// y is reset to the stored value at each observation, so the drift of the reversed solve stays within one
// segment, where it is measured (reconstruction.hpp). The error norm leaves dL/dtheta out by default (the
// seminorm of P. Kidger, R. T. Q. Chen, T. Lyons, "Hey, that's not an ODE", ICML 2021).
#include "continuous_adjoint.hpp"
#include "reconstruction.hpp"

namespace {

using namespace odeon;
using namespace odeon::continuous;

constexpr odeon_option kNorm =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("norm"), str("seminorm"),
                             str("What the backward error norm sees: seminorm is y and a, full also "
                                 "dL/dtheta (Kidger, Chen, Lyons 2021).")),
                 kNorms);
constexpr odeon_str kReactions[] = {str("error"), str("warn"), str("off")};
constexpr odeon_option kReconstruction = with_choices(
    make_option(
        ODEON_OPTION_CHOICE, str("reconstruction"), str("error"),
        str("What to do where y, solved backwards, misses a stored state by more than "
            "reconstruction_bound, because the field decays and its reverse grows: the gradient would be "
            "that of another trajectory.")),
    kReactions);
// Forth and back, the errors of the thousands of steps that a method of order two takes come to some thousand
// tolerances without any harm.
constexpr odeon_option kBound = ranged(
    make_option(ODEON_OPTION_REAL, str("reconstruction_bound"), str("10000"),
                str("Largest miss of a row in tolerances of the backward pass (root mean square); with fixed "
                    "steps, in ten-thousandths of the state.")),
    0, ODEON_UNBOUNDED_ABOVE);
constexpr const odeon_option* kOptions[] = {&kSolver, &kRtol, &kAtol, &kNorm, &kReconstruction, &kBound};

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
    RowGradient rows;  // of a backend that does both passes
  };

  Adjoint(const odeon_host* host, const Options& options)
      : host_(host),
        solver_(options),
        full_norm_(options.text("norm") == "full"),
        watches_(options.text("reconstruction") != "off"),
        only_warns_(options.text("reconstruction") == "warn"),
        bound_(options.real("reconstruction_bound")) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    auto tape = std::make_unique<Tape>(
        Tape{args, full_norm_ ? no_row_gradient(engine) : solve_rows(engine, args, solver_.rows())});
    if (!tape->rows) engine.solve(solve_args_of(args));
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    if (tape.rows) return backward_by_rows(engine, tape, args);
    const odeon_gradient_forward_args& f = tape.forward;
    const int64_t bytes = engine.state_bytes();
    const TapeMemory memory(engine, 4 * bytes);
    const odeon_tensor y = engine.state(memory.data()), a = engine.state(memory.bytes() + bytes),
                       minus_a = engine.state(memory.bytes() + 2 * bytes),
                       slope = engine.state(memory.bytes() + 3 * bytes);
    const odeon_tensor both = as_parts(y, 2);

    const Augmented augmented{engine, minus_a};
    odeon_derived_field field = derived_field(2, args.gtheta ? element_count(*args.gtheta) : 0);
    field.quadrature_in_norm = full_norm_ && field.quadratures > 0;
    field.eval = Augmented::eval;
    field.user = const_cast<Augmented*>(&augmented);
    const DerivedProblem backwards = solver_.problem(engine, field, false);
    odeon_problem_info info{};
    info.struct_size = sizeof info;
    check(engine.api().info(backwards.get(), &info));
    Reconstruction reconstruction(engine);
    bool warned = false;
    sweep(engine, f, args, a, slope, [&](int64_t i) {
      const Segment segment = segment_before(engine, f, i);
      engine.copy(y, segment.y_from);
      const double ends[2] = {segment.from, segment.to};
      odeon_solve_args solve = segment_args(both, ends);
      solve.quadrature = field.quadratures > 0 ? args.gtheta : nullptr;
      const odeon_status status = engine.api().solve(backwards.get(), &solve);
      if (status == ODEON_E_SOLVE_FAILED) explain_failure(reconstruction, segment);
      check(status);
      if (watches_ && !warned) warned = look(reconstruction, info, segment, y, engine.at(*f.ys, i - 1));
    });
  }

 private:
  static Segment segment_before(const Engine& engine, const odeon_gradient_forward_args& f, int64_t i) {
    return {f.times[i], f.times[i - 1], engine.at(*f.ys, i)};
  }

  // Looks at all of the states that came about once the backend is done.
  void backward_by_rows(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    const odeon_gradient_forward_args& f = tape.forward;
    const TapeMemory memory(engine, watches_ ? byte_count(*f.ys) : 0);
    odeon_tensor found = *f.ys;
    found.data = memory.data();
    odeon_problem_info info = engine.info();
    int64_t failed_at = 0;
    odeon_row_reverse_args reverse = row_reverse_args_of(args);
    reverse.y_found = watches_ ? &found : nullptr;
    reverse.failed_at = &failed_at;
    reverse.backward = &info;
    const odeon_status status = engine.api().row_reverse(engine.problem(), tape.rows.get(), &reverse);
    Reconstruction reconstruction(engine);
    if (status == ODEON_E_SOLVE_FAILED && failed_at > 0)
      explain_failure(reconstruction, segment_before(engine, f, failed_at));
    check(status);
    bool warned = !watches_;
    for (int64_t i = f.n_times - 1; i > 0 && !warned; --i)
      warned = look(reconstruction, info, segment_before(engine, f, i), engine.at(found, i - 1),
                    engine.at(*f.ys, i - 1));
  }

  // True when it has warned.
  bool look(Reconstruction& r, const odeon_problem_info& info, const Segment& s, const odeon_tensor& found,
            const odeon_tensor& stored) const {
    const double miss = r.mismatch(info, found, stored, s.y_from);
    if (miss <= bound_) return false;
    const bool controlled = is_controlled(info);
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, "from t = %.6g to %.6g misses the stored state by %.3g times %s",
                  s.from, s.to, miss, controlled ? "the tolerance" : "0.0001 of its size");
    char bound[80];
    std::snprintf(bound, sizeof bound, " (reconstruction_bound: %.6g)", bound_);
    const std::string growth = r.growth(s),
                      text = std::string("the state solved backwards ") + numbers + bound +
                             (growth.empty() ? "" : "; " + growth) +
                             "; the gradient would be that of another trajectory: " + kReconstructionRemedy +
                             ", or " + solver_.more_accurate(controlled);
    if (!only_warns_) throw Error(text, ODEON_E_SOLVE_FAILED);
    host_->log(host_, ODEON_LOG_WARNING, to_str("gradient 'adjoint': " + text));
    return true;
  }

  // Becomes the remedy of the failure that the engine found.
  static void explain_failure(Reconstruction& r, const Segment& s) {
    const std::string growth = r.growth(s);
    if (growth.empty()) return;
    char ends[80];
    std::snprintf(ends, sizeof ends, "from t = %.6g to %.6g", s.from, s.to);
    throw Error(std::string("this was gradient 'adjoint' solving the state backwards ") + ends + ": " +
                    growth + "; " + kReconstructionRemedy,
                ODEON_E_SOLVE_FAILED);
  }

  const odeon_host* host_;
  BackwardSolver solver_;
  bool full_norm_, watches_, only_warns_;
  double bound_;
};

constexpr odeon_gradient_api kApi =
    GradientApi<Adjoint>::table(ODEON_GRADIENT_CONTINUOUS | ODEON_GRADIENT_MEMORY_CONSTANT |
                                ODEON_GRADIENT_NEEDS_VJP | ODEON_GRADIENT_ROWS);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_GRADIENT,
    {str("adjoint"), str("Continuous adjoint, O(1) memory"),
     str("Solves the adjoint equation backwards together with the state, reset to the stored value at each "
         "observation. Memory does not grow with the number of steps; the error falls with the tolerance. "
         "Where "
         "the field decays fast the state cannot be solved backwards: that is measured, see reconstruction. "
         "Chen et al. 2018.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
