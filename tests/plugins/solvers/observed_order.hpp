// Observed orders of solvers that take steps by code, on problems with exact solutions.
#pragma once
#include "experiment_case.hpp"
#include "problems/problem.hpp"

namespace odeon::test {

// Observed orders may differ from the claimed by this, up or down.
constexpr double kOrderBand = 0.2;

inline Json experiment_of(const Problem& p, const std::vector<double>& times, const Json& solver) {
  return {{"odeon", 1},           {"task", "solve"}, {"backend", "reference"}, {"field", p.field},
          {"initial", p.initial}, {"times", times},  {"solver", solver}};
}

inline double root_mean_square(const std::vector<double>& found, const std::vector<double>& exact) {
  REQUIRE(found.size() == exact.size());
  double sum = 0;
  for (size_t i = 0; i < found.size(); ++i) sum += (found[i] - exact[i]) * (found[i] - exact[i]);
  return std::sqrt(sum / static_cast<double>(found.size()));
}

// Over all times but the first. Backwards where `times` decrease; the problem's rows stand at its start.
inline double error_with(const Problem& p, const std::vector<double>& times, const Json& solver) {
  Json config = experiment_of(p, times, solver);
  std::vector<std::vector<double>> rows;
  for (const auto& row : p.initial) rows.push_back(p.exact(times[0], row));
  config["initial"] = rows;
  const std::vector<double> found = states_of(solve(config));
  std::vector<double> exact;
  for (size_t i = 1; i < times.size(); ++i)
    for (double v : p.exact_rows(times[i])) exact.push_back(v);
  return root_mean_square({found.end() - static_cast<long>(exact.size()), found.end()}, exact);
}

// The slope of log error by log steps between the two finest numbers of steps whose error is not round-off.
template <class Error>
double observed_order(Error error, double steps = 24, double smallest = 1e-12) {
  double e = error(steps), order = 0;
  for (; steps < 6000;) {
    const double more = std::floor(steps * 4 / 3), finer = error(more);
    if (finer < smallest) break;
    order = std::log(e / finer) / std::log(more / steps);
    e = finer, steps = more;
  }
  REQUIRE(order != 0);
  return order;
}

}  // namespace odeon::test
