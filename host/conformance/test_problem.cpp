#include "conformance/test_problem.hpp"

#include <cmath>
#include <numbers>

#include "embed/application_field.hpp"

namespace odeon::host::conformance {
namespace {

constexpr int64_t kRows = 3;

// state: number of elements of a row; f: dy by elements of y and time, each [batch, 1].
template <class F>
LoadedComponent graph_field(const std::string& id, int64_t state, const F& f) {
  GraphBuilder g;
  const Value y = g.input(0, {ODEON_BATCH, state});
  std::vector<Value> elements;
  for (int64_t i = 0; i < state; ++i) elements.push_back(g.slice(y, 1, i, i + 1));
  const std::vector<Value> dy = f(g, elements, g.reshape(g.time(), {ODEON_BATCH, 1}));
  Value all = dy[0];
  for (size_t i = 1; i < dy.size(); ++i) all = g.concat(all, dy[i], 1);
  g.mark_output(all);
  GraphField field;
  field.state_shape = {state};
  field.graph = g.finish();
  return to_component(id, field);
}

// With u = y + 3 t, u' = 3 + 2 sin u, so 3 tan(u/2) + 2 = r tan(r (t + c) / 2) with r = sqrt(5); u grows by
// 2 pi each time the tangent passes its pole.
constexpr double kPhases[] = {-1, 0.3, 0.8};
Numbers phases_at(double t) {
  const double r = std::sqrt(5.0), pi = std::numbers::pi;
  Numbers out;
  for (const double y0 : kPhases) {
    const double angle = std::atan((3 * std::tan(y0 / 2) + 2) / r) + r * t / 2;
    out.push_back(2 * std::atan((r * std::tan(angle) - 2) / 3) + 2 * pi * std::round(angle / pi) - 3 * t);
  }
  return out;
}

// A body on an ellipse of eccentricity e and period 2 pi, at the nearest point when t = 0.
Numbers ellipse_at(double t, double e) {
  double anomaly = t;  // Kepler's equation by Newton
  for (int i = 0; i < 20; ++i) anomaly -= (anomaly - e * std::sin(anomaly) - t) / (1 - e * std::cos(anomaly));
  const double c = std::cos(anomaly), s = std::sin(anomaly), b = std::sqrt(1 - e * e);
  return {c - e, b * s, -s / (1 - e * c), b * c / (1 - e * c)};
}

Numbers ellipses_at(double t) {
  Numbers out;
  for (double e : {0.1, 0.3, 0.4})
    for (double x : ellipse_at(t, e)) out.push_back(x);
  return out;
}

// q = a cos t + b sin t - cos(2 t) / 6.
Numbers springs_at(double t) {
  Numbers out;
  for (const auto& [a, b] : {std::pair(1.0, 0.5), std::pair(-0.4, 1.0), std::pair(0.7, -0.9)}) {
    out.push_back(a * std::cos(t) + b * std::sin(t) - std::cos(2 * t) / 6);
    out.push_back(-a * std::sin(t) + b * std::cos(t) + std::sin(2 * t) / 3);
  }
  return out;
}

}  // namespace

TestProblem two_bodies() {
  const auto f = [](GraphBuilder& g, const std::vector<Value>& y, Value) {
    const Value r2 = g.add(g.powi(y[0], 2), g.powi(y[1], 2)), r3 = g.mul(r2, g.sqrt(r2));
    return std::vector<Value>{y[2], y[3], g.neg(g.div(y[0], r3)), g.neg(g.div(y[1], r3))};
  };
  return {"two_bodies", graph_field("two_bodies", 4, f), Array::of(ellipses_at(0), {kRows, 4}), 0, 2,
          ellipses_at};
}

TestProblem travelling_phase() {
  const auto f = [](GraphBuilder& g, const std::vector<Value>& y, Value t) {
    return std::vector<Value>{g.scale(g.sin(g.add(y[0], g.scale(t, 3))), 2)};
  };
  return {
      "travelling_phase", graph_field("travelling_phase", 1, f), Array::of(phases_at(0), {kRows, 1}), 0, 2.2,
      phases_at};
}

TestProblem kaps() {
  constexpr double kRate = 1e6;
  const auto f = [](GraphBuilder& g, const std::vector<Value>& y, Value) {
    const Value square = g.powi(y[1], 2);
    return std::vector<Value>{g.sub(g.scale(g.sub(square, y[0]), kRate), g.scale(y[0], 2)),
                              g.sub(y[0], g.add(y[1], square))};
  };
  return {"kaps", graph_field("kaps", 2, f), Array::of({1, 1}, {1, 2}), 0, 2, [](double t) {
            return Numbers{std::exp(-2 * t), std::exp(-t)};
          }};
}

TestProblem decays(const Numbers& rates) {
  const int64_t n = static_cast<int64_t>(rates.size());
  const auto f = [rates](GraphBuilder& g, const std::vector<Value>& y, Value) {
    std::vector<Value> dy;
    for (size_t i = 0; i < y.size(); ++i) dy.push_back(g.scale(y[i], rates[i]));
    return dy;
  };
  return {"decays", graph_field("decays", n, f), Array::of(Numbers(rates.size(), 1.0), {1, n}), 0, 1, {}};
}

TestProblem forced_spring() {
  const auto f = [](GraphBuilder& g, const std::vector<Value>& y, Value t) {
    return std::vector<Value>{y[1], g.sub(g.scale(g.cos(g.scale(t, 2)), 0.5), y[0])};
  };
  return {"forced_spring", graph_field("forced_spring", 2, f), Array::of(springs_at(0), {kRows, 2}), 0, 2,
          springs_at};
}

std::shared_ptr<Field> make_field(const LoadedComponent& field) {
  const BoundOptions none;
  return Field::create(field, &none.value(), {});
}

std::unique_ptr<Computation> make_computation(const Subject& s, const LoadedComponent& field,
                                              const std::string& solver_options, int64_t batch,
                                              int32_t dtype) {
  const ComponentChoice choice = s.solver(solver_options);
  return std::make_unique<Computation>(s.open_backend(), make_field(field), make_solver(choice), dtype,
                                       batch);
}

Numbers solve(const Subject& s, const TestProblem& p, const Numbers& times,
              const std::string& solver_options) {
  const auto c = make_computation(s, p.field, solver_options, p.initial.shape[0]);
  c->solve(times, p.initial);
  return c->states().to_doubles();
}

}  // namespace odeon::host::conformance
