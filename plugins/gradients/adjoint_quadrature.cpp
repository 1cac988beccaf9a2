// The continuous adjoint along the stored solution, with dL/dtheta afterwards: the backward pass solves only
//   da/dt = -a^T df/dy (t, y(t)),   a jumps by dL/dy(t_i) at t_i,
// keeps a(t) as its dense output for a segment, and then adds, on each of its steps from t to t + h,
//   dL/dtheta -= h sum_k w_k a(t + x_k h)^T df/dtheta (t + x_k h, y(t + x_k h))
// with the nodes of Gauss and Legendre, so that no stage and no rejected step pays for products with
// df/dtheta. C. Rackauckas et al., arXiv:1812.01892 (QuadratureAdjoint); GaussAdjoint of SciMLSensitivity.
#include <array>
#include <cmath>
#include <numbers>

#include "continuous_adjoint.hpp"

namespace {

using namespace odeon;
using namespace odeon::continuous;

constexpr int64_t kMostNodes = 10;
constexpr odeon_option kNodes = ranged(
    make_option(ODEON_OPTION_INT, str("nodes"), kNoText,
                str("Gauss nodes on each backward step for dL/dtheta; when absent, as many as integrate the "
                    "polynomials of the forward method's order exactly, and at least 3.")),
    1, kMostNodes);
constexpr const odeon_option* kOptions[] = {&kSolver, &kRtol, &kAtol, &kNodes};

struct Node {
  double x, weight;  // on [0, 1]
};

// Newton's iteration for the zeros of the Legendre polynomial P_n, from Tricomi's estimate.
std::vector<Node> gauss_legendre(int n) {
  std::vector<Node> nodes;
  for (int i = 1; i <= n; ++i) {
    double z = std::cos(std::numbers::pi * (i - 0.25) / (n + 0.5)), slope = 0;
    for (int iteration = 0; iteration < 10; ++iteration) {
      double p = 1, before = 0;
      for (int k = 1; k <= n; ++k) {
        const double next = ((2 * k - 1) * z * p - (k - 1) * before) / k;
        before = std::exchange(p, next);
      }
      slope = n * (z * p - before) / (z * z - 1);
      z -= p / slope;
    }
    nodes.push_back({(1 - z) / 2, 1 / ((1 - z * z) * slope * slope)});
  }
  return nodes;
}

class AdjointQuadrature {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;
    StoredSolution solution;
  };

  AdjointQuadrature(const odeon_host*, const Options& options) : solver_(options) {
    if (options.given("nodes")) nodes_ = static_cast<int>(options.integer("nodes"));
  }

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
    odeon_derived_field field = derived_field(1, 0);
    field.eval = StoredAdjoint::eval;
    field.user = &adjoint;
    const DerivedProblem backwards = solver_.problem(engine, field, true);
    const bool wants_theta = args.gtheta && element_count(*args.gtheta) > 0;
    const std::vector<Node> nodes = gauss_legendre(nodes_of(engine));
    StoredSolution of_a(engine);
    sweep(engine, f, args, a, slope, [&](int64_t i) {
      const double segment[2] = {f.times[i], f.times[i - 1]};
      odeon_solve_args solve = segment_args(part, segment);
      solve.dense = wants_theta ? of_a.receive() : nullptr;
      check(engine.api().solve(backwards.get(), &solve));
      if (wants_theta) add_theta(adjoint, of_a, nodes, *args.gtheta);
      of_a.reset();
    });
  }

 private:
  int nodes_of(const Engine& engine) const {
    if (nodes_ > 0) return nodes_;
    constexpr int kUsual = 3;  // exact to degree 5
    const odeon_tableau* tableau = engine.info().tableau;
    return std::min<int>(kMostNodes, std::max(kUsual, tableau ? (tableau->order + 1) / 2 : kUsual));
  }

  static void add_theta(StoredAdjoint& adjoint, const StoredSolution& of_a, const std::vector<Node>& nodes,
                        const odeon_tensor& gtheta) {
    const odeon_tensor a = as_parts(adjoint.minus_a, 1);
    const std::span<const double> ends = of_a.times();
    for (size_t step = 0; step + 1 < ends.size(); ++step)
      for (const Node& node : nodes) {
        const double h = ends[step + 1] - ends[step], t = ends[step] + node.x * h, minus = -h * node.weight;
        adjoint.at(t);
        of_a.eval(t, a);
        adjoint.engine.lincomb(adjoint.minus_a, nullptr, 1, {&minus, 1}, {&adjoint.minus_a, 1});
        odeon_vjp_args v{};
        v.struct_size = sizeof v;
        v.gtheta_mode = ODEON_WRITE_ACCUMULATE;
        v.t = host_scalar(t);
        v.y = &adjoint.y;
        v.v = &adjoint.minus_a;
        v.gtheta = &gtheta;
        adjoint.engine.vjp(v);
      }
  }

  BackwardSolver solver_;
  int nodes_ = 0;  // 0: by the method's order
};

constexpr odeon_gradient_api kApi = GradientApi<AdjointQuadrature>::table(
    ODEON_GRADIENT_CONTINUOUS | ODEON_GRADIENT_MEMORY_LINEAR | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_GRADIENT,
    {str("adjoint_quadrature"), str("Continuous adjoint, dL/dtheta by Gauss quadrature"),
     str("As adjoint_interpolated, but dL/dtheta is integrated afterwards on each backward step by Gauss and "
         "Legendre's formula, so it costs fewer products where there are many parameters. dL/dtheta is not "
         "in "
         "the error norm. Memory: that of adjoint_interpolated, and as much for each backward step between "
         "two "
         "observations.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
