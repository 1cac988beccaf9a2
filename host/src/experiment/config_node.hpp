// A configuration as an immutable tree whose nodes know where they stand, so that messages can name
// file:line:column after merging.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace odeon::host {

struct ConfigEntry;

struct ConfigNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  std::string text;                  // scalar
  bool quoted = false;               // "1" is text, 1 is a number
  std::string where;                 // "file.yaml:3:7" or "--set solver.rtol"
  std::string key_where;             // of the key, in a map; else as where
  std::string folder;                // relative files are looked for here
  std::vector<ConfigEntry> entries;  // map, in the order of the file
  std::vector<ConfigNode> items;     // list

  const ConfigNode* find(const std::string& key) const;
  bool is_null() const { return kind == Kind::null; }
};

// Not a std::pair: it cannot be named while ConfigNode is incomplete.
struct ConfigEntry {
  std::string first;
  ConfigNode second;
};

// Throws ConfigError naming file:line:column for anything that is not one plain YAML document.
ConfigNode parse_config(const std::string& text, const std::string& name, const std::string& folder);
ConfigNode load_config(const std::string& path);

// `key.path=value` from the command line; list items by number.
void set_value(ConfigNode& root, const std::string& assignment);

// Maps merge key by key; everything else is replaced, also a component by another one with its options.
void merge(ConfigNode& base, const ConfigNode& over);

// For messages: "an empty list", "'abc'", "nothing".
std::string describe(const ConfigNode& node);
// Throws ConfigError with the node's place before the message.
[[noreturn]] void bad(const ConfigNode& node, const std::string& message);

}  // namespace odeon::host
