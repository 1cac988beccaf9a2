// A checked experiment: what the YAML file says, resolved against the installed components.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "data/array.hpp"
#include "engine/events.hpp"
#include "experiment/component_handle.hpp"
#include "experiment/config_node.hpp"
#include "experiment/ranks.hpp"
#include "loader/registry.hpp"

namespace odeon::host {

enum class Task { solve, gradient, train, evaluate, sweep };
const char* task_name(Task task);

// Where a configuration comes from: the file, then --with files, then --set assignments.
struct ExperimentSource {
  std::string path;
  std::vector<std::string> with, sets;
  std::optional<std::string> text = {};  // given: instead of the file; path is its name in messages
  std::string output = {};               // folder for an `output` that names none
};

// The merged tree. Throws ConfigError.
ConfigNode load_source(const ExperimentSource& source);

// Plugin roots and policy, read before the registry exists.
LoaderOptions read_deployment(const ConfigNode& root);

// A field and the file of its weights, if any.
struct FieldChoice {
  ComponentChoice component;
  std::string weights, weights_where;  // path and its place, or empty
};

struct Experiment {
  std::string path;
  ConfigNode root;
  Task task = Task::solve;
  int32_t dtype = ODEON_F64;
  uint64_t seed = 0;
  ComponentChoice backend;
  std::optional<ComponentChoice> communicator;
  std::shared_ptr<Ranks> ranks = std::make_shared<Ranks>();  // opened by a run, from `communicator`
  bool backend_auto = false;  // no backend named: the best of the installed ones that opens
  std::string output;         // folder, or empty: print only
  bool dense = false;         // the run leaves the solution as a function of time

  // solve, gradient
  std::optional<FieldChoice> field;
  Array initial;  // [B, state…], float64
  std::vector<double> times;
  std::optional<ComponentChoice> solver, gradient;
  std::optional<Array> cotangent;  // [T, B, state…]; absent: ones
  EventCotangents event_cotangents;
};

// Without opening anything. Throws ConfigError / PluginError.
Experiment read_experiment(const ConfigNode& root, const std::string& path, const Registry& registry);

// `title`, or the name of the file.
std::string title_of(const Experiment& experiment);

// A section that the trainer shares.
FieldChoice read_field(const ConfigNode& node, const Registry& registry);

// Keys of a map with the usual message for unknown ones.
void check_keys(const ConfigNode& map, const std::string& what, const std::vector<std::string>& known);
const ConfigNode& require_key(const ConfigNode& map, const std::string& what, const std::string& key);

}  // namespace odeon::host
