// Options of every solver that the engine runs (beside the solver component's own), and their values.
#pragma once
#include <odeon/options.h>

#include <limits>
#include <span>
#include <vector>

namespace odeon::host {

// The schema; the experiment checks `solver: {plugin: …, …}` against these and the component's options.
std::span<const odeon_option* const> solver_option_schema();

enum class Control { automatic, fixed, adaptive };
enum class Stepping { joint, per_row };
enum class Interpolation { automatic, linear, cubic };
enum class Norm { rms, max };

// The step factor e_n^(-b0/k) e_(n-1)^(-b1/k) e_(n-2)^(-b2/k) (h_n / h_(n-1))^(-a) for a method of order k
// and scaled errors e. All zero but b0 = 1: the elementary controller.
struct ControlLaw {
  double beta[3] = {1, 0, 0};
  double alpha = 0;
  bool has_memory() const { return beta[1] != 0 || beta[2] != 0 || alpha != 0; }
};

// Defaults as torchdiffeq 0.2.5 where it has the option.
struct SolverSettings {
  std::vector<double> rtol{1e-7}, atol{1e-9};  // one number, or one per element of the state
  Control control = Control::automatic;        // fixed for methods without an error estimate
  ControlLaw law;
  bool predictive = false;  // automatic control of an implicit method: PredictiveControl
  Stepping stepping = Stepping::joint;
  double first_step = 0;  // 0: Hairer, Norsett, Wanner II.4
  double min_step = 0;
  double max_step = std::numeric_limits<double>::infinity();
  int64_t max_steps = 1'000'000;
  double safety = 0.9, min_factor = 0.2, max_factor = 10;
  Norm norm = Norm::rms;
  double step_size = 0;             // fixed: 0 means one step from each time to the next
  std::vector<double> grid;         // fixed: given grid; empty means none
  bool takes_part_of_grid = false;  // of a solve over some of its times, in either direction (grid.hpp)
  bool grid_ends_move = false;  // with the times, which differ from those that it was given for (grid.hpp)
  std::vector<double> breakpoints;  // times at which the field is not smooth, sorted
  Interpolation interpolation = Interpolation::automatic;
  bool rtol_given = false, atol_given = false;
  bool replays = false;  // the steps of another solve (solve_log.hpp); no configuration says so
  // By their errors, so that they can become shorter where a step fails.
  bool steps_are_chosen() const { return control == Control::adaptive && !replays; }
};

// From a checked MAP that has at least the keys of the schema. Throws odeon::Error (with the mark)
// where values contradict each other or the method, e.g. step_size together with grid.
SolverSettings read_solver_settings(const odeon_value& options);

}  // namespace odeon::host
