#include "experiment/tangent.hpp"

#include <algorithm>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"
#include "experiment/sections.hpp"
#include "experiment/session.hpp"

namespace odeon::host {
namespace {

constexpr odeon_option kInitial = make_option(ODEON_OPTION_ARRAY, str("initial"), kNoText,
                                              str("The part of it along `initial`, of its shape."));
constexpr odeon_option kParameter =
    make_option(ODEON_OPTION_ARRAY, str("parameter"), kNoText, str("Of the parameter's shape."));
constexpr const odeon_option* kParameterValues[] = {&kParameter};
constexpr odeon_option kParameters =
    with_children(make_option(kNamedSection, str("parameters"), kNoText,
                              str("The part of it along theta: {a: 0.5} by name, or {file: v.safetensors}.")),
                  kParameterValues);
constexpr odeon_option kCotangent = make_option(
    ODEON_OPTION_ARRAY, str("cotangent"), kNoText,
    str("How dL/dys itself changes along it, of its shape: for losses that are not linear in the states."));
constexpr const odeon_option* kTangentKeys[] = {&kInitial, &kParameters, &kCotangent};

Array of_shape(const ConfigNode& node, const std::string& what, const std::string& like,
               const std::vector<int64_t>& shape) {
  Array a = read_array(node, what);
  if (a.shape != shape)
    bad(node, what + " of 'tangent' must have the shape of " + like + ", " + shape_text(shape) + "; found " +
                  shape_text(a.shape));
  return a;
}

// Puts `value` into the slot of that name. place: of the name.
void put(ParameterSet& into, const std::string& place, const std::string& name, const Array& value) {
  const auto slot = std::find_if(into.slots.begin(), into.slots.end(),
                                 [&](const ParameterSet::Slot& s) { return s.name == name; });
  if (slot == into.slots.end()) {
    std::vector<std::string> names;
    for (const ParameterSet::Slot& s : into.slots) names.push_back(s.name);
    throw ConfigError(place + ": the field has no parameter '" + name + "'" + did_you_mean(name, names) +
                      " Parameters: " + (names.empty() ? "none" : joined(names)) + ".");
  }
  if (value.shape != slot->shape)
    throw ConfigError(place + ": the tangent of parameter '" + name + "' must " +
                      (slot->shape.empty() ? "be one number" : "have its shape, " + shape_text(slot->shape)) +
                      "; found " +
                      (value.shape.empty() ? "one number" : "the shape " + shape_text(value.shape)));
  for (int64_t i = 0; i < value.size(); ++i) into.flat.set(slot->offset + i, value.at(i));
}

void read_parameter_file(const ConfigNode& file, ParameterSet& into) {
  const std::string path = resolve_path(file);
  if (!path.ends_with(".safetensors")) {
    ConfigNode as_array;
    as_array.kind = ConfigNode::Kind::map;
    as_array.where = file.where;
    as_array.entries.push_back({"file", file});
    into.flat = of_shape(as_array, "'parameters'", "all parameters behind each other", into.flat.shape);
    return;
  }
  try {
    for (const NamedArray& a : read_safetensors(path)) put(into, file.where, a.name, a.array);
  } catch (const RunError& e) {
    throw ConfigError(file.where + ": 'parameters' of 'tangent': " + e.what());
  }
}

void read_parameters(const ConfigNode& node, ParameterSet& into) {
  if (node.kind != ConfigNode::Kind::map)
    bad(node,
        "'parameters' of 'tangent' must be a map such as {a: 1.0}, or {file: name.npy} or {file: "
        "name.safetensors}; found " +
            describe(node));
  const ConfigNode* file = node.find("file");
  if (file && node.entries.size() == 1) {
    read_text(*file, "'file'");
    return read_parameter_file(*file, into);
  }
  for (const auto& [name, value] : node.entries)
    put(into, value.key_where, name, read_array(value, "'" + name + "'"));
}

}  // namespace

constinit const odeon_option kTangentSection =
    with_children(make_option(ODEON_OPTION_GROUP, str("tangent"), kNoText,
                              str("A direction: the run also leaves the Hessian of the loss times it.")),
                  kTangentKeys);

Tangent read_tangent(const ConfigNode& node, const Field& field, const Experiment& e) {
  check_keys(node, "'tangent'", kTangentSection);
  const ConfigNode *initial = node.find("initial"), *parameters = node.find("parameters"),
                   *cotangent = node.find("cotangent");
  if (!initial && !parameters)
    bad(node, "'tangent' is a direction: it needs 'initial', 'parameters' or both; add one");
  ParameterSet into =
      initial_parameters({field.info().slots, static_cast<size_t>(field.info().n_slots)}, ODEON_F64, e.seed);
  into.flat = Array::zeros(ODEON_F64, into.flat.shape);
  if (parameters) read_parameters(*parameters, into);
  Tangent t{initial ? of_shape(*initial, "'initial'", "the experiment's", e.initial.shape)
                    : Array::zeros(ODEON_F64, e.initial.shape),
            std::move(into.flat),
            {}};
  if (!cotangent) return t;
  std::vector<int64_t> shape = e.initial.shape;
  shape.insert(shape.begin(), static_cast<int64_t>(e.times.size()));
  t.cotangent = of_shape(*cotangent, "'cotangent'", e.cotangent ? "that of 'loss'" : "the states",
                         e.cotangent ? e.cotangent->shape : shape);
  return t;
}

}  // namespace odeon::host
