#include "experiment/sections.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "experiment/experiment.hpp"
#include "experiment/option_range.hpp"

namespace odeon::host {
namespace {

std::string quoted(const odeon_option& key) { return "'" + std::string(to_view(key.key)) + "'"; }

const ConfigNode* find(const ConfigNode& map, const odeon_option& key) {
  return map.find(std::string(to_view(key.key)));
}

std::string finite_range(const odeon_option& o) {
  const std::string range = range_text(o);
  if (o.type == ODEON_OPTION_INT || o.maximum < ODEON_UNBOUNDED_ABOVE) return range;
  return range.empty() ? "finite" : range + " and finite";
}

}  // namespace

std::vector<std::string> names_of(Keys keys) {
  std::vector<std::string> names;
  for (const odeon_option* key : keys) names.emplace_back(to_view(key->key));
  return names;
}

void check_keys(const ConfigNode& map, const std::string& what, const odeon_option& section,
                const std::string& tag) {
  if (section.type != kTaggedSection) return check_keys(map, what, names_of(children_of(section)));
  std::vector<std::string> known{std::string(to_view(section.choices[0]))};
  for (const odeon_option* kind : children_of(section))
    if (to_view(kind->key) == tag)
      for (const odeon_option* key : children_of(*kind)) known.emplace_back(to_view(key->key));
  check_keys(map, what, known);
}

double in_range(const ConfigNode& node, const std::string& what, const odeon_option& o, double value) {
  if (is_below(o, value) || is_above(o, value) || !std::isfinite(value))
    bad(node, what + " must be " + finite_range(o) + "; found " + node.text);
  return value;
}

int64_t read_integer(const ConfigNode& map, const odeon_option& key, int64_t otherwise) {
  const ConfigNode* node = find(map, key);
  if (!node) return otherwise;
  const int64_t value = read_integer(*node, quoted(key));
  in_range(*node, quoted(key), key, static_cast<double>(value));
  return value;
}

double read_real(const ConfigNode& map, const odeon_option& key, double otherwise) {
  const ConfigNode* node = find(map, key);
  return node ? in_range(*node, quoted(key), key, read_real(*node, quoted(key))) : otherwise;
}

bool read_boolean(const ConfigNode& map, const odeon_option& key, bool otherwise) {
  const ConfigNode* node = find(map, key);
  return node ? read_boolean(*node, quoted(key)) : otherwise;
}

size_t read_choice(const ConfigNode& map, const odeon_option& key, size_t otherwise) {
  const ConfigNode* node = find(map, key);
  std::vector<std::string> words;
  for (int64_t i = 0; i < key.n_choices; ++i) words.emplace_back(to_view(key.choices[i]));
  return node ? read_choice(*node, quoted(key), words) : otherwise;
}

}  // namespace odeon::host
