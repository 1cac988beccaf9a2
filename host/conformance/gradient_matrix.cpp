#include "conformance/gradient_matrix.hpp"

#include <odeon/gradient.h>

#include <cmath>

#include "conformance/test_problem.hpp"
#include "data/error.hpp"
#include "embed/application_field.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

// x' = v, v' = c / (x + b sin t)^3 + b sin t with θ = (b, c): nonlinear, non-autonomous, and open to solvers
// of second-order systems.
constexpr double kB = 0.4, kC = 0.6;
constexpr double kRows[][2] = {{1, 0.3}, {0.8, -0.5}};
const Numbers kTimes{0, 0.4, 1};

LoadedComponent repelled() {
  GraphBuilder g;
  const Value y = g.input(0, {ODEON_BATCH, 2}), t = g.reshape(g.time(), {ODEON_BATCH, 1}),
              x = g.slice(y, 1, 0, 1), v = g.slice(y, 1, 1, 2);
  const Value wave = g.mul(g.parameter(0, {}), g.sin(t)), q = g.add(x, wave);
  g.mark_output(g.concat(v, g.add(g.div(g.parameter(1, {}), g.powi(q, 3)), wave), 1));
  GraphField field;
  field.state_shape = {2};
  field.slots = {{"b", {}, ODEON_INIT_CONSTANT, kB, 0, {}}, {"c", {}, ODEON_INIT_CONSTANT, kC, 0, {}}};
  field.graph = g.finish();
  return to_component("repelled", field);
}

// q = x + b sin t obeys q'' = c / q^3, so q^2 = S = x0^2 + 2 x0 w t + (w^2 + c / x0^2) t^2 with w = v0 + b.
// From that dL/d(y0, θ, t) of the sum L of all states at all times.
Numbers gradients_of_the_flow() {
  const size_t n = kTimes.size();
  Numbers out(4 + 2 + n, 0.0);
  double *theta = &out[4], *times = &out[6];
  for (size_t row = 0; row < 2; ++row) {
    double* initial = &out[2 * row];
    const double x0 = kRows[row][0], v0 = kRows[row][1], w = v0 + kB, e = w * w + kC / (x0 * x0);
    for (size_t i = 0; i < n; ++i) {
      const double t = kTimes[i], s = x0 * x0 + 2 * x0 * w * t + e * t * t, ds = 2 * x0 * w + 2 * e * t,
                   q = std::sqrt(s);
      // dL from the changes of S and of dS/dt.
      const auto moved = [&](double by_s, double by_ds) {
        return by_s / (2 * q) + by_ds / (2 * q) - ds * by_s / (4 * s * q);
      };
      const double by_x0 = moved(2 * x0 + 2 * w * t - 2 * kC * t * t / std::pow(x0, 3),
                                 2 * w - 4 * kC * t / std::pow(x0, 3)),
                   by_w = moved(2 * x0 * t + 2 * w * t * t, 2 * x0 + 4 * w * t);
      initial[0] += by_x0;
      initial[1] += by_w;
      theta[0] += by_w - std::sin(t) - std::cos(t);
      theta[1] += moved(t * t / (x0 * x0), 2 * t / (x0 * x0));
      const double slope = ds / (2 * q) - kB * std::cos(t) + kC / std::pow(q, 3) + kB * std::sin(t);
      if (i > 0) times[i] += slope;
    }
    // Moving the first time is moving all others the other way, and the wave along.
    times[0] -= (initial[0] - 1) * v0 + (initial[1] - 1) * kC / std::pow(x0, 3);
  }
  return out;
}

struct Trial {
  ComponentChoice solver;
  double tolerance;  // what its own error comes to at most
};

// Methods that can, control their steps; others take steps that make their error about as small.
Trial trial_of(const LoadedComponent& solver, Stepping stepping, const Registry& registry) {
  ConfigNode node = parse_config("{}", "the matrix", ".");
  set_value(node, "plugin=" + solver.id);
  set_value(node, std::string("stepping=") + (stepping == Stepping::joint ? "joint" : "per_row"));
  const SolverChoice plain = make_solver(bind_component(ODEON_KIND_SOLVER, node, registry));
  const bool weak = plain.order() < 2;
  if (plain.estimates() || plain.own_steps()) {
    set_value(node, "rtol=1e-8");
    set_value(node, "atol=1e-8");
  } else {
    set_value(node, weak ? "step_size=0.001" : "step_size=0.004");
    set_value(node, "interpolation=cubic");
  }
  return {bind_component(ODEON_KIND_SOLVER, node, registry), weak ? 4e-3 : 5e-5};
}

ComponentChoice plain(int32_t kind, const std::string& id, const Registry& registry) {
  ConfigNode node = parse_config("{}", "the matrix", ".");
  set_value(node, "plugin=" + id);
  return bind_component(kind, node, registry);
}

// Of one backend, solver and stepping.
class Column {
 public:
  Column(const std::shared_ptr<Backend>& backend, const std::shared_ptr<Field>& field, const Trial& trial)
      : tolerance_(trial.tolerance), c_(backend, field, make_solver(trial.solver), ODEON_F64, 2) {
    c_.set_parameters(Array::of({kB, kC}, {2}));
  }

  void attempt(MatrixCell& cell, const LoadedComponent& gradient, const Registry& registry) {
    const auto& api = *static_cast<const odeon_gradient_api*>(gradient.descriptor->vtable);
    try {
      c_.differentiate(plain(ODEON_KIND_GRADIENT, gradient.id, registry), kTimes,
                       Array::of({&kRows[0][0], &kRows[0][0] + 4}, {2, 2}), nullptr);
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& e) {
      cell.reason = e.what();
      return;
    }
    cell.gradients = c_.grad_initial().to_doubles();
    for (const Array& part : {c_.grad_parameters(), c_.grad_times()})
      for (const double x : part.to_doubles()) cell.gradients.push_back(x);
    static const Numbers exact = gradients_of_the_flow();
    cell.error = largest_difference(cell.gradients, exact) / largest(exact);
    cell.outcome = !(cell.error <= tolerance_)                        ? MatrixCell::Outcome::wrong
                   : api.capabilities & ODEON_GRADIENT_DISCRETE_EXACT ? MatrixCell::Outcome::exact
                                                                      : MatrixCell::Outcome::approximate;
  }

 private:
  double tolerance_;
  Computation c_;
};

std::shared_ptr<Backend> opened(const LoadedComponent& backend, const Registry& registry) {
  try {
    return Backend::open(backend, &plain(ODEON_KIND_BACKEND, backend.id, registry).options.value());
  } catch (const Error& e) {
    log(ODEON_LOG_INFO, "the matrix is without backend '" + backend.id + "': " + e.what());
    return nullptr;
  }
}

}  // namespace

std::vector<MatrixCell> gradient_matrix(const Registry& registry) {
  const LoadedComponent field = repelled();
  const std::shared_ptr<Field> shared_field = make_field(field);
  std::vector<MatrixCell> cells;
  for (const LoadedComponent* b : registry.components(ODEON_KIND_BACKEND)) {
    const std::shared_ptr<Backend> backend = opened(*b, registry);
    if (!backend) continue;
    for (const LoadedComponent* s : registry.components(ODEON_KIND_SOLVER))
      for (const Stepping stepping : {Stepping::joint, Stepping::per_row}) {
        Column column(backend, shared_field, trial_of(*s, stepping, registry));
        for (const LoadedComponent* g : registry.components(ODEON_KIND_GRADIENT))
          column.attempt(cells.emplace_back(MatrixCell{
                             .solver = s->id, .gradient = g->id, .backend = b->id, .stepping = stepping}),
                         *g, registry);
      }
  }
  return cells;
}

}  // namespace odeon::host::conformance
