// The JSON schema says what the reader of configurations says, and the committed one is the printed one.
#include "experiment/json_schema.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <regex>
#include <sstream>

#include "data/error.hpp"
#include "data/mutation.hpp"
#include "experiment/built_plugins.hpp"
#include "experiment/odeon_process.hpp"
#include "experiment/root_keys.hpp"
#include "experiment/run.hpp"
#include "experiment/schema_validator.hpp"

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;
namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

const std::string kSource = ODEON_SOURCE_DIR;

Json committed_schema() { return Json::parse(contents_of(kSource + "/configs/odeon.schema.json")); }

const SchemaValidator& validator() {
  static const SchemaValidator v(json_schema(built_plugins()));
  return v;
}

// A component that this machine cannot build, taken out of the schema of those that can.
void leave_out(Json& node, const std::string& id) {
  if (node.is_object() && node.contains("enum") && node["enum"].is_array()) {
    Json& words = node["enum"];
    for (size_t i = words.size(); i-- > 0;)
      if (words[i] == id) {
        words.erase(i);
        if (node.contains("enumDescriptions")) node["enumDescriptions"].erase(i);
      }
  }
  if (!node.is_structured()) return;  // a number would be its own child
  for (Json& child : node) leave_out(child, id);
  if (!node.is_array()) return;
  const std::string own = "_" + id;  // the case of its own options
  for (size_t i = node.size(); i-- > 0;)
    if (node[i].is_object() && node[i].contains("then") && node[i]["then"].is_object() &&
        node[i]["then"].value("$ref", "").ends_with(own))
      node.erase(i);
}

std::vector<fs::path> yaml_files(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

// The keys of a section at a path of a configuration, and those of the sections below it.
struct Place {
  std::vector<std::string> path;
  const odeon_option* key;
};
void gather(Keys keys, std::vector<std::string> path, std::vector<Place>& out) {
  for (const odeon_option* key : keys) {
    std::vector<std::string> inner = path;
    inner.emplace_back(to_view(key->key));
    out.push_back({inner, key});
    if (key->type == kListSection) inner.emplace_back("0");
    if (key->type == ODEON_OPTION_GROUP || key->type == kListSection) gather(children_of(*key), inner, out);
    if (key->type == kFieldSection) gather(children_of(*key), inner, out);
  }
}
// With the keys of the tagged sections as the configuration has chosen them.
void gather_tagged(Keys keys, const ConfigNode& root, std::vector<Place>& out) {
  for (const odeon_option* key : keys)
    if (key->type == kTaggedSection)
      for (const odeon_option* kind : children_of(*key)) {
        const std::string name(to_view(key->key)), tag(to_view(key->choices[0]));
        if (root.find(name)->find(tag)->text == to_view(kind->key)) gather(children_of(*kind), {name}, out);
      }
}

ConfigNode nonsense() {
  ConfigNode node = parse_config("{nonsense: [nonsense]}", "HERE", ".");
  node.where = node.key_where = "HERE";
  return node;
}

// Puts nonsense there, and says whether there was a place for it.
bool put_nonsense(ConfigNode& node, const std::vector<std::string>& path, size_t depth) {
  if (depth == path.size()) {
    node = nonsense();
    return true;
  }
  if (path[depth] == "0") {
    if (node.kind != ConfigNode::Kind::list) node.kind = ConfigNode::Kind::list, node.items = {nonsense()};
    return put_nonsense(node.items[0], path, depth + 1);
  }
  if (node.kind == ConfigNode::Kind::scalar) return false;
  node.kind = ConfigNode::Kind::map;
  for (ConfigEntry& entry : node.entries)
    if (entry.first == path[depth]) return put_nonsense(entry.second, path, depth + 1);
  node.entries.push_back({path[depth], ConfigNode()});
  node.entries.back().second.where = node.entries.back().second.key_where = "HERE";
  return put_nonsense(node.entries.back().second, path, depth + 1);
}

std::string refusal(const ConfigNode& root, const std::string& path) {
  try {
    read_deployment(root);
    check_experiment(read_experiment(root, path, built_plugins()), built_plugins());
  } catch (const host::Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("configs/odeon.schema.json is what `odeon plugins --json-schema` prints") {
  const Outcome printed = run_odeon({"plugins", "--json-schema"});
  REQUIRE(printed.status == 0);
  Json committed = committed_schema();
  std::istringstream left_out(ODEON_LEFT_OUT);
  for (std::string id; std::getline(left_out, id, ';');) {
    leave_out(committed, id);
    for (const std::string kind : {"backend_", "solver_", "communicator_"})
      committed["definitions"].erase(kind + id);
  }
  INFO("write it anew: odeon plugins --json-schema > configs/odeon.schema.json");
  CHECK((committed == Json::parse(printed.out)));
}

TEST_CASE(
    "every configuration and deployment of the tree is valid against the schema, and says where it is") {
  const SchemaValidator whole(
      committed_schema());  // with components that this machine may not be able to build
  int count = 0;
  for (const fs::path& path : yaml_files(kSource + "/configs")) {
    INFO(path.string());
    CHECK(whole.errors(load_config(path)) == "");
    const std::string depth = fs::relative(kSource + "/configs", path.parent_path()).string();
    const std::string mark =
        "# yaml-language-server: $schema=" + (depth == "." ? "" : depth + "/") + "odeon.schema.json\n";
    CHECK(contents_of(path).starts_with(mark));
    ++count;
  }
  CHECK(count > 35);
  const std::string readme = contents_of(kSource + "/README.md");
  const size_t from = readme.find("```yaml\n") + 8;
  CHECK(whole.errors(parse_config(readme.substr(from, readme.find("```", from) - from), "README", ".")) ==
        "");
}

TEST_CASE("short forms are valid, and mistakes in them are not") {
  const std::string head =
      "odeon: 1\ntask: gradient\ninitial: [[1.0]]\ntimes: {start: 0, stop: 1, count: 3}\ngradient: direct\n";
  const auto errors = [&](const std::string& rest) {
    return validator().errors(parse_config(head + rest, "t.yaml", "."));
  };
  const std::string layers =
      "field: {plugin: neural, network: [{power: 3}, {linear: 5}, tanh, {linear: {features: 1, "
      "bias: false}}, {residual: [{linear: 1}, tanh:]}]}\n";
  CHECK(errors(layers + "solver: dopri5\nbackend: auto\n") == "");
  CHECK(errors(layers + "solver: {plugin: dopri5, rtol: [1e-3], atol: 1e-5}\nbackend: reference\n") == "");
  CHECK(errors(layers + "solver: dopri55\n") != "");
  CHECK(errors(layers + "solver: {plugin: dopri5, rtoll: 1e-3}\n") != "");
  CHECK(errors(layers + "solver: {plugin: dopri5, rtol: -1e-3}\n") != "");
  CHECK(errors(layers + "solver: {plugin: dopri5, max_steps: 1.5}\n") != "");
  CHECK(errors(layers + "solver: {plugin: dopri5, stepping: rowwise}\n") != "");
  CHECK(errors(layers + "solver: {rtol: 1e-3}\n") != "");
  CHECK(errors("solver: dopri5\nfield: neural\n") != "");
  CHECK(errors("solver: dopri5\nfield: {plugin: neural, network: [linear]}\n") != "");
  CHECK(errors("solver: dopri5\nfield: {plugin: neural, network: [tanhh]}\n") != "");
  CHECK(errors("solver: dopri5\nfield: {plugin: neural, network: [{residual: [{linear: 0}]}]}\n") != "");
}

TEST_CASE("a deployment may name options without a component, but no key of an experiment") {
  const auto errors = [](const std::string& text) {
    return validator().errors(parse_config(text, "d.yaml", "."));
  };
  CHECK(errors("backend: {threads: 2}\n") == "");
  CHECK(errors("backend: auto\noutput: {directory: runs}\nplugins: {policy: pinned, lock: a.lock}\n") == "");
  CHECK(errors("backend: {plugin: cpu, treads: 2}\n") != "");
  CHECK(errors("plugins: {policy: pinnned}\n") != "");
  CHECK(errors("backend: cpu\nsolver: dopri5\n") != "");
}

TEST_CASE(
    "a bad configuration whose mistake is one of keys, types, ranges or words is bad for the schema too") {
  // What a schema can say. Other mistakes are those of shapes, files, formulas, and of keys that exclude each
  // other.
  static const std::regex kOfSchema(
      "(has no key|has no option|there is no key|has no effect in task|knows no|must be one of|must be a "
      "number;|"
      "must be a whole number|must be true or false|must be (>|>=|<=) [-0-9.e]+( and finite)?;|must be from "
      "[0-9.]+ to "
      "[0-9.]+;|needs 'rtol|"
      "the configuration needs|needs a value for|has no value;)");
  int refused = 0, of_schema = 0;
  for (const fs::path& path : yaml_files(kSource + "/tests/experiment/bad_configs")) {
    if (path.parent_path().filename() == "files") continue;
    const std::string text = contents_of(path);
    const bool elsewhere =
        path.filename().string().starts_with("sweep_");  // in a file that it names, or in `set`
    if (elsewhere || text.find("# arguments: ") != std::string::npos) continue;
    const std::string message = contents_of(fs::path(path).replace_extension(".expect"));
    ConfigNode root;
    try {
      root = parse_config(text, path, path.parent_path());
    } catch (const ConfigError&) {
      continue;
    }
    const bool bad = !validator().errors(root).empty();
    refused += bad;
    if (!std::regex_search(message, kOfSchema)) continue;
    ++of_schema;
    INFO(path.filename().string() << ": " << message);
    CHECK(bad);
  }
  MESSAGE("refused " << refused << ", of which keys, types, ranges and words " << of_schema);
  CHECK(of_schema > 70);
}

TEST_CASE("every key that the schema knows is read: nonsense behind it is refused there, by both") {
  std::vector<std::string> paths{"/configs/02_lotka_volterra_gradient.yaml",
                                 "/configs/bouncing_ball.yaml",
                                 "/configs/spiral.yaml",
                                 "/configs/two_moons.yaml",
                                 "/configs/penguins.yaml",
                                 "/configs/digits/ode_net.yaml",
                                 "/configs/latent/latent_ode.yaml",
                                 "/configs/latent/recurrent.yaml",
                                 "/configs/latent/compare.yaml"};
  int count = 0;
  for (const std::string& path : paths) {
    ConfigNode root = load_config(kSource + path);
    INFO(path);
    REQUIRE(refusal(root, path) == "");
    const Task task = static_cast<Task>(read_choice(root, kTaskKey, 0));
    const std::vector<const odeon_option*> keys =
        keys_of(task, trains(task) ? &trained_kind(root, task) : nullptr);
    std::vector<Place> places;
    gather(keys, {}, places);
    gather_tagged(keys, root, places);
    for (const Place& place : places) {
      ConfigNode changed = root;
      std::string name;
      for (const std::string& step : place.path) name += "." + step;
      INFO(name);
      if (!put_nonsense(changed, place.path, 0)) continue;
      const std::string message = refusal(changed, path);
      INFO(message);
      CHECK(message.find("HERE") != std::string::npos);
      CHECK(validator().errors(changed) != "");
      ++count;
    }
  }
  CHECK(count > 150);
}
