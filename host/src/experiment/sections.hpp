// The sections of a configuration as data, in the struct in which components publish their options. Readers
// take from here which keys there are and how far a number may go, and `odeon plugins --json-schema` what may
// stand where; each table is defined beside its reader.
#pragma once
#include <odeon/options.h>

#include <odeon/sdk/options.hpp>
#include <span>

#include "experiment/scalars.hpp"

namespace odeon::host {

// Types beside those of odeon/options.h, which also get a use more:
//   ODEON_OPTION_COMPONENT  choices behind the first are words that may stand instead of an id
//   ODEON_OPTION_ARRAY      choices are words that may stand instead of numbers
//   ODEON_OPTION_GROUP      one that has a shorthand child may also be that child's value
inline constexpr int32_t kTimesSection = -1;   // a list, a map of `children` (a range), or {file: t.npy}
inline constexpr int32_t kFieldSection = -2;   // a field, which may name a file of weights: `children`
inline constexpr int32_t kListSection = -3;    // a list, each entry a GROUP of `children`
inline constexpr int32_t kTaggedSection = -4;  // a map of the keys of one of `children`, which its entry
                                               // choices[0] names: {kind: adam, betas: [0.9, 0.99]}
inline constexpr int32_t kOneOfSection = -5;   // a map with one entry: {gru: 25}
inline constexpr int32_t kNamedSection = -6;   // a map of any names to values of children[0]
inline constexpr int32_t kOverSection = -7;    // values over those of another configuration

inline constexpr uint32_t kRequired = ODEON_OPTION_REQUIRED;

using Keys = std::span<const odeon_option* const>;
inline Keys children_of(const odeon_option& section) {
  return {section.children, static_cast<size_t>(section.n_children)};
}
std::vector<std::string> names_of(Keys keys);

// Throws ConfigError for a key that is not among those of the section; tag: of a kTaggedSection.
void check_keys(const ConfigNode& map, const std::string& what, const odeon_option& section,
                const std::string& tag = "");

// The value of a key in its map, or `otherwise` where it is absent. Type, range and words are those of `key`.
// Throw ConfigError.
int64_t read_integer(const ConfigNode& map, const odeon_option& key, int64_t otherwise);
double read_real(const ConfigNode& map, const odeon_option& key, double otherwise);
bool read_boolean(const ConfigNode& map, const odeon_option& key, bool otherwise);
size_t read_choice(const ConfigNode& map, const odeon_option& key, size_t otherwise);

// For a number that does not stand under the key itself, such as each of a list.
double in_range(const ConfigNode& node, const std::string& what, const odeon_option& key, double value);

// Tables of several sections.
inline constexpr odeon_option kWeightsFile =
    make_option(ODEON_OPTION_STRING, str("file"), kNoText,
                str("A .safetensors file, from the folder of this configuration."), kRequired);
inline constexpr const odeon_option* kWeightsKeys[] = {&kWeightsFile};
inline constexpr odeon_option kWeights =
    with_children(make_option(ODEON_OPTION_GROUP, str("weights"), kNoText,
                              str("Parameters to begin with, by name; without, they are drawn by `seed`.")),
                  kWeightsKeys);
inline constexpr const odeon_option* kFieldKeys[] = {&kWeights};
constexpr odeon_option field_section(odeon_str key, odeon_str doc) {
  return with_children(make_option(kFieldSection, key, kNoText, doc, kRequired), kFieldKeys);
}

inline constexpr odeon_str kSolverKind[] = {str("solver")}, kGradientKind[] = {str("gradient")};
constexpr odeon_option solver_section(odeon_str doc) {
  return with_choices(make_option(ODEON_OPTION_COMPONENT, str("solver"), kNoText, doc, kRequired),
                      kSolverKind);
}
constexpr odeon_option gradient_section(odeon_str doc) {
  return with_choices(make_option(ODEON_OPTION_COMPONENT, str("gradient"), kNoText, doc, kRequired),
                      kGradientKind);
}

}  // namespace odeon::host
