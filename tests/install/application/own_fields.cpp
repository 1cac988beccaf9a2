// Fields of the program: a function with and without derivative products, and a graph without any.
#include <odeon/sdk/graph_field.hpp>

#include "expect.hpp"

using namespace odeon::host;

namespace {

constexpr double kTolerance = 1e-8;    // solver tolerances are 1e-10
constexpr double kTolerance32 = 1e-5;  // round-off of float32
constexpr double kDifferences = 1e-5;  // of central differences of solves
constexpr double kTimes[] = {0.5, 1.5};
constexpr char kSolver[] = "{plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-12}";

// y' = -t y, so y(t1) = y0 exp((t0^2 - t1^2) / 2).
FunctionField gaussian(const std::string& id, bool with_vjp) {
  FunctionField field{
      .id = id, .state_shape = {1}, .f = [](double t, auto y, auto dydt) { dydt[0] = -t * y[0]; }, .vjp = {}};
  if (with_vjp)
    field.vjp = [](double t, auto y, auto v, auto gy) {
      gy[0] = -t * v[0];
      return -y[0] * v[0];
    };
  return field;
}

void check_gaussian(Problem problem, const std::string& strategy, double tolerance) {
  const std::vector<double> initial{1.0, 2.0}, cotangents{0, 0, 1, 1};
  const double factor = std::exp((0.25 - 2.25) / 2), loss = 3 * factor;
  const Gradients g = problem.gradient(strategy, kTimes, initial, cotangents, 2);
  expect_near(g.states.values.at(3), 2 * factor, tolerance, strategy + ": state of a function");
  expect_near(g.initial.values.at(0), factor, tolerance, strategy + ": dL/dy0 of a function");
  expect_near(g.times.values.at(0), 0.5 * loss, tolerance, strategy + ": dL/dt0 of a function");
  expect_near(g.times.values.at(1), -1.5 * loss, tolerance, strategy + ": dL/dt1 of a function");
}

// y' = -k sin(y), built as a graph: Odeon derives everything.
odeon::GraphField sine() {
  odeon::GraphBuilder g;
  odeon::GraphField field;
  field.state_shape = {1};
  field.slots.push_back({"k", {}, ODEON_INIT_CONSTANT, 0.5, 0, {}});
  const odeon::Value y = g.input(0, {ODEON_BATCH, 1});
  g.mark_output(g.neg(g.mul(g.sin(y), g.parameter(0, {}))));
  field.graph = g.finish();
  return field;
}

// y' = -k t y in two rows, k a parameter.
BatchField damped() {
  return {.id = "damped",
          .state_shape = {1},
          .parameters = {{"k", {}, {0.5}}},
          .f =
              [](double t, auto y, auto theta, auto dydt) {
                for (size_t r = 0; r < y.size(); ++r) dydt[r] = -theta[0] * t * y[r];
              },
          .vjp =
              [](double t, auto y, auto theta, auto v, const BatchField::Products& out) {
                out.theta[0] = 0;
                for (size_t r = 0; r < y.size(); ++r) {
                  out.t[r] = -theta[0] * y[r] * v[r];
                  out.y[r] = -theta[0] * t * v[r];
                  out.theta[0] -= t * y[r] * v[r];
                }
              }};
}

void check_batch_field(Session& session) {
  session.add_batch_field(damped());
  const std::vector<double> initial{1.0, 2.0}, cotangents{0, 0, 1, 1};
  for (const std::string stepping : {"joint", "per_row"})
    for (const std::string strategy : {"direct", "adjoint", "finite_difference"}) {
      const std::string who = strategy + ", " + stepping + ": ";
      Problem problem = session.problem(
          {.field = "damped",
           .solver = "{plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-12, stepping: " + stepping + "}"});
      problem.set_parameter_values(std::vector{1.0});
      const double factor = std::exp((0.25 - 2.25) / 2), loss = 3 * factor;
      const Gradients g = problem.gradient(strategy, kTimes, initial, cotangents, 2);
      const double tolerance = strategy == "finite_difference" ? kDifferences : kTolerance;
      expect_near(g.states.values.at(3), 2 * factor, kTolerance, who + "state of a field over rows");
      expect_near(g.initial.values.at(1), factor, tolerance, who + "dL/dy0 of a field over rows");
      expect_near(g.parameters.values.at(0), -loss, tolerance, who + "dL/dk of a field over rows");
      expect_near(g.times.values.at(1), -1.5 * loss, tolerance, who + "dL/dt1 of a field over rows");
    }
  BatchField wrong = damped();
  wrong.id = "wrong";
  wrong.parameters[0].shape = {2};
  expect_error(ExitCode::bad_configuration, "its shape has 2 elements; found 1 values",
               "a parameter with too few values", [&] { session.add_batch_field(wrong); });
  wrong.parameters = {{"k", {}, {0.5}}, {"k", {}, {0.5}}};
  expect_error(ExitCode::bad_configuration, "two of this name", "two parameters of one name",
               [&] { session.add_batch_field(wrong); });
}

struct Mine {};  // not a std::exception

template <class Body>
void expect_mine(const std::string& what, Body&& body) {
  try {
    body();
    expect(false, what + ": the program's exception was swallowed");
  } catch (const Mine&) {
  }
}

}  // namespace

void check_own_fields(Session& session) {
  session.add_field(gaussian("gaussian", true));
  session.add_field(gaussian("plain_gaussian", false));
  session.add_field("sine", sine());
  check_batch_field(session);

  for (const std::string strategy : {"direct", "adjoint"}) {
    check_gaussian(session.problem({.field = "gaussian", .solver = kSolver}), strategy, kTolerance);
    check_gaussian(session.problem({.field = "gaussian",
                                    .solver = "{plugin: dopri5, rtol: 1.0e-6}",
                                    .precision = Precision::float32}),
                   strategy, kTolerance32);
  }

  Problem plain = session.problem({.field = "plain_gaussian", .solver = kSolver});
  const std::vector<double> one{1.0};
  expect_near(plain.solve(kTimes, one).states.values.at(1), std::exp(-1.0), kTolerance,
              "no vjp, no gradient");
  expect_error(ExitCode::bad_configuration, "'vjp'", "a field without vjp is refused", [&] {
    plain.gradient("adjoint", kTimes, one, std::vector{0.0, 1.0});
  });

  expect_error(ExitCode::bad_configuration, "capability 'graph'", "second order without a graph is refused",
               [&] {
                 session.problem({.field = "gaussian", .solver = kSolver})
                     .hessian_product("direct", kTimes, one, std::vector{0.0, 1.0}, {{1.0}, {}, {}});
               });

  // tan(y/2) decays with the rate k.
  const double k = 0.5, y1 = 2 * std::atan(std::tan(0.5) * std::exp(-k));
  const Gradients g = session.problem({.field = "sine", .solver = kSolver})
                          .gradient("adjoint", kTimes, one, std::vector{0.0, 1.0});
  expect_near(g.states.values.at(1), y1, kTolerance, "state of a graph");
  expect_near(g.initial.values.at(0), std::sin(y1) / std::sin(1.0), kTolerance, "dL/dy0 of a graph");
  expect_near(g.parameters.values.at(0), -std::sin(y1), kTolerance, "dL/dk of a graph");

  expect_error(ExitCode::bad_configuration, "exists already", "an id that is taken",
               [&] { session.add_field(gaussian("expression", true)); });
  expect_error(ExitCode::bad_configuration, "'Big'", "an id that is none",
               [&] { session.add_field(gaussian("Big", true)); });

  // An exception of the program's function comes out as it is, also through a strategy's C frames.
  FunctionField thrower = gaussian("thrower", true);
  int calls = 0;
  thrower.f = [&](double t, auto y, auto dydt) {
    if (++calls > 3) throw Mine{};
    dydt[0] = -t * y[0];
  };
  session.add_field(thrower);
  Problem throwing = session.problem({.field = "thrower", .solver = kSolver});
  expect_mine("solve", [&] { throwing.solve(kTimes, one); });
  for (const char* strategy : {"direct", "adjoint"}) {
    calls = 0;
    expect_mine(strategy, [&] { throwing.gradient(strategy, kTimes, one, std::vector{0.0, 1.0}); });
  }
  expect(session.problem({.field = "gaussian", .solver = kSolver}).solve(kTimes, one).ok(), "life goes on");
}
