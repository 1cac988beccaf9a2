// dy/dt = -k y from an installed field: states, gradients, parameters, failures.
#include "expect.hpp"

using namespace odeon::host;

namespace {

constexpr double kK = 0.5;
constexpr double kTimes[] = {0.0, 1.0, 2.0};
constexpr double kInitial[] = {1.0, -2.0};  // two rows
// Solver tolerances are 1e-10; the errors over two units of time stay within this.
constexpr double kTolerance = 1e-8;

ProblemSpec decay(const std::string& backend) {
  ProblemSpec spec;
  spec.field = "{plugin: expression, state: [y], parameters: {k: 0.5}, derivatives: {y: -k*y}}";
  spec.solver = "{plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-12}";
  spec.backend = backend;
  return spec;
}

// L = y_0(2) + 3 y_1(2).
void check_gradient(Problem& problem, const std::string& strategy) {
  const double cotangents[] = {0, 0, 0, 0, 1, 3};
  const Gradients g = problem.gradient(strategy, kTimes, kInitial, cotangents, 2);
  const double decayed = std::exp(-2 * kK), loss = decayed * (1.0 - 6.0);
  expect(g.ok(), strategy + " succeeds");
  expect_near(g.initial.values.at(0), decayed, kTolerance, strategy + ": dL/dy0, row 0");
  expect_near(g.initial.values.at(1), 3 * decayed, kTolerance, strategy + ": dL/dy0, row 1");
  expect_near(g.parameters.values.at(0), -2 * loss, kTolerance, strategy + ": dL/dk");
  expect_near(g.times.values.at(2), -kK * loss, kTolerance, strategy + ": dL/dt of the last time");
  expect_near(g.times.values.at(0), kK * loss, kTolerance, strategy + ": dL/dt of the first time");
  expect(g.backward.vjps > 0, strategy + " counts its vjps");

  // Along v = (y0' = [1, 0], k' = 1).
  const HessianProduct h =
      problem.hessian_product(strategy, kTimes, kInitial, cotangents, {{1, 0}, {1}, {}}, 2);
  expect(h.ok(), strategy + " succeeds in second order");
  expect_near(h.initial.values.at(0), -2 * decayed, kTolerance, strategy + ": H v by y0, row 0");
  expect_near(h.initial.values.at(1), -6 * decayed, kTolerance, strategy + ": H v by y0, row 1");
  expect_near(h.parameters.values.at(0), -2 * decayed + 4 * loss, kTolerance, strategy + ": H v by k");
  expect_near(h.loss, decayed - 2 * loss, kTolerance, strategy + ": the loss along v");
}

// Goes back twice from one solve, whatever happens to the problem in between.
void check_gradient_pass(const Session& session, const std::string& strategy) {
  auto problem = std::make_unique<Problem>(session.problem(decay("auto")));
  GradientPass pass = problem->begin_gradient(strategy, kTimes, kInitial, 2);
  expect(pass.solution().ok() &&
             pass.solution().states.values == problem->solve(kTimes, kInitial, 2).states.values,
         strategy + ": a pass has the states of the solve");
  std::vector<Gradients> expected;
  const std::vector<std::vector<double>> losses{{0, 0, 0, 0, 1, 3}, {0, 0, 2, -1, 0, 0}};
  for (const auto& cotangents : losses)
    expected.push_back(problem->gradient(strategy, kTimes, kInitial, cotangents, 2));
  problem->set_parameter_values(std::vector{3.0});
  problem->solve(kTimes, std::vector{5.0});
  problem.reset();
  for (size_t i = 0; i < losses.size(); ++i) {
    const Gradients g = pass.backward(losses[i]);
    expect(g.ok() && g.initial.values == expected[i].initial.values &&
               g.parameters.values == expected[i].parameters.values &&
               g.times.values == expected[i].times.values && g.backward.vjps == expected[i].backward.vjps,
           strategy + ": a pass has the gradients of its own solve");
  }
  expect_error(ExitCode::bad_configuration, "'cotangents' must have 6 numbers", "cotangents that are missing",
               [&] { pass.backward(std::vector{1.0}); });
}

}  // namespace

void check_solve(const Session& session) {
  for (const std::string backend : {"reference", "cpu", "auto"}) {
    Problem problem = session.problem(decay(backend));
    const Solution s = problem.solve(kTimes, kInitial, 2);
    expect(s.ok() && s.states.shape == std::vector<int64_t>{3, 2, 1}, backend + " solves");
    for (size_t i = 0; i < 3; ++i)
      for (size_t r = 0; r < 2; ++r)
        expect_near(s.states.values.at(2 * i + r), kInitial[r] * std::exp(-kK * kTimes[i]), kTolerance,
                    backend + ": a state");
    expect(s.counters.accepted > 0 && s.counters.evaluations > s.counters.accepted, "work is counted");
    check_gradient(problem, "direct");
    check_gradient(problem, "{plugin: adjoint, norm: full}");
  }

  Problem problem = session.problem(decay("auto"));
  expect(problem.parameters().at(0).name == "k" && problem.parameter_values() == std::vector{kK},
         "parameters have names and values");
  problem.set_parameter_values(std::vector{1.0});
  expect_near(problem.solve(kTimes, kInitial, 2).states.values.at(4), std::exp(-2.0), kTolerance,
              "a parameter that was set");
  expect_error(ExitCode::bad_configuration, "[2, 1]", "rows that are missing",
               [&] { problem.solve(kTimes, std::vector{1.0}, 2); });
  expect_error(ExitCode::bad_configuration, "rtoll", "an unknown option", [&] {
    ProblemSpec spec = decay("auto");
    spec.solver = "{plugin: dopri5, rtoll: 1}";
    session.problem(spec).solve(kTimes, kInitial, 2);
  });

  for (const std::string strategy : {"direct", "adjoint", "{plugin: checkpoint, budget: 2}"})
    check_gradient_pass(session, strategy);

  // y' = y^2 leaves every bound at t = 1.
  ProblemSpec explosion = decay("auto");
  explosion.field = "{plugin: expression, state: [y], parameters: {}, derivatives: {y: y*y}}";
  const Solution lost = session.problem(explosion).solve(kTimes, std::vector{1.0});
  expect(!lost.ok() && !lost.failure->reason.empty() && !lost.failure->remedy.empty(),
         "a failure is a value");
  expect_near(lost.failure ? lost.failure->t : 0, 1.0, 1e-3, "the failure's time");
  GradientPass lost_pass = session.problem(explosion).begin_gradient("direct", kTimes, std::vector{1.0});
  expect(!lost_pass.solution().ok() && lost_pass.solution().failure->reason == lost.failure->reason,
         "a pass whose solve fails says so");
  expect_error(ExitCode::bad_configuration, "a solve that failed has no gradient",
               "a way back from a failure", [&] {
                 lost_pass.backward(std::vector{0.0, 0.0, 1.0});
               });
  expect(lost.states.values.at(0) == 1.0 && std::isnan(lost.states.values.at(2)), "states beyond it are NaN");

  explosion.solver = "{plugin: dopri5, stepping: per_row}";
  Problem apart = session.problem(explosion);
  const std::vector<double> rows{0.25, 1.0, 0.5};
  const Solution others = apart.solve(kTimes, rows, 3);
  const GradientPass pass = apart.begin_gradient("direct", kTimes, rows, 3);
  const Solution& s = pass.solution();
  expect(s.row_failures.size() == 1 && s.row_failures[0].row == 1 && s.failure->row == 1,
         "a pass of rows on their own says which failed");
  bool same = s.states.values.size() == others.states.values.size();
  for (size_t i = 0; same && i < s.states.values.size(); ++i)
    same = s.states.values[i] == others.states.values[i] ||
           (std::isnan(s.states.values[i]) && std::isnan(others.states.values[i]));
  expect(same && std::isfinite(s.states.values.at(6)), "a pass has the states of the rows that did not fail");
}
