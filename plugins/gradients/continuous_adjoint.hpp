// What the continuous adjoints share: options of the backward pass, its problem, and the sweep over the
// observations, where a jumps by dL/dy(t_i):
//   dL/dt_i = dL/dy(t_i) . f(t_i, y(t_i)),   dL/dy0 = a(t_0),   dL/dt_0 = -a(t_0) . f(t_0, y0).
#pragma once
#include <limits>
#include <odeon/sdk/gradient.hpp>
#include <optional>

namespace odeon::continuous {

inline constexpr odeon_str kSolverKind[] = {str("solver")};
inline constexpr odeon_str kNorms[] = {str("seminorm"), str("full")};
inline constexpr odeon_option kSolver =
    with_choices(make_option(ODEON_OPTION_COMPONENT, str("solver"), kNoText,
                             str("Solver of the backward pass; the forward one when absent.")),
                 kSolverKind);
inline constexpr odeon_option kRtol =
    ranged(make_option(ODEON_OPTION_REAL, str("rtol"), kNoText,
                       str("Relative tolerance of the backward pass; the solver's when absent.")),
           0, ODEON_UNBOUNDED_ABOVE);
inline constexpr odeon_option kAtol =
    ranged(make_option(ODEON_OPTION_REAL, str("atol"), kNoText,
                       str("Absolute tolerance of the backward pass; the solver's when absent.")),
           0, ODEON_UNBOUNDED_ABOVE);

class BackwardSolver {
 public:
  explicit BackwardSolver(const Options& options) {
    // The handle's options live as long as the experiment does.
    if (options.given("solver"))
      solver_ = static_cast<const odeon_component_handle*>(options.at("solver").handle);
    if (options.given("rtol")) rtol_ = options.real("rtol");
    if (options.given("atol")) atol_ = options.real("atol");
  }

  DerivedProblem problem(const Engine& engine, const odeon_derived_field& field, bool ends_exactly) const {
    odeon_derive_args args{};
    args.struct_size = sizeof args;
    args.field = &field;
    args.solver = solver_;
    args.rtol = rtol_;
    args.atol = atol_;
    args.ends_exactly = ends_exactly;
    return derive(engine, args);
  }
  // The same for a backend that does it.
  odeon_row_solve_args rows() const {
    odeon_row_solve_args args{};
    args.method = ODEON_SOLVE_GRADIENT_ADJOINT;
    args.solver = solver_;
    args.rtol = rtol_;
    args.atol = atol_;
    return args;
  }

  // How the configuration can have this solve more accurate. controlled: its steps follow their errors.
  std::string more_accurate(bool controlled) const {
    const std::string of = solver_ ? "gradient.solver" : controlled ? "gradient" : "solver";
    return controlled ? "tighten " + of + ".rtol and " + of + ".atol" : "shorten the steps of '" + of + "'";
  }

 private:
  const odeon_component_handle* solver_ = nullptr;
  double rtol_ = std::numeric_limits<double>::quiet_NaN(), atol_ = rtol_;
};

// The backward system of `parts` states, dL/dtheta by a quadrature of `quadratures` elements.
inline odeon_derived_field derived_field(int32_t parts, int64_t quadratures) {
  odeon_derived_field field{};
  field.struct_size = sizeof field;
  field.parts = parts;
  field.quadratures = quadratures;
  return field;
}

// A solve of `state` in place from ends[0] to ends[1].
inline odeon_solve_args segment_args(const odeon_tensor& state, const double (&ends)[2]) {
  odeon_solve_args solve{};
  solve.struct_size = sizeof solve;
  solve.y0 = solve.y_last = &state;
  solve.times = ends;
  solve.n_times = 2;
  return solve;
}

// segment(i) takes a from times[i] to times[i - 1]. slope: scratch.
template <class Segment>
void sweep(const Engine& engine, const odeon_gradient_forward_args& f,
           const odeon_gradient_backward_args& args, const odeon_tensor& a, const odeon_tensor& slope,
           const Segment& segment) {
  const Dot dot(engine);
  engine.fill(a, 0);
  for (int64_t i = f.n_times - 1; i > 0; --i) {
    const odeon_tensor gy = engine.at(*args.gys, i);
    if (args.gtimes) {
      engine.eval(f.times[i], engine.at(*f.ys, i), slope);
      args.gtimes[i] = dot(gy, slope);
    }
    engine.add(a, gy);
    segment(i);
  }
  if (args.gtimes) {  // y0 does not move with t0, the rest of the trajectory does
    engine.eval(f.times[0], *f.y0, slope);
    args.gtimes[0] = -dot(a, slope);
  }
  engine.copy(*args.gy0, a);
  engine.add(*args.gy0, engine.at(*args.gys, 0));
}

// da/dt = -a^T df/dy at y(t) of a stored solution, and q = -a^T df/dtheta where it is wanted.
struct StoredAdjoint {
  const Engine& engine;
  const StoredSolution& solution;
  odeon_tensor y, minus_a;
  double t_of_y = std::numeric_limits<double>::quiet_NaN();  // many evaluations of an implicit step share it

  void at(double t) {
    if (t != t_of_y) solution.eval(t, y);
    t_of_y = t;
  }

  static odeon_status eval(void* user, odeon_scalar t, const odeon_tensor* state,
                           const odeon_tensor* derivative, const odeon_tensor* q) {
    auto& self = *static_cast<StoredAdjoint*>(user);
    return barrier(nullptr, [&] {
      const odeon_tensor a = row(*state, 0), da = row(*derivative, 0);
      const double minus = -1;
      self.at(t.value);
      self.engine.lincomb(self.minus_a, nullptr, 1, {&minus, 1}, {&a, 1});
      odeon_vjp_args v{};  // linear in its cotangent: -a gives da/dt and the integrand directly
      v.struct_size = sizeof v;
      v.gy_mode = ODEON_WRITE_OVERWRITE;
      v.gtheta_mode = q ? ODEON_WRITE_OVERWRITE : ODEON_WRITE_SKIP;
      v.t = t;
      v.y = &self.y;
      v.v = &self.minus_a;
      v.gy = &da;
      v.gtheta = q;
      self.engine.vjp(v);
    });
  }
};

}  // namespace odeon::continuous
