#include "experiment/config_node.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <boost/nowide/utf/utf.hpp>
#include <sstream>
#include <unordered_set>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 24;
constexpr int kMaxDepth = 64;
constexpr const char* kTooDeep = ": maps and lists may be nested 64 deep, and this is deeper; flatten it";
constexpr size_t kAlwaysAllowed = 10'000;

// Whether the bytes are UTF-8, which record.json and messages must be.
bool is_utf8(const std::string& text) {
  namespace utf = boost::nowide::utf;
  for (const char *p = text.data(), *end = p + text.size(); p != end;)
    if (const auto c = utf::utf_traits<char>::decode(p, end); c == utf::illegal || c == utf::incomplete)
      return false;
  return true;
}

struct Converter {
  std::string name, folder;
  size_t most_nodes;  // each takes a character, so only aliases of aliases come beyond it
  size_t count = 0;

  std::string where(const YAML::Mark& m) const {
    return name + ":" + std::to_string(m.line + 1) + ":" + std::to_string(m.column + 1);
  }

  ConfigNode convert(const YAML::Node& from, int depth) {
    ConfigNode node;
    node.where = where(from.Mark());
    node.folder = folder;
    node.key_where = node.where;
    if (depth > kMaxDepth) throw ConfigError(node.where + kTooDeep);
    if (++count > most_nodes)
      throw ConfigError(node.where + ": the aliases of this file unfold to more than " +
                        std::to_string(most_nodes) + " values; write them out");
    if (from.IsScalar()) {
      node.kind = ConfigNode::Kind::scalar;
      node.text = from.Scalar();
      node.quoted = from.Tag() == "!";
    } else if (from.IsSequence()) {
      node.kind = ConfigNode::Kind::list;
      for (const YAML::Node& item : from) node.items.push_back(convert(item, depth + 1));
    } else if (from.IsMap()) {
      node.kind = ConfigNode::Kind::map;
      std::unordered_set<std::string> keys;
      for (const auto& entry : from) {
        const std::string at = where(entry.first.Mark());
        if (!entry.first.IsScalar())
          throw ConfigError(at + ": keys must be plain words; found a list or a map");
        const std::string key = entry.first.Scalar();
        if (key == "<<")
          throw ConfigError(at + ": merge keys are of YAML 1.1 and not read here; write the keys out");
        if (!keys.insert(key).second)
          throw ConfigError(at + ": key '" + key + "' stands twice in the same map; remove one");
        node.entries.push_back({key, convert(entry.second, depth + 1)});
        ConfigNode& value = node.entries.back().second;
        value.key_where = at;
        if (value.is_null()) value.where = at;
      }
    }
    return node;
  }
};

// Stops at a second document. One that begins where the first did is a text that yaml-cpp cannot get past,
// such as a ',' at the start: its LoadAll would make documents of it without end.
class OneDocument : public YAML::EventHandler {
 public:
  explicit OneDocument(const Converter& converter) : converter_(converter) {}
  bool found() const { return !first_.is_null(); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (found())
      throw ConfigError(converter_.where(mark) +
                        (mark.pos == first_.pos
                             ? ": is not valid YAML: no value begins like this; correct the file there"
                             : ": another YAML document begins; keep one"));
    first_ = mark;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}

 private:
  const Converter& converter_;
  YAML::Mark first_ = YAML::Mark::null_mark();
};

// The message for a line that a tab indents, where the parser has stumbled on it or on the one before; else
// empty.
std::string tab_before(const std::string& text, const YAML::Mark& mark, const Converter& converter) {
  if (mark.is_null()) return "";
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; number <= mark.line && std::getline(lines, line); ++number) {
    const size_t first = line.find_first_not_of(' ');
    if (number + 1 < mark.line || first == std::string::npos || line[first] != '\t') continue;
    YAML::Mark at;
    at.line = number, at.column = static_cast<int>(first);
    return converter.where(at) + ": a tab indents this line, which YAML does not allow; use spaces";
  }
  return "";
}

// A shorthand such as `backend: cpu` becomes a map, so that it can gain options.
void lengthen(ConfigNode& node) {
  ConfigNode map;
  map.kind = ConfigNode::Kind::map;
  map.where = node.where;
  map.key_where = node.key_where;
  map.folder = node.folder;
  map.entries.push_back({"plugin", node});
  node = std::move(map);
}

}  // namespace

const ConfigNode* ConfigNode::find(const std::string& key) const {
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.first == key; });
  return at == entries.end() ? nullptr : &at->second;
}

ConfigNode parse_config(const std::string& text, const std::string& name, const std::string& folder) {
  if (text.size() > kMaxBytes)
    throw ConfigError(name + ": is larger than 16 MiB, which no configuration should be");
  if (!is_utf8(text)) throw ConfigError(name + ": is not UTF-8 text; save it with that encoding");
  Converter converter{name, folder, std::max(kAlwaysAllowed, text.size())};
  try {
    OneDocument document(converter);
    std::istringstream stream(text);
    for (YAML::Parser parser(stream); parser.HandleNextDocument(document);) {
    }
    if (!document.found())
      throw ConfigError(name + ": is empty; a configuration is a map with at least 'odeon' and 'task'");
    return converter.convert(YAML::Load(text), 0);
  } catch (const YAML::DeepRecursion& e) {
    throw ConfigError(converter.where(e.mark) + kTooDeep);
  } catch (const YAML::Exception& e) {
    const std::string tab = tab_before(text, e.mark, converter);
    if (!tab.empty()) throw ConfigError(tab);
    throw ConfigError((e.mark.is_null() ? name : converter.where(e.mark)) + ": is not valid YAML: " + e.msg +
                      "; correct the file there or just before");
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
    if (key.empty()) throw ConfigError(where + ": a key of the path is empty; write it as in solver.rtol");
    if (node->kind == ConfigNode::Kind::list) {
      const bool number = !key.empty() && key.size() < 9 &&
                          std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
      const size_t index = number ? std::stoul(key) : node->items.size();
      if (index >= node->items.size())
        throw ConfigError(where + ": there is no entry '" + key + "'; that list has " +
                          std::to_string(node->items.size()) + ", counted from 0");
      node = &node->items[index];
      continue;
    }
    if (node->kind == ConfigNode::Kind::scalar) lengthen(*node);
    node->kind = ConfigNode::Kind::map;
    if (!node->find(key)) {
      ConfigNode fresh;
      fresh.where = fresh.key_where = where;
      node->entries.push_back({key, fresh});
    }
    node = &std::find_if(node->entries.begin(), node->entries.end(), [&](const auto& e) {
              return e.first == key;
            })->second;
  }
  const std::string value = assignment.substr(equals + 1);
  if (value.find_first_not_of(" \t") == std::string::npos)
    throw ConfigError(where + ": no value stands behind '='; give one, for example solver.rtol=1e-8");
  *node = parse_config(value, where, ".");
  const auto relabel = [&](auto&& self, ConfigNode& n) -> void {
    n.where = n.key_where = where;
    for (auto& [key, value] : n.entries) self(self, value);
    for (ConfigNode& item : n.items) self(self, item);
  };
  relabel(relabel, *node);
}

void merge(ConfigNode& base, const ConfigNode& over) {
  const bool options_only = over.kind == ConfigNode::Kind::map && !over.find("plugin");
  if (base.kind == ConfigNode::Kind::scalar && options_only) lengthen(base);
  const ConfigNode *old_plugin = base.find("plugin"), *new_plugin = over.find("plugin");
  const bool replaced = old_plugin && new_plugin && old_plugin->text != new_plugin->text;
  if (base.kind != ConfigNode::Kind::map || over.kind != ConfigNode::Kind::map || replaced) {
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
      return (node.quoted ? "the quoted text '" : "'") + node.text + "'";
    case ConfigNode::Kind::list:
      return node.items.empty() ? "an empty list" : "a list";
    default:
      return node.entries.empty() ? "an empty map" : "a map";
  }
}

void bad(const ConfigNode& node, const std::string& message) {
  throw ConfigError(node.where + ": " + message);
}

}  // namespace odeon::host
