// Runs of solvers for stiff problems: how they end, what they cost, what they say.
#pragma once
#include "experiment_case.hpp"
#include "problems/chemistry.hpp"
#include "problems/formulas.hpp"
#include "problems/reference.hpp"
#include "problems/van_der_pol.hpp"

namespace odeon::test {

inline Json stiff_experiment(const Json& field, const std::vector<double>& initial,
                             const std::vector<double>& times, const Json& solver) {
  return {{"odeon", 1},           {"task", "solve"}, {"backend", "reference"}, {"field", field},
          {"initial", {initial}}, {"times", times},  {"solver", solver}};
}

inline int64_t counter(const host::RunResult& result, const char* name) {
  return result.record["counters"]["forward"][name].get<int64_t>();
}

inline std::vector<double> end_state(const host::RunResult& result) {
  const std::vector<double> all = states_of(result);
  const std::vector<int64_t>& shape = array_of(result, "states.npy").shape;
  return {all.end() - static_cast<long>(all.size()) / shape[0], all.end()};
}

// What a run that fails says; empty where it does not.
inline std::string complaint(const Json& config) {
  try {
    solve(config);
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

// In multiples of the tolerance, at the end of a problem of the problem set.
inline double error_over_tolerance(const Problem& p, Json solver, double tolerance,
                                   const std::string& precision = "float64") {
  solver.update({{"rtol", tolerance}, {"atol", tolerance * p.magnitude}});
  Json config = stiff_experiment(p.field, p.initial[0], {p.start, p.stop}, solver);
  config["precision"] = precision;
  return scaled_error(end_state(solve(config)), reference_of(p.name)) / tolerance;
}

constexpr double kOverTolerance = 10;  // what a stiff problem may make of the tolerance

// Robertson's reactions and Van der Pol's oscillator, at tolerances that are not too tight for the order.
inline void check_hard_ends(const Json& solver, const std::vector<double>& tolerances) {
  for (const Problem& p : {robertson(), van_der_pol_1e3(), van_der_pol_1e6()})
    for (double tolerance : tolerances) {
      CAPTURE(solver.dump());
      CAPTURE(p.name);
      CAPTURE(tolerance);
      CHECK(error_over_tolerance(p, solver, tolerance) < kOverTolerance);
    }
}

inline void check_float32_ends(const Json& solver, const std::vector<double>& tolerances) {
  for (const Problem& p : {robertson(), hires()})
    for (double tolerance : tolerances) {
      CAPTURE(solver.dump());
      CAPTURE(p.name);
      CAPTURE(tolerance);
      CHECK(error_over_tolerance(p, solver, tolerance, "float32") < kOverTolerance);
    }
}

// y = cos t, from which y' = 1e6 (y - cos t) - sin t leads away forwards in time, and to which it leads
// backwards.
inline void check_stiff_backwards(Json solver) {
  constexpr double kTolerance = 1e-5;
  solver.update({{"rtol", kTolerance}, {"atol", kTolerance}});
  CAPTURE(solver.dump());
  const auto result =
      solve(stiff_experiment(expression({"1e6*(y1 - cos(t)) - sin(t)"}), {std::cos(3.) + 1}, {3, 0}, solver));
  CHECK(std::abs(end_state(result)[0] - 1) < kOverTolerance * kTolerance);
  CHECK(counter(result, "accepted") < 1000);  // an explicit method would take a million
}

// dL/dtheta and dL/dy0 of two species by `adjoint` through this solver, beside `direct` of an explicit
// method: what is off falls with the tolerance.
inline void check_adjoint_converges(Json solver) {
  CAPTURE(solver.dump());
  const auto run = [](const Json& chosen, const char* gradient) {
    Json field = expression({"a*y1 - y1*y2", "y1*y2 - b*cos(t)*y2"});
    field["parameters"] = {{"a", 1.5}, {"b", 1}};
    Json config = stiff_experiment(field, {1, 0.7}, {0, 1, 3}, chosen);
    config["task"] = "gradient";
    config["gradient"] = gradient;
    const auto result = differentiate(config);
    std::vector<double> all = array_of(result, "grad_initial.npy").to_doubles();
    for (double g : parameter_gradients(result)) all.push_back(g);
    return all;
  };
  static const std::vector<double> exact =
      run({{"plugin", "tsit5"}, {"rtol", 1e-11}, {"atol", 1e-11}}, "direct");
  const auto error = [&](double tolerance) {
    solver.update({{"rtol", tolerance}, {"atol", tolerance}});
    return difference(run(solver, "adjoint"), exact);
  };
  constexpr double kForthAndBack = 1e4;  // of order 2, whose errors are those of thousands of steps
  const double loose = error(1e-4), tight = error(1e-8);
  CHECK(tight < kForthAndBack * 1e-8);
  CHECK(tight < loose / 20);
}

}  // namespace odeon::test
