// Forward sensitivities: the state and its derivatives along directions are one system, solved forwards.
//   dS_j/dt = df/dy S_j,  S_j(t0) = e_j          for each element j of a row's initial state,
//   dS_k/dt = df/dy S_k + df/dθ e_k,  S_k(t0) = 0  for each element k of θ.
// Rows are independent, so one direction serves an element of all rows at once. The error norm sees every
// part. R. P. Dickinson, R. J. Gelinas, J. Comput. Phys. 21 (1976) 123-143.
#include <limits>
#include <odeon/sdk/gradient.hpp>
#include <string>

namespace {

using namespace odeon;

constexpr odeon_str kSolverKind[] = {str("solver")};
constexpr odeon_option kSolver = with_choices(
    make_option(ODEON_OPTION_COMPONENT, str("solver"), kNoText,
                str("Solver of the state with its sensitivities; the experiment's when absent.")),
    kSolverKind);
constexpr odeon_option kMaxDirections = ranged(
    make_option(ODEON_OPTION_INT, str("max_directions"), str("256"),
                str("The most directions to integrate beside the state: elements of a row's state and of "
                    "the parameters. Time and memory grow with them.")),
    1, ODEON_UNBOUNDED_ABOVE);
constexpr const odeon_option* kOptions[] = {&kSolver, &kMaxDirections};

// Unit vectors e_k of θ as windows on one vector with a single 1.
struct UnitVectors {
  const odeon_tensor window;  // over n elements; data: n - 1 zeros, 1, n - 1 zeros
  odeon_tensor operator()(int64_t k) const {
    odeon_tensor e = window;
    e.data = static_cast<char*>(e.data) + (element_count(e) - 1 - k) * dtype_bytes(e.dtype);
    return e;
  }
};

// The right-hand side on one call's memory: parts are y, then the sensitivities by y0, then by θ.
struct Sensitivities {
  const Engine& engine;
  int64_t of_state, of_theta;
  UnitVectors unit;

  static odeon_status eval(void* user, odeon_scalar t, const odeon_tensor* state,
                           const odeon_tensor* derivative, const odeon_tensor*) {
    const auto& self = *static_cast<const Sensitivities*>(user);
    return barrier(nullptr, [&] {
      const odeon_tensor y = row(*state, 0);
      self.engine.eval(t.value, y, row(*derivative, 0));
      for (int64_t j = 0; j < self.of_state + self.of_theta; ++j) {
        const odeon_tensor u = row(*state, 1 + j), Ju = row(*derivative, 1 + j);
        odeon_jvp_args a{};
        a.struct_size = sizeof a;
        a.t = t;
        a.y = &y;
        a.u = &u;
        a.Ju = &Ju;
        odeon_tensor e{};
        if (j >= self.of_state) e = self.unit(j - self.of_state), a.theta_dot = &e;
        self.engine.jvp(a);
      }
    });
  }
};

class Forward {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;
    int64_t of_state, of_theta;
    TapeMemory memory;  // [times, parts, batch, state…]
  };

  Forward(const odeon_host*, const Options& options) : max_directions_(options.integer("max_directions")) {
    // The handle's options live as long as the experiment does.
    if (options.given("solver"))
      solver_ = static_cast<const odeon_component_handle*>(options.at("solver").handle);
  }

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    const odeon_tensor& shape = engine.info().state;
    const int64_t of_state = element_count(shape) / row_count(shape),
                  of_theta = element_count(engine.info().theta), parts = 1 + of_state + of_theta;
    require_few(of_state, of_theta);
    auto tape = std::make_unique<Tape>(
        Tape{args, of_state, of_theta, {engine, args.n_times * parts * engine.state_bytes()}});
    const TapeMemory beginning(engine, parts * engine.state_bytes()),
        unit(engine, std::max<int64_t>(1, 2 * of_theta - 1) * dtype_bytes(shape.dtype));
    const Sensitivities system{
        engine, of_state, of_theta, {make_tensor(unit.data(), shape.dtype, {of_theta})}};
    begin(engine, system, *args.y0, beginning.data());
    solve(engine, system, *tape, as_parts(engine.state(beginning.data()), parts));
    for (int64_t i = 0; i < args.n_times; ++i)
      engine.copy(engine.at(*args.ys, i), engine.state(part(engine, *tape, i, 0)));
    return tape;
  }

  // dL/dx = Σ_i dL/dy(t_i) · S_x(t_i), on the host and in double precision.
  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    const size_t n = static_cast<size_t>(element_count(engine.info().state)),
                 width = static_cast<size_t>(tape.of_state), n_theta = static_cast<size_t>(tape.of_theta);
    std::vector<double> gy0(n), gtheta(n_theta);
    for (int64_t i = 0; i < tape.forward.n_times; ++i) {
      const std::vector<double> gy = engine.read(engine.at(*args.gys, i));
      for (size_t j = 0; j < width + (args.gtheta ? n_theta : 0); ++j) {
        const std::vector<double> s =
            engine.read(engine.state(part(engine, tape, i, 1 + static_cast<int64_t>(j))));
        for (size_t k = 0; k < n; ++k) {
          const double product = gy[k] * s[k];
          if (j >= width)
            gtheta[j - width] += product;
          else
            gy0[k / width * width + j] += product;
        }
      }
    }
    engine.write(*args.gy0, gy0);
    if (args.gtheta && n_theta > 0) add_from_host(engine, *args.gtheta, gtheta);
    if (args.gtimes) times_of_the_flow(engine, tape.forward, args);
  }

 private:
  void require_few(int64_t of_state, int64_t of_theta) const {
    if (of_state + of_theta <= max_directions_) return;
    throw Error("gradient 'forward' would integrate " + std::to_string(of_state + of_theta) +
                    " directions here, " + std::to_string(of_state) + " of a row's state and " +
                    std::to_string(of_theta) + " of the parameters, but max_directions is " +
                    std::to_string(max_directions_) +
                    "; raise it, or use gradient adjoint or direct, whose cost does not grow with them",
                ODEON_E_UNSUPPORTED);
  }

  static void* part(const Engine& engine, const Tape& tape, int64_t time, int64_t part) {
    return tape.memory.bytes() + (time * (1 + tape.of_state + tape.of_theta) + part) * engine.state_bytes();
  }

  static void begin(const Engine& engine, const Sensitivities& system, const odeon_tensor& y0, void* memory) {
    const odeon_tensor all = as_parts(engine.state(memory), 1 + system.of_state + system.of_theta);
    engine.fill(all, 0);
    engine.copy(row(all, 0), y0);
    const size_t n = static_cast<size_t>(element_count(y0)), width = static_cast<size_t>(system.of_state);
    for (size_t j = 0; j < width; ++j) {
      std::vector<double> e(n);
      for (size_t k = j; k < n; k += width) e[k] = 1;
      engine.write(row(all, 1 + static_cast<int64_t>(j)), e);
    }
    if (system.of_theta == 0) return;
    std::vector<double> unit(static_cast<size_t>(2 * system.of_theta - 1));
    unit[static_cast<size_t>(system.of_theta - 1)] = 1;
    engine.write(make_tensor(system.unit.window.data, y0.dtype, {2 * system.of_theta - 1}), unit);
  }

  void solve(const Engine& engine, const Sensitivities& system, const Tape& tape,
             const odeon_tensor& beginning) const {
    odeon_derived_field field{};
    field.struct_size = sizeof field;
    field.parts = static_cast<int32_t>(beginning.shape[0]);
    field.eval = Sensitivities::eval;
    field.user = const_cast<Sensitivities*>(&system);
    odeon_derive_args derived{};
    derived.struct_size = sizeof derived;
    derived.field = &field;
    derived.solver = solver_;
    derived.rtol = derived.atol = std::numeric_limits<double>::quiet_NaN();
    const DerivedProblem problem = derive(engine, derived);
    // One behind the other; the engine goes by the size of a state, so times and parts may share an axis.
    odeon_tensor ys = beginning;
    ys.data = tape.memory.data();
    ys.shape[0] *= tape.forward.n_times;
    odeon_solve_args args{};
    args.struct_size = sizeof args;
    args.y0 = &beginning;
    args.times = tape.forward.times;
    args.n_times = tape.forward.n_times;
    args.ys = &ys;
    check(engine.api().solve(problem.get(), &args));
  }

  const odeon_component_handle* solver_ = nullptr;
  int64_t max_directions_;
};

constexpr odeon_gradient_api kApi =
    GradientApi<Forward>::table(ODEON_GRADIENT_CONTINUOUS | ODEON_GRADIENT_MEMORY_CONSTANT);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_GRADIENT,
    {str("forward"), str("Forward sensitivities"),
     str("Solves the state together with its derivatives by every element of a row's initial state and of "
         "the "
         "parameters, forwards, with their errors under control. For few parameters: time and memory grow "
         "with "
         "their number, and not with that of the steps; the tape is one state per observation and direction. "
         "Needs no vjp; a field without a graph is differentiated by central differences. Dickinson, Gelinas "
         "1976.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
