#include "experiment/sections.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "experiment/experiment.hpp"
#include "experiment/option_range.hpp"

namespace odeon::host {
namespace {

std::string quoted(const odeon_option& key) { return "'" + std::string(to_view(key.key)) + "'"; }

const ConfigNode* find(const ConfigNode& map, const odeon_option& key) {
  return map.find(std::string(to_view(key.key)));
}

// Whole numbers in full: 1000000000, not 1e9.
std::string bound_text(double x) {
  constexpr double kExact = 9e15;
  return std::abs(x) < kExact && x == std::floor(x) ? std::to_string(static_cast<int64_t>(x))
                                                    : number_text(x);
}

// "from 1 to 10", "> 0 and finite", "from 0 to below 1".
std::string range_text(const odeon_option& o) {
  const bool above = (o.flags & ODEON_OPTION_MIN_EXCLUSIVE) != 0,
             below = (o.flags & ODEON_OPTION_MAX_EXCLUSIVE) != 0;
  const std::string least = bound_text(o.minimum), most = bound_text(o.maximum);
  if (o.maximum == ODEON_UNBOUNDED_ABOVE)
    return (o.minimum == ODEON_UNBOUNDED_BELOW ? "" : (above ? "> " : ">= ") + least) +
           (o.type == ODEON_OPTION_INT           ? ""
            : o.minimum == ODEON_UNBOUNDED_BELOW ? "finite"
                                                 : " and finite");
  if (above) return "above " + least + " and " + (below ? "below " : "at most ") + most;
  return "from " + least + " to " + (below ? "below " : "") + most;
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
    bad(node, what + " must be " + range_text(o) + "; found " + node.text);
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
