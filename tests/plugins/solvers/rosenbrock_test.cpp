// Rosenbrock methods: their tables, what a step costs, singular matrices, wide states, what fails.
#include <odeon/host/odeon.hpp>
#include <odeon/sdk/rosenbrock.hpp>

#include "plugins/solvers/observed_order.hpp"
#include "plugins/solvers/stiff_runs.hpp"
#include "plugins/solvers/wide_state.hpp"

// The tables as the plugins have them, which export nothing here.
#undef ODEON_PLUGIN_ROSENBROCK
#define ODEON_PLUGIN_ROSENBROCK(id, table, title, summary)
namespace rodas5p {
#include "../../../plugins/solvers/rodas5p.cpp"
}
namespace rosenbrock23 {
#include "../../../plugins/solvers/rosenbrock23.cpp"
}

namespace {

using namespace odeon;
using namespace odeon::test;

std::vector<std::string> rosenbrock_ids() {
  std::vector<std::string> ids;
  for (const std::string& id : solver_ids()) {
    const odeon_solver_api& api = solver_api(id);
    const uint32_t bits = ODEON_SOLVER_STIFF | ODEON_SOLVER_ESTIMATES;
    if (!api.tableau && (api.capabilities & bits) == bits) ids.push_back(id);
  }
  REQUIRE(ids.size() >= 2);
  return ids;
}

template <class Table>
void check_rows(const Table& table) {
  const auto k = to_classical(table);
  CHECK(conditions_hold(k, k.b, table.order));
  CHECK(conditions_hold(k, k.b_hat, table.embedded_order));
  // Conditions are known up to order 5.
  if (table.order < 5) CHECK(!conditions_hold(k, k.b, table.order + 1));
  CHECK(!conditions_hold(k, k.b_hat, table.embedded_order + 1));
}

// How far a table is from order 3 with any matrix in place of the Jacobian: beside the conditions of
// Runge-Kutta methods, all that have a gamma vanish. T. Steihaug, A. Wolfbrandt, Math. Comp. 33 (1979)
// 521-534.
template <class Table>
double matrix_defect(const Table& table, int order) {
  const auto k = to_classical(table);
  const auto ones = [&] {
    auto row = k.b;
    row.fill(1);
    return row;
  }();
  const auto sum = [&](const auto& x) {
    double total = 0;
    for (size_t i = 0; i < x.size(); ++i) total += k.b[i] * x[i];
    return std::abs(total);
  };
  const auto gamma = detail::times(k.gamma, ones), alpha = detail::times(k.alpha, ones);
  if (order == 2) return sum(gamma);
  return std::max({sum(detail::times(k.alpha, gamma)), sum(detail::times(k.gamma, alpha)),
                   sum(detail::times(k.gamma, gamma))});
}

}  // namespace

TEST_CASE("both rows of a Rosenbrock table have the stated order and not one more") {
  check_rows(rodas5p::kTable);
  check_rows(rosenbrock23::kTable);
}

TEST_CASE("with any matrix for the Jacobian rosenbrock23 keeps its order, 2, and rodas5p no higher one") {
  constexpr double kRoundOff = 1e-14, kMiss = 1e-3;
  CHECK(matrix_defect(rosenbrock23::kTable, 2) < kRoundOff);
  CHECK(matrix_defect(rodas5p::kTable, 2) < kRoundOff);
  CHECK(matrix_defect(rodas5p::kTable, 3) > kMiss);
}

TEST_CASE("a tried step of a Rosenbrock method takes one factorisation, and an accepted one one Jacobian") {
  const Problem p = van_der_pol_1e3();
  for (const std::string& id : rosenbrock_ids()) {
    CAPTURE(id);
    const auto result = solve(stiff_experiment(p.field, p.initial[0], {p.start, p.stop},
                                               {{"plugin", id}, {"rtol", 1e-4}, {"atol", 1e-7}}));
    const int64_t accepted = counter(result, "accepted"), rejected = counter(result, "rejected");
    CHECK(rejected > 0);
    CHECK(counter(result, "factorizations") == accepted + rejected);
    CHECK(counter(result, "jacobians") == accepted);
  }
}

TEST_CASE("rodas5p keeps its order on Prothero and Robinson's problem, and order 3 however stiff it is") {
  // y' = lambda (y - sin t) + cos t. A. Prothero, A. Robinson, Math. Comp. 28 (1974) 145-162.
  const auto order = [](const std::string& lambda) {
    Problem p{"prothero", expression({lambda + "*(y1 - sin(t)) + cos(t)"}), {{0}}, 0, 2};
    p.exact = [](double t, const std::vector<double>&) { return std::vector<double>{std::sin(t)}; };
    return observed_order(
        [&](double steps) {
          return error_with(p, {0, 2}, {{"plugin", "rodas5p"}, {"step_size", 2 / steps}});
        },
        8);
  };
  CHECK(order("-1") > 5 - kOrderBand);
  CHECK(order("-1e2") > 5 - kOrderBand);
  CHECK(order("-1e6") > 3 - kOrderBand);
}

TEST_CASE("without derivatives of the field, Rosenbrock methods take the same steps by differences") {
  constexpr double kMore = 0.02;  // of the steps
  host::Session session;
  session.add_field({.id = "driven",
                     .state_shape = {2},
                     .f = [](double t, std::span<const double> y, std::span<double> dydt) {
                       dydt[0] = y[1];
                       dydt[1] = 100 * (1 - y[0] * y[0]) * y[1] - y[0] + std::sin(t);
                     }});
  for (const std::string& id : rosenbrock_ids()) {
    CAPTURE(id);
    const Json solver{{"plugin", id}, {"rtol", 1e-5}, {"atol", 1e-6}};
    const auto with_graph = solve(
        stiff_experiment(expression({"y2", "100*(1 - y1^2)*y2 - y1 + sin(t)"}), {2, 0}, {0, 200}, solver));
    const auto by_differences = session.problem({.field = "driven", .solver = solver.dump()})
                                    .solve(std::vector<double>{0, 200}, std::vector<double>{2, 0});
    REQUIRE(by_differences.ok());
    const double steps = static_cast<double>(counter(with_graph, "accepted"));
    CHECK(std::abs(static_cast<double>(by_differences.counters.accepted) - steps) <= kMore * steps);
  }
}

TEST_CASE("Rosenbrock methods reach hard ends within ten times the tolerance") {
  for (const std::string& id : rosenbrock_ids())
    check_hard_ends({{"plugin", id}},
                    traits_of(id).order < 3 ? std::vector{1e-2, 1e-3} : std::vector{1e-3, 1e-5, 1e-7});
}

TEST_CASE("Rosenbrock methods solve stiff problems in float32") {
  for (const std::string& id : rosenbrock_ids()) check_float32_ends({{"plugin", id}}, {1e-2, 1e-3});
}

TEST_CASE("Rosenbrock methods solve backwards in time what is stiff there") {
  for (const std::string& id : rosenbrock_ids()) check_stiff_backwards({{"plugin", id}});
}

TEST_CASE("Rosenbrock methods give the gradients of an explicit method by the adjoint") {
  for (const std::string& id : rosenbrock_ids()) check_adjoint_converges({{"plugin", id}});
}

TEST_CASE("Rosenbrock methods solve wide states by GMRES as well as narrow ones by dense factors") {
  for (const std::string& id : rosenbrock_ids()) check_controlled_wide_states({{"plugin", id}});
}

TEST_CASE("a singular matrix makes a Rosenbrock step shorter, and a fixed one says so") {
  // 1 - h gamma lambda = 0 for the first step.
  const Json field = expression({digits(1 / rosenbrock23::kTable.g) + "*y1"});
  const auto result = solve(stiff_experiment(
      field, {1}, {0, 1}, {{"plugin", "rosenbrock23"}, {"rtol", 1e-6}, {"atol", 1e-6}, {"first_step", 1}}));
  constexpr double kGrowth = 1000;  // of errors on the way to exp(3.4)
  CHECK(std::abs(end_state(result)[0] / std::exp(1 / rosenbrock23::kTable.g) - 1) < kGrowth * 1e-6);
  const std::string text =
      complaint(stiff_experiment(field, {1}, {0, 1}, {{"plugin", "rosenbrock23"}, {"step_size", 1}}));
  CHECK(contains(text, "the linear system of a stage could not be solved at t = 0 with step 1"));
  CHECK(contains(text, "use a smaller step_size"));
}

TEST_CASE("Rosenbrock methods name a field that has no value") {
  for (const std::string& id : rosenbrock_ids()) {
    CAPTURE(id);
    const std::string text =
        complaint(stiff_experiment(expression({"sqrt(0.5 - t) - y1"}), {1}, {0, 2}, {{"plugin", id}}));
    CHECK(contains(text, "because the field gave non-finite values at t = 0.5"));
  }
}
