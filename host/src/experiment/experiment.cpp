#include "experiment/experiment.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "data/npy.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {
namespace {

const std::vector<std::string> kTasks{"solve", "gradient", "train", "evaluate", "sweep"};
const std::vector<std::string> kEverywhere{"odeon",   "task",   "precision", "seed",
                                           "backend", "output", "plugins",   "title"};

[[noreturn]] void bad(const ConfigNode& node, const std::string& message) {
  throw ConfigError(node.where + ": " + message);
}

// Keys that mean something for a task, beside kEverywhere.
std::vector<std::string> keys_of(Task task) {
  switch (task) {
    case Task::solve:
      return {"field", "initial", "times", "solver"};
    case Task::gradient:
      return {"field", "initial", "times", "solver", "gradient", "loss"};
    case Task::sweep:
      return {"runs"};
    default:
      return {"model", "field", "data", "optimizer", "train", "solver", "gradient", "plot"};
  }
}

size_t choice(const ConfigNode& node, const std::string& what, const std::vector<std::string>& words) {
  const std::string& text = read_text(node, what);
  const auto at = std::find(words.begin(), words.end(), text);
  if (at == words.end())
    bad(node,
        what + " must be one of " + joined(words) + "; found '" + text + "'" + did_you_mean(text, words));
  return static_cast<size_t>(at - words.begin());
}

void check_task_keys(const ConfigNode& root, Task task) {
  std::vector<std::string> known = kEverywhere, all = kEverywhere;
  for (const std::string& k : keys_of(task)) known.push_back(k);
  for (Task t : {Task::gradient, Task::sweep, Task::train})
    for (const std::string& k : keys_of(t)) all.push_back(k);
  for (const auto& [key, value] : root.entries) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (std::find(all.begin(), all.end(), key) != all.end())
      bad(value, "'" + key + "' has no effect in task " + kTasks[size_t(task)] + "; remove it");
    bad(value, "there is no key '" + key + "'" + did_you_mean(key, known) + " Keys of task " +
                   kTasks[size_t(task)] + ": " + joined(known) + ".");
  }
}

void check_shapes(const Experiment& e, const ConfigNode& root) {
  const ConfigNode& initial = *root.find("initial");
  if (e.initial.shape.size() < 2)
    bad(initial,
        "'initial' must have one row per trajectory, such as [[1.0, 0.0]]; found " +
            (e.initial.shape.empty() ? std::string("one number")
                                     : "a flat list of " + std::to_string(e.initial.shape[0]) + " numbers"));
  for (double v : e.initial.to_doubles())
    if (!std::isfinite(v)) bad(initial, "'initial' must be finite numbers; found " + std::to_string(v));
}

}  // namespace

ConfigNode load_source(const ExperimentSource& source) {
  ConfigNode root = source.text ? parse_config(*source.text, source.path, ".") : load_config(source.path);
  if (root.kind != ConfigNode::Kind::map)
    bad(root, "a configuration must be a map such as 'odeon: 1'; found " + describe(root));
  for (const std::string& path : source.with) {
    const ConfigNode over = load_config(path);
    if (over.kind != ConfigNode::Kind::map) bad(over, "a --with file must be a map; found " + describe(over));
    for (const auto& [key, value] : over.entries)
      if (key != "backend" && key != "plugins" && key != "output")
        bad(value, "a --with file holds a deployment (backend, plugins, output), not '" + key +
                       "'; keep that in the experiment or use --set");
    merge(root, over);
  }
  for (const std::string& set : source.sets) set_value(root, set);
  return root;
}

LoaderOptions read_deployment(const ConfigNode& root) {
  LoaderOptions options;
  const ConfigNode* plugins = root.find("plugins");
  if (!plugins) return options;
  check_keys(*plugins, "'plugins'", {"roots", "policy", "lock"});
  if (const ConfigNode* roots = plugins->find("roots")) {
    if (roots->kind != ConfigNode::Kind::list)
      bad(*roots, "'roots' must be a list of absolute paths; found " + describe(*roots));
    for (const ConfigNode& r : roots->items) options.roots.push_back(read_text(r, "a plugin root"));
  }
  if (const ConfigNode* policy = plugins->find("policy"))
    options.pinned = choice(*policy, "'policy'", {"any", "pinned"}) == 1;
  if (const ConfigNode* lock = plugins->find("lock")) options.lock_file = resolve_path(*lock);
  if (options.pinned && options.lock_file.empty())
    bad(*plugins, "policy pinned needs 'lock', the file that `odeon plugins --lock FILE` writes");
  return options;
}

void check_keys(const ConfigNode& map, const std::string& what, const std::vector<std::string>& known) {
  if (map.kind != ConfigNode::Kind::map) bad(map, what + " must be a map; found " + describe(map));
  for (const auto& [key, value] : map.entries)
    if (std::find(known.begin(), known.end(), key) == known.end())
      bad(value,
          what + " has no key '" + key + "'" + did_you_mean(key, known) + " Keys: " + joined(known) + ".");
}

const ConfigNode& require_key(const ConfigNode& map, const std::string& what, const std::string& key) {
  const ConfigNode* node = map.find(key);
  if (!node || node->is_null()) bad(map, what + " needs '" + key + "'");
  return *node;
}

std::vector<double> read_times(const ConfigNode& node) {
  std::vector<double> times;
  if (node.kind == ConfigNode::Kind::map && !node.find("file")) {
    check_keys(node, "'times'", {"start", "stop", "count"});
    const double start = read_real(require_key(node, "'times'", "start"), "'start'"),
                 stop = read_real(require_key(node, "'times'", "stop"), "'stop'");
    const ConfigNode& count_node = require_key(node, "'times'", "count");
    const int64_t count = read_integer(count_node, "'count'");
    if (count < 2 || count > 100'000'000)
      bad(count_node, "'count' must be from 2 to 100000000; found " + std::to_string(count));
    for (int64_t i = 0; i < count; ++i)
      times.push_back(start + (stop - start) * static_cast<double>(i) / static_cast<double>(count - 1));
    times.back() = stop;
  } else {
    const Array a = read_array(node, "'times'");
    if (a.shape.size() != 1) bad(node, "'times' must be one list of numbers; found " + describe(node));
    times = a.to_doubles();
  }
  if (times.size() < 2)
    bad(node, "'times' must have at least two entries, the initial time and one more; found " +
                  std::to_string(times.size()));
  for (size_t i = 0; i < times.size(); ++i) {
    if (!std::isfinite(times[i])) bad(node, "'times' must be finite; entry " + std::to_string(i) + " is not");
    if (i > 0 && times[i] == times[i - 1])
      bad(node, "'times' must not repeat; entries " + std::to_string(i - 1) + " and " + std::to_string(i) +
                    " are equal");
    if (i > 0 && (times[i] > times[i - 1]) != (times[1] > times[0]))
      bad(node, "'times' must be strictly increasing or strictly decreasing; entry " + std::to_string(i) +
                    " turns around");
  }
  return times;
}

FieldChoice read_field(const ConfigNode& node, const Registry& registry) {
  FieldChoice field;
  if (const ConfigNode* weights = node.kind == ConfigNode::Kind::map ? node.find("weights") : nullptr) {
    check_keys(*weights, "'weights'", {"file"});
    field.weights = resolve_path(require_key(*weights, "'weights'", "file"));
  }
  field.component = bind_component(ODEON_KIND_FIELD, node, registry, {"weights"});
  return field;
}

Experiment read_experiment(const ConfigNode& root, const std::string& path, const Registry& registry) {
  Experiment e;
  e.path = path;
  e.root = root;
  const ConfigNode& version = require_key(root, "the configuration", "odeon");
  if (read_integer(version, "'odeon'") != 1)
    bad(version, "'odeon' is the schema version and must be 1; found " + version.text);
  e.task = static_cast<Task>(choice(require_key(root, "the configuration", "task"), "'task'", kTasks));
  check_task_keys(root, e.task);
  const bool trains = e.task == Task::train || e.task == Task::evaluate;
  e.dtype = trains ? ODEON_F32 : ODEON_F64;
  if (const ConfigNode* p = root.find("precision"))
    e.dtype = choice(*p, "'precision'", {"float32", "float64"}) == 0 ? ODEON_F32 : ODEON_F64;
  if (const ConfigNode* s = root.find("seed")) {
    const int64_t seed = read_integer(*s, "'seed'");
    if (seed < 0) bad(*s, "'seed' must be >= 0; found " + s->text);
    e.seed = static_cast<uint64_t>(seed);
  }
  if (const ConfigNode* o = root.find("output")) {
    check_keys(*o, "'output'", {"directory"});
    e.output = read_text(require_key(*o, "'output'", "directory"), "'directory'");
  }
  if (e.task == Task::sweep) return e;
  const ConfigNode* backend = root.find("backend");
  e.backend_auto = !backend || (backend->kind == ConfigNode::Kind::scalar && backend->text == "auto");
  if (!e.backend_auto) e.backend = bind_component(ODEON_KIND_BACKEND, *backend, registry);
  if (trains) return e;

  e.field = read_field(require_key(root, "the configuration", "field"), registry);
  e.initial = read_array(require_key(root, "the configuration", "initial"), "'initial'");
  check_shapes(e, root);
  e.times = read_times(require_key(root, "the configuration", "times"));
  e.solver = bind_component(ODEON_KIND_SOLVER, require_key(root, "the configuration", "solver"), registry);
  if (e.task == Task::gradient) {
    e.gradient =
        bind_component(ODEON_KIND_GRADIENT, require_key(root, "the configuration", "gradient"), registry);
    if (const ConfigNode* loss = root.find("loss")) {
      check_keys(*loss, "'loss'", {"cotangent"});
      const ConfigNode& c = require_key(*loss, "'loss'", "cotangent");
      if (!(c.kind == ConfigNode::Kind::scalar && c.text == "ones")) {
        e.cotangent = read_array(c, "'cotangent'");
        std::vector<int64_t> shape = e.initial.shape;
        shape.insert(shape.begin(), static_cast<int64_t>(e.times.size()));
        if (e.cotangent->shape != shape) {
          const auto text = [](const std::vector<int64_t>& s) {
            std::string t;
            for (int64_t d : s) t += (t.empty() ? "" : ", ") + std::to_string(d);
            return "[" + t + "]";
          };
          bad(c, "'cotangent' must have the shape of the states [times, rows, state] = " + text(shape) +
                     "; found " + text(e.cotangent->shape));
        }
      }
    }
  }
  return e;
}

}  // namespace odeon::host
