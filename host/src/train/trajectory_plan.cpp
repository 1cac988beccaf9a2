#include "train/trajectory_plan.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "experiment/literals.hpp"
#include "experiment/session.hpp"
#include "experiment/times.hpp"

namespace odeon::host {
namespace {

constexpr odeon_option kTruth = field_section(str("truth"), str("The field whose trajectory is the data."));
constexpr odeon_option kInitial = make_option(ODEON_OPTION_ARRAY, str("initial"), kNoText,
                                              str("Where it begins, one row: [[2.0, 0.0]]."), kRequired);
constexpr odeon_option kTimes =
    times_section(str("At which the trajectory is known, evenly spaced: {start: 0, stop: 25, count: 1000}."));
constexpr odeon_option kSolver = solver_section(str("Of the true field."));
constexpr odeon_option kWindow =
    ranged(make_option(ODEON_OPTION_INT, str("window"), str("10"),
                       str("Times of a training sequence; they begin anywhere on the trajectory.")),
           2, double(kMostTimes) - 1);
constexpr const odeon_option* kTrajectoryKeys[] = {&kTruth, &kInitial, &kTimes, &kSolver, &kWindow};
constexpr odeon_option kTrajectory =
    with_children(make_option(ODEON_OPTION_GROUP, str("trajectory"), kNoText, str("Made by the run itself.")),
                  kTrajectoryKeys);
constexpr const odeon_option* kFormats[] = {&kTrajectory};
constexpr odeon_str kTag[] = {str("format")};

// Every sequence is solved at the times of the first. That takes even times and a field without t.
void check_even(const std::vector<double>& times, const std::string& where) {
  constexpr double kRoundOff = 1e-6;  // of a step
  const double step = times[1] - times[0];
  for (size_t i = 2; i < times.size(); ++i)
    if (const double gap = times[i] - times[i - 1]; std::abs(gap - step) > kRoundOff * std::abs(step))
      throw ConfigError(where + ": 'times' of a trajectory must be evenly spaced; found a gap of " +
                        number_text(gap) + " after one of " + number_text(step) +
                        "; write {start: …, stop: …, count: …}");
}

void check_autonomous(const Field& field, const std::string& where) {
  if (field.graph() && std::any_of(field.graph()->nodes.begin(), field.graph()->nodes.end(),
                                   [](const odeon_node& n) { return n.op == ODEON_OP_TIME; }))
    throw ConfigError(
        where + ": field '" + field.id() +
        "' depends on t, but every sequence of a trajectory is solved at the times of the first " +
        "(capability: autonomous field); leave t out of the field, or fit it to whole series " +
        "with data: {format: series}");
}

TrajectoryData read_data(const ConfigNode& node, const Registry& registry) {
  check_keys(node, "'data'", kTrajectorySection, "trajectory");
  TrajectoryData d;
  d.truth = read_field(require_key(node, "'data'", "truth"), registry);
  const ConfigNode& initial = require_key(node, "'data'", "initial");
  d.initial = read_array(initial, "'initial'");
  if (d.initial.shape.size() != 2 || d.initial.shape[0] != 1 || d.initial.shape[1] == 0)
    throw ConfigError(initial.where +
                      ": 'initial' of a trajectory must be one row, such as [[2.0, 0.0]]; found the shape " +
                      shape_text(d.initial.shape));
  d.initial_where = initial.where;
  d.times = read_times(require_key(node, "'data'", "times"));
  check_even(d.times, node.find("times")->where);
  d.solver = bind_component(ODEON_KIND_SOLVER, require_key(node, "'data'", "solver"), registry);
  d.window = 10;
  const ConfigNode* window = node.find("window");
  if (window) d.window = read_integer(*window, "'window'");
  if (d.window < 2 || d.window >= static_cast<int64_t>(d.times.size()))
    throw ConfigError((window ? window : &node)->where + ": 'window' must be from 2 to one less than the " +
                      std::to_string(d.times.size()) + " times; found " + std::to_string(d.window));
  return d;
}

}  // namespace

constinit const odeon_option kTrajectorySection = with_choices(
    with_children(make_option(kTaggedSection, str("data"), kNoText, str("One trajectory."), kRequired),
                  kFormats),
    kTag);

TrajectoryPlan read_trajectory_plan(const Experiment& e, const Registry& registry) {
  const auto section = [&](const char* key) -> const ConfigNode& {
    return require_key(e.root, "task train", key);
  };
  const ConfigNode* train = e.root.find("train");
  TrajectoryPlan p;
  p.train = read_train(e);
  if (const ConfigNode* given = train ? train->find("shuffle") : nullptr)
    throw ConfigError(given->key_where +
                      ": 'shuffle' has no effect on sequences of a trajectory, which are drawn; remove it");
  p.data = read_data(section("data"), registry);
  p.optimizer = read_optimizer(section("optimizer"));
  p.field = read_field(section("field"), registry);
  const ComponentChoice solver = bind_component(ODEON_KIND_SOLVER, section("solver"), registry);
  p.gradient = bind_component(ODEON_KIND_GRADIENT, section("gradient"), registry);
  check_batch(e, p.train, p.data.starts(), "sequences of the trajectory");
  const std::vector<int64_t> row(p.data.initial.shape.begin() + 1, p.data.initial.shape.end());
  const std::span<const double> window(p.data.times.data(), static_cast<size_t>(p.data.window));
  const std::string what = "the row of 'initial'";
  p.truth = fit_parts(p.data.truth, p.data.solver, row, p.data.times, what, p.data.initial_where);
  p.fitted = fit_parts(p.field, solver, row, window, what, p.data.initial_where);
  check_gradient(p.gradient, p.fitted);
  check_autonomous(*p.fitted.field, section("field").where);
  return p;
}

}  // namespace odeon::host
