// The Adams methods of fixed order: orders on equal and unequal steps, torchdiffeq's values, failures.
#include "plugins/solvers/observed_order.hpp"
#include "problems/free_body.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// The same arithmetic in another order.
constexpr double kSameMethod = 1e-10;

const std::string kExplicit = "explicit_adams", kImplicit = "fixed_adams";

Json of_order(const std::string& id, int order) {
  Json solver{{"plugin", id}, {"order", order}};
  // The corrector solved to round-off.
  if (id == kImplicit)
    solver.update({{"corrector_rtol", 1e-14}, {"corrector_atol", 1e-15}, {"max_iterations", 100}});
  return solver;
}

template <class Steps>
void check_orders(bool forwards, Steps set_steps) {
  for (const std::string& id : {kExplicit, kImplicit})
    for (const Problem& p : {free_body(), travelling_phase()})
      for (int order :
           {2, 3, 4, 5, 6}) {  // of higher ones, round-off hides the slope; see the polynomials below
        CAPTURE(id);
        CAPTURE(p.name);
        CAPTURE(order);
        const double from = forwards ? p.start : p.stop, to = forwards ? p.stop : p.start;
        const double observed = observed_order([&](double steps) {
          Json solver = of_order(id, order);
          set_steps(solver, from, to, steps);
          return error_with(p, {from, to}, solver);
        });
        CHECK(observed > order - kOrderBand);
        CHECK(observed < order + kOrderBand);
      }
}

void equal_steps(Json& solver, double from, double to, double steps) {
  solver["step_size"] = std::abs(to - from) / steps;
}

// Every other step is twice as long as the one before it.
void unequal_steps(Json& solver, double from, double to, double steps) {
  const int pairs = static_cast<int>(steps / 2);
  std::vector<double> grid;
  for (int i = 0; i < pairs; ++i)
    for (double part : {0., 1. / 3}) grid.push_back(from + (to - from) * (i + part) / pairs);
  grid.push_back(to);
  solver["grid"] = grid;
}

Json peers() {
  std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/plugins/solvers/peers.json");
  return Json::parse(in);
}

}  // namespace

TEST_CASE("an Adams method of fixed order shows its order") { check_orders(true, equal_steps); }

TEST_CASE("an Adams method of fixed order shows its order backwards in time") {
  check_orders(false, equal_steps);
}

TEST_CASE("an Adams method of fixed order keeps its order where steps change by a factor of two") {
  check_orders(true, unequal_steps);
}

TEST_CASE(
    "an Adams method of order p is exact for derivatives of degree p - 1 on any steps, and for no higher "
    "one") {
  constexpr double kRoundOff = 1e-13, kMiss = 1e-11;  // relative
  for (const std::string& id : {kExplicit, kImplicit})
    for (int order = id == kExplicit ? 1 : 2; order <= 12; ++order) {
      CAPTURE(id);
      CAPTURE(order);
      // The first steps are of another method: from the middle on.
      std::vector<double> grid{0};
      while (grid.size() < 32) grid.push_back(grid.back() + (grid.size() % 3 == 0 ? 0.08 : 0.04));
      const double middle = grid[grid.size() / 2], stop = grid.back();
      const auto off = [&](int degree) {
        Json solver = of_order(id, order);
        solver["grid"] = grid;
        const std::string f = std::to_string(degree + 1) + "*t^" + std::to_string(degree);
        const std::vector<double> y = states_of(
            solve({{"odeon", 1},
                   {"task", "solve"},
                   {"field", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", f}}}}},
                   {"initial", {{0}}},
                   {"times", {0., middle, stop}},
                   {"solver", solver}}));
        const double exact = std::pow(stop, degree + 1) - std::pow(middle, degree + 1);
        return std::abs(y[2] - y[1] - exact) / exact;
      };
      CHECK(off(order - 1) < kRoundOff);
      CHECK(off(order) > kMiss);
    }
}

TEST_CASE("Adams methods of fixed order give torchdiffeq's states with its evaluations") {
  const Json peer_file = peers();
  int seen = 0;
  for (const Json& c : peer_file["fixed"]) {
    CAPTURE(c["solver"].dump());
    for (const char* backend : {"reference", "cpu"}) {
      const auto result = solve({{"odeon", 1},
                                 {"task", "solve"},
                                 {"backend", backend},
                                 {"field", c["field"]},
                                 {"initial", c["initial"]},
                                 {"times", c["times"]},
                                 {"solver", c["solver"]}});
      CHECK(difference(states_of(result), c["states"]) < kSameMethod);
      CHECK(result.record["counters"]["forward"]["evaluations"] == c["evaluations"]);
    }
    ++seen;
  }
  CHECK(seen >= 12);
}

TEST_CASE("an Adams-Bashforth step takes one evaluation") {
  const Problem p = free_body();
  const auto evaluations = [&](int steps) {
    const auto result = solve(
        experiment_of(p, {p.start, p.stop},
                      {{"plugin", kExplicit}, {"order", 9}, {"step_size", (p.stop - p.start) / steps}}));
    return result.record["counters"]["forward"]["evaluations"].get<int>();
  };
  CHECK(evaluations(128) - evaluations(64) == 64);
}

TEST_CASE("a corrector that does not converge ends the run and says so") {
  const Problem p = travelling_phase();
  std::string text;
  try {
    solve(experiment_of(p, {p.start, p.stop},
                        {{"plugin", kImplicit}, {"step_size", 1. / 32}, {"max_iterations", 1}}));
  } catch (const std::exception& e) {
    text = e.what();
  }
  CHECK(text.find("the corrector did not converge in max_iterations (1) at t = ") != std::string::npos);
  CHECK(text.find("use a smaller step_size") != std::string::npos);
}
