// Observed orders of every installed method, two-sided, on nonlinear and non-autonomous problems.
#include "engine/failure.hpp"
#include "experiment_case.hpp"
#include "problems/free_body.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr double kOrderBand = 0.2;
// Errors above this are truncation, not round-off.
constexpr double kSmallest = 1e-13;

// Smoother in the step size than the largest error: no component takes over from another.
double root_mean_square(const std::vector<double>& found, const std::vector<double>& exact) {
  REQUIRE(found.size() == exact.size());
  double sum = 0;
  for (size_t i = 0; i < found.size(); ++i) sum += (found[i] - exact[i]) * (found[i] - exact[i]);
  return std::sqrt(sum / static_cast<double>(found.size()));
}

double error_with(const Problem& p, const std::vector<double>& times, Json solver) {
  const Json config{{"odeon", 1},           {"task", "solve"}, {"backend", "cpu"}, {"field", p.field},
                    {"initial", p.initial}, {"times", times},  {"solver", solver}};
  std::vector<double> found;
  try {
    found = states_of(solve(config));
  } catch (const host::SolveFailed&) {  // an iteration that a coarse step does not let converge
    return std::numeric_limits<double>::infinity();
  }
  std::vector<double> exact;
  for (double t : times)
    for (double v : p.exact_rows(t)) exact.push_back(v);
  return root_mean_square(found, exact);
}

// The slope of log error by log h for h -> 0: where it changes least among the finest grids that round-off
// leaves, extended by that change, which is linear in h.
template <class Error>
double observed_order(double span, Error error, double growth = 4. / 3) {
  std::vector<double> slopes;
  double e = error(span / 12);
  for (double steps = 12; steps < 6000;) {
    const double more = std::floor(steps * growth), finer = error(span / more);
    if (finer < kSmallest) break;
    if (std::isfinite(e)) slopes.push_back(std::log(e / finer) / std::log(more / steps));
    e = finer, steps = more;
  }
  REQUIRE(slopes.size() >= 2);
  double order = 0, least = std::numeric_limits<double>::infinity();
  for (size_t i = std::max<size_t>(slopes.size(), 4) - 3; i < slopes.size(); ++i) {
    const double change = slopes[i] - slopes[i - 1];
    if (std::abs(change) < least) order = slopes[i] + change / (growth - 1);
    least = std::min(least, std::abs(change));
  }
  return order;
}

// Those that take fixed steps on any system; what else there is has tests of its own in
// tests/plugins/solvers.
std::vector<std::string> steady_ids() {
  return solver_ids_where([](const SolverTraits& s) { return s.fixed && !s.second_order; });
}

}  // namespace

TEST_CASE("every method shows its order, no less and no more") {
  for (const Problem& p : {free_body(), travelling_phase()})
    for (const std::string& id : steady_ids()) {
      CAPTURE(p.name);
      CAPTURE(id);
      const double order = observed_order(p.stop - p.start, [&](double h) {
        return error_with(p, {p.start, p.stop}, {{"plugin", id}, {"step_size", h}});
      });
      CHECK(order > traits_of(id).order - kOrderBand);
      CHECK(order < traits_of(id).order + kOrderBand);
    }
}

TEST_CASE("every method shows its order backwards in time") {
  Problem p = travelling_phase();
  std::vector<std::vector<double>> ends;
  for (const auto& row : p.initial) ends.push_back(p.exact(p.stop, row));
  const std::vector<double> at_start = p.exact_rows(p.start);
  for (const std::string& id : steady_ids()) {
    CAPTURE(id);
    const double order = observed_order(p.stop - p.start, [&](double h) {
      const Json config{{"odeon", 1},
                        {"task", "solve"},
                        {"field", p.field},
                        {"initial", ends},
                        {"times", {p.stop, p.start}},
                        {"solver", {{"plugin", id}, {"step_size", h}}}};
      std::vector<double> found;
      try {
        found = states_of(solve(config));
      } catch (const host::SolveFailed&) {
        return std::numeric_limits<double>::infinity();
      }
      return root_mean_square({found.end() - static_cast<long>(at_start.size()), found.end()}, at_start);
    });
    CHECK(order > traits_of(id).order - kOrderBand);
    CHECK(order < traits_of(id).order + kOrderBand);
  }
}

TEST_CASE("values between steps have the order of their interpolation") {
  const Problem p = travelling_phase();
  // A fifth of the span lies as far from its nearer step end on every grid that is four times finer.
  std::vector<double> times;
  for (int i = 0; i <= 5; ++i) times.push_back(p.start + (p.stop - p.start) * i / 5);
  const auto order = [&](const char* solver, const char* interpolation) {
    return observed_order(
        p.stop - p.start,
        [&](double h) {
          return error_with(p, times,
                            {{"plugin", solver}, {"step_size", h}, {"interpolation", interpolation}});
        },
        4);
  };
  CHECK(std::abs(order("rk4", "linear") - 2) < kOrderBand);
  CHECK(std::abs(order("rk4", "cubic") - 4) < kOrderBand);
  CHECK(std::abs(order("bosh3", "cubic") - 3) < kOrderBand);
}

TEST_CASE("a tableau's own dense output is accurate to its order inside of steps") {
  const Problem p = travelling_phase();
  std::vector<double> times, exact;
  for (int i = 0; i <= 5; ++i) times.push_back(p.start + (p.stop - p.start) * i / 5);
  for (double t : times)
    for (double v : p.exact_rows(t)) exact.push_back(v);
  for (const std::string& id : solver_ids()) {
    const odeon_tableau* m = solver_api(id).tableau;
    constexpr int kHighest = 5;  // above, few grids lie between the first and round-off
    if (!m || !m->dense || m->order > kHighest) continue;
    CAPTURE(id);
    const double order = observed_order(
        p.stop - p.start,
        [&](double h) {
          // An event that never happens: with one, fixed steps are interpolated by the method.
          const Json config{{"odeon", 1},
                            {"task", "solve"},
                            {"field", p.field},
                            {"initial", p.initial},
                            {"times", times},
                            {"solver", {{"plugin", id}, {"step_size", h}}},
                            {"events", {{{"when", "y^2 + 1"}}}}};
          return root_mean_square(states_of(solve(config)), exact);
        },
        4);
    CHECK(order > std::min(m->order, m->dense_order + 1) - kOrderBand);
  }
}

TEST_CASE("dense output under step control is as accurate as the steps") {
  const Problem p = travelling_phase();
  std::vector<double> times;
  for (int i = 0; i <= 100; ++i) times.push_back(p.start + (p.stop - p.start) * i / 100);
  for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return s.controlled; })) {
    CAPTURE(id);
    constexpr double kRtol = 1e-7, kGlobalOverLocal = 5000;
    CHECK(error_with(p, times, {{"plugin", id}, {"rtol", kRtol}, {"atol", kRtol}}) <
          kGlobalOverLocal * kRtol);
  }
}
