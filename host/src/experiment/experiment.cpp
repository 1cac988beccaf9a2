#include "experiment/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "experiment/events.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"
#include "experiment/root_keys.hpp"
#include "experiment/times.hpp"

namespace odeon::host {
namespace {

void check_initial(const Array& a, const ConfigNode& initial) {
  if (a.shape.size() < 2)
    bad(initial, "'initial' must have one row per trajectory, such as [[1.0, 0.0]]; found " +
                     (a.shape.empty() ? std::string("one number")
                                      : "a flat list of " + std::to_string(a.shape[0]) + " numbers"));
  if (a.size() == 0) bad(initial, "'initial' must hold numbers; found the shape " + shape_text(a.shape));
  if (a.shape.size() >= ODEON_MAX_RANK)
    bad(initial, "'initial' may have up to 7 axes, because the times become one more; found " +
                     std::to_string(a.shape.size()));
}

// [times, rows, state…]
std::vector<int64_t> states_shape(const Experiment& e, const ConfigNode& root) {
  std::vector<int64_t> shape = e.initial.shape;
  shape.insert(shape.begin(), static_cast<int64_t>(e.times.size()));
  if (checked_count(shape) < 0)
    bad(*root.find("times"), "the states would have the shape " + shape_text(shape) +
                                 ", which is more than 2^40 numbers; ask for fewer times or rows");
  return shape;
}

// Nothing for `ones`, which needs no array. A loss of events alone does not depend on the states.
std::optional<Array> read_cotangent(const ConfigNode& loss, const std::vector<int64_t>& shape) {
  check_keys(loss, "'loss'", kLossKey);
  if (loss.find("events") && !loss.find("cotangent")) return Array::zeros(ODEON_F64, shape);
  const ConfigNode& c = require_key(loss, "'loss'", "cotangent");
  if (c.kind == ConfigNode::Kind::scalar && c.text == "ones") return {};
  double number = 0;
  if (c.kind == ConfigNode::Kind::scalar && !parse_real(c.text, number))
    bad(c, "'cotangent' must be ones, lists of numbers or {file: name.npy}; found " + describe(c));
  Array a = read_array(c, "'cotangent'");
  const bool several = shape.size() < ODEON_MAX_RANK && a.shape.size() == shape.size() + 1 && a.shape[0] > 0;
  if (std::vector<int64_t>(a.shape.begin() + several, a.shape.end()) != shape)
    bad(c,
        "'cotangent' must have the shape of the states that 'times' and 'initial' ask for, [times, rows, "
        "state] = " +
            shape_text(shape) + ", or one more axis in front for several losses; found " +
            shape_text(a.shape));
  return a;
}

}  // namespace

namespace {

// `output: {dense: true}` gets its folder from the command line, if that names one.
void add_directory(ConfigNode& root, const std::string& folder) {
  for (ConfigEntry& entry : root.entries) {
    ConfigNode& output = entry.second;
    if (folder.empty() || entry.first != "output" || output.kind != ConfigNode::Kind::map ||
        output.find("directory"))
      continue;
    ConfigNode directory;
    directory.kind = ConfigNode::Kind::scalar;
    directory.quoted = true;
    directory.text = folder;
    directory.where = directory.key_where = "--output";
    output.entries.push_back({"directory", directory});
  }
}

}  // namespace

const char* task_name(Task task) { return kTaskKey.choices[static_cast<size_t>(task)].data; }

ConfigNode load_source(const ExperimentSource& source) {
  ConfigNode root = source.text ? parse_config(*source.text, source.path, ".") : load_config(source.path);
  if (root.kind != ConfigNode::Kind::map)
    bad(root, "a configuration must be a map such as 'odeon: 1'; found " + describe(root));
  for (const std::string& path : source.with) {
    const ConfigNode over = load_config(path);
    if (over.kind != ConfigNode::Kind::map) bad(over, "a --with file must be a map; found " + describe(over));
    for (const auto& [key, value] : over.entries)
      if (const auto known = names_of(deployment_keys());
          std::find(known.begin(), known.end(), key) == known.end())
        throw ConfigError(value.key_where + ": a --with file holds a deployment (" + joined(known) +
                          "), not '" + key + "'; keep that in the experiment or use --set");
    merge(root, over);
  }
  for (const std::string& set : source.sets) set_value(root, set);
  add_directory(root, source.output);
  return root;
}

LoaderOptions read_deployment(const ConfigNode& root) {
  LoaderOptions options;
  const ConfigNode* plugins = root.find("plugins");
  if (!plugins) return options;
  check_keys(*plugins, "'plugins'", kPluginsKey);
  if (const ConfigNode* roots = plugins->find("roots")) {
    if (roots->kind != ConfigNode::Kind::list)
      bad(*roots, "'roots' must be a list of absolute paths; found " + describe(*roots));
    for (const ConfigNode& r : roots->items) {
      options.roots.push_back(read_text(r, "a plugin root"));
      if (!r.text.starts_with('/'))
        bad(r, "a plugin root must be an absolute path, so that it is the same from everywhere; found '" +
                   r.text + "'");
    }
  }
  options.pinned = read_choice(*plugins, kPolicyKey, 0) == 1;
  if (const ConfigNode* lock = plugins->find("lock"))
    options.lock_file = (read_text(*lock, "'lock'"), resolve_path(*lock));
  if (options.pinned && options.lock_file.empty())
    bad(*plugins, "policy pinned needs 'lock', the file that `odeon plugins --lock FILE` writes; name it");
  return options;
}

void check_keys(const ConfigNode& map, const std::string& what, const std::vector<std::string>& known) {
  if (map.kind != ConfigNode::Kind::map)
    bad(map, what + " must be a map with the key" + (known.size() == 1 ? " " : "s ") + joined(known) +
                 "; found " + describe(map));
  for (const auto& [key, value] : map.entries)
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw ConfigError(value.key_where + ": " + what + " has no key '" + key + "'" +
                        did_you_mean(key, known) + " Keys: " + joined(known) + ".");
}

const ConfigNode& require_key(const ConfigNode& map, const std::string& what, const std::string& key) {
  const ConfigNode* node = map.find(key);
  if (!node) bad(map, what + " needs '" + key + "'; add it");
  if (node->is_null()) bad(*node, what + " needs a value for '" + key + "'; nothing stands there");
  return *node;
}

std::string title_of(const Experiment& e) {
  const ConfigNode* title = e.root.find("title");
  return title ? read_text(*title, "'title'") : std::filesystem::path(e.path).stem().string();
}

FieldChoice read_field(const ConfigNode& node, const Registry& registry) {
  FieldChoice field;
  if (const ConfigNode* weights = node.kind == ConfigNode::Kind::map ? node.find("weights") : nullptr) {
    check_keys(*weights, "'weights'", kWeights);
    const ConfigNode& file = require_key(*weights, "'weights'", "file");
    read_text(file, "'file'");
    field.weights = resolve_path(file);
    field.weights_where = file.where;
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
  require_key(root, "the configuration", "task");
  e.task = static_cast<Task>(read_choice(root, kTaskKey, 0));
  check_task_keys(root, e.task);
  e.dtype = read_choice(root, kPrecisionKey, trains(e.task) ? 0 : 1) == 0 ? ODEON_F32 : ODEON_F64;
  e.seed = static_cast<uint64_t>(read_integer(root, kSeedKey, 0));
  if (const ConfigNode* o = root.find("output")) {
    check_keys(*o, "'output'", kOutputKey);
    e.output = read_text(require_key(*o, "'output'", "directory"), "'directory'");
    if (const ConfigNode* dense = o->find("dense")) {
      e.dense = read_boolean(*o, kDenseKey, false);
      if (e.dense && e.task != Task::solve)
        throw ConfigError(dense->key_where +
                          ": 'dense' keeps the solution of task solve; it has no effect in task " +
                          task_name(e.task) + "; remove it");
    }
  }
  if (const ConfigNode* title = root.find("title")) read_text(*title, "'title'");
  if (e.task == Task::sweep) return e;
  const ConfigNode* backend = root.find("backend");
  const ConfigNode* chosen =
      backend && backend->kind == ConfigNode::Kind::map ? backend->find("plugin") : backend;
  e.backend_auto = !backend || (chosen && chosen->kind == ConfigNode::Kind::scalar && chosen->text == "auto");
  if (e.backend_auto && backend)
    for (const auto& [key, value] : backend->entries)
      if (key != "plugin")
        throw ConfigError(value.key_where + ": options such as '" + key +
                          "' belong to one backend, but 'auto' may be any; name it in 'plugin'. Installed: " +
                          joined(registry.ids(ODEON_KIND_BACKEND)) + ".");
  if (!e.backend_auto) e.backend = bind_component(ODEON_KIND_BACKEND, *backend, registry);
  if (const ConfigNode* c = root.find("communicator"))
    e.communicator = bind_component(ODEON_KIND_COMMUNICATOR, *c, registry);
  if (trains(e.task)) return e;

  e.field = read_field(require_key(root, "the configuration", "field"), registry);
  e.initial = read_array(require_key(root, "the configuration", "initial"), "'initial'");
  check_initial(e.initial, *root.find("initial"));
  e.times = read_times(require_key(root, "the configuration", "times"));
  states_shape(e, root);
  e.solver = bind_component(ODEON_KIND_SOLVER, require_key(root, "the configuration", "solver"), registry);
  if (e.task == Task::gradient) {
    e.gradient =
        bind_component(ODEON_KIND_GRADIENT, require_key(root, "the configuration", "gradient"), registry);
    if (const ConfigNode* loss = root.find("loss")) {
      e.cotangent = read_cotangent(*loss, states_shape(e, root));
      if (const ConfigNode* events = loss->find("events")) {
        e.event_cotangents =
            read_event_cotangents(*events, {e.initial.shape.begin() + 1, e.initial.shape.end()});
        if (e.cotangent && e.cotangent->shape.size() > e.initial.shape.size() + 1)
          throw ConfigError(events->key_where +
                            ": 'events' of 'loss' belongs to one loss, but 'cotangent' has those of " +
                            std::to_string(e.cotangent->shape[0]) + "; run them one by one");
      }
    }
  }
  return e;
}

}  // namespace odeon::host
