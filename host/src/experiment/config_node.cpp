#include "experiment/config_node.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 24;
constexpr int kMaxDepth = 64;
constexpr size_t kMaxNodes = 1'000'000;  // against aliases that unfold without end

struct Converter {
  std::string name, folder;
  size_t count = 0;

  std::string where(const YAML::Mark& m) const {
    return name + ":" + std::to_string(m.line + 1) + ":" + std::to_string(m.column + 1);
  }

  ConfigNode convert(const YAML::Node& from, int depth) {
    ConfigNode node;
    node.where = where(from.Mark());
    node.folder = folder;
    if (depth > kMaxDepth || ++count > kMaxNodes)
      throw ConfigError(node.where + ": the configuration is nested too deeply or too large; simplify it");
    if (from.IsScalar()) {
      node.kind = ConfigNode::Kind::scalar;
      node.text = from.Scalar();
      node.quoted = from.Tag() == "!";
    } else if (from.IsSequence()) {
      node.kind = ConfigNode::Kind::list;
      for (const YAML::Node& item : from) node.items.push_back(convert(item, depth + 1));
    } else if (from.IsMap()) {
      node.kind = ConfigNode::Kind::map;
      for (const auto& entry : from) {
        const std::string at = where(entry.first.Mark());
        if (!entry.first.IsScalar())
          throw ConfigError(at + ": keys must be plain words; found a list or a map");
        const std::string key = entry.first.Scalar();
        if (node.find(key))
          throw ConfigError(at + ": key '" + key + "' stands twice in the same map; remove one");
        node.entries.push_back({key, convert(entry.second, depth + 1)});
        if (node.entries.back().second.is_null()) node.entries.back().second.where = at;
      }
    }
    return node;
  }
};

}  // namespace

const ConfigNode* ConfigNode::find(const std::string& key) const {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.first == key; });
  return at == entries.end() ? nullptr : &at->second;
}

ConfigNode parse_config(const std::string& text, const std::string& name, const std::string& folder) {
  if (text.size() > kMaxBytes)
    throw ConfigError(name + ": is larger than 16 MiB, which no configuration should be");
  Converter converter{name, folder};
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1)
      throw ConfigError(name + ": holds " + std::to_string(documents.size()) + " YAML documents; keep one");
    if (documents.empty())
      throw ConfigError(name + ": is empty; a configuration is a map with at least 'odeon' and 'task'");
    return converter.convert(documents[0], 0);
  } catch (const YAML::Exception& e) {
    throw ConfigError(converter.where(e.mark) + ": is not valid YAML: " + e.msg);
  }
}

ConfigNode load_config(const std::string& path) {
  std::vector<std::byte> bytes;
  try {
    bytes = read_file(path, kMaxBytes);
  } catch (const RunError& e) {
    throw ConfigError(e.what());
  }
  const size_t slash = path.rfind('/');
  return parse_config({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path,
                      slash == std::string::npos ? "." : path.substr(0, slash));
}

void set_value(ConfigNode& root, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  const std::string path = assignment.substr(0, equals), where = "--set " + path;
  if (equals == std::string::npos || path.empty())
    throw ConfigError("--set " + assignment + ": must be key.path=value, for example --set solver.rtol=1e-8");
  ConfigNode* node = &root;
  for (size_t from = 0; from <= path.size();) {
    const size_t to = std::min(path.find('.', from), path.size());
    const std::string key = path.substr(from, to - from);
    from = to + 1;
    if (node->kind == ConfigNode::Kind::list) {
      const bool number = !key.empty() && key.size() < 9 &&
                          std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
      const size_t index = number ? std::stoul(key) : node->items.size();
      if (index >= node->items.size())
        throw ConfigError(where + ": '" + key + "' is not one of the " + std::to_string(node->items.size()) +
                          " entries of that list, counted from 0");
      node = &node->items[index];
      continue;
    }
    if (node->kind == ConfigNode::Kind::scalar) {  // a shorthand such as `backend: cpu` gains options
      const ConfigNode plugin = *node;
      *node = ConfigNode{};
      node->entries.push_back({"plugin", plugin});
    }
    node->kind = ConfigNode::Kind::map;
    if (!node->find(key)) node->entries.push_back({key, ConfigNode{}});
    node = &std::find_if(node->entries.begin(), node->entries.end(), [&](const auto& e) {
              return e.first == key;
            })->second;
  }
  *node = parse_config(assignment.substr(equals + 1) + "\n", where, ".");
  const std::string exact = where;
  const auto relabel = [&](auto&& self, ConfigNode& n) -> void {
    n.where = exact;
    for (auto& [key, value] : n.entries) self(self, value);
    for (ConfigNode& item : n.items) self(self, item);
  };
  relabel(relabel, *node);
}

void merge(ConfigNode& base, const ConfigNode& over) {
  if (base.kind != ConfigNode::Kind::map || over.kind != ConfigNode::Kind::map) {
    base = over;
    return;
  }
  for (const ConfigEntry& entry : over.entries) {
    const auto at = std::find_if(base.entries.begin(), base.entries.end(),
                                 [&](const ConfigEntry& e) { return e.first == entry.first; });
    if (at == base.entries.end())
      base.entries.push_back(entry);
    else
      merge(at->second, entry.second);
  }
}

std::string describe(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::null:
      return "nothing";
    case ConfigNode::Kind::scalar:
      return "'" + node.text + "'";
    case ConfigNode::Kind::list:
      return "a list";
    default:
      return "a map";
  }
}

}  // namespace odeon::host
