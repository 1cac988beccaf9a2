#include "embed/application_field.hpp"

#include <algorithm>

#include "data/array.hpp"
#include "data/error.hpp"
#include "embed/batch_instance.hpp"
#include "loader/descriptor_rules.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {
namespace {

// What the registry keeps alive for a field of this program.
struct ApplicationField : LoadedPlugin {
  std::string title;
  odeon_field_api api{};
  odeon_component component{};
};

LoadedComponent make(const std::string& id, const std::string& title, const odeon_field_api& api,
                     decltype(LoadedComponent::make_field) make_field) {
  auto owner = std::make_shared<ApplicationField>();
  owner->id = id;
  owner->version = "1.0.0";
  owner->title = title;
  owner->api = api;
  odeon_component& c = owner->component;
  c = make_component(ODEON_KIND_FIELD, {to_str(owner->id), to_str(owner->title), to_str(owner->title)},
                     &owner->api);
  c.licence = kNoText;
  if (const Broken b = check_component(c))
    throw ConfigError("field '" + id + "' of this program: " + b.rule + "; found " + b.found + "; " +
                      b.remedy);
  return {ODEON_KIND_FIELD, owner->id, &c, owner, std::move(make_field)};
}

void check_state_shape(const std::string& id, const std::vector<int64_t>& shape) {
  if (shape.size() >= ODEON_MAX_RANK || checked_count(shape) < 1)
    throw ConfigError("field '" + id + "' of this program: the shape of its state must be up to " +
                      std::to_string(ODEON_MAX_RANK - 1) + " positive numbers, such as {2}");
}

// `create` of a field that the registry makes itself; Field::create calls make_field instead.
odeon_status create_elsewhere(const odeon_host*, const odeon_value*, const odeon_field_context*,
                              odeon_field**) {
  return ODEON_E_UNSUPPORTED;
}

void check_parameters(const BatchField& field) {
  for (const FieldParameter& p : field.parameters) {
    const std::string who = "parameter '" + p.name + "' of field '" + field.id + "' of this program";
    if (p.name.empty()) throw ConfigError(who + " has no name; set FieldParameter::name");
    if (std::count_if(field.parameters.begin(), field.parameters.end(),
                      [&](const FieldParameter& o) { return o.name == p.name; }) > 1)
      throw ConfigError(who + ": there are two of this name; rename one");
    if (p.shape.size() > ODEON_MAX_RANK)
      throw ConfigError(who + ": its shape has more than " + std::to_string(ODEON_MAX_RANK) + " axes");
    if (const int64_t n = checked_count(p.shape); n != static_cast<int64_t>(p.values.size()))
      throw ConfigError(who + ": its shape has " + std::to_string(n) + " elements; found " +
                        std::to_string(p.values.size()) + " values");
  }
}

// The same field, row by row.
BatchField over_rows(const FunctionField& field) {
  BatchField out{field.id, field.state_shape, {}, {}, {}};
  const size_t n = static_cast<size_t>(checked_count(field.state_shape));
  using Values = BatchField::Values;
  if (field.f)
    out.f = [f = field.f, n](double t, Values y, Values, std::span<double> dydt) {
      for (size_t at = 0; at < y.size(); at += n) f(t, y.subspan(at, n), dydt.subspan(at, n));
    };
  if (field.vjp)
    out.vjp = [vjp = field.vjp, n](double t, Values y, Values, Values v, const BatchField::Products& to) {
      for (size_t at = 0; at < y.size(); at += n)
        to.t[at / n] = vjp(t, y.subspan(at, n), v.subspan(at, n), to.y.subspan(at, n));
    };
  return out;
}

}  // namespace

LoadedComponent to_component(const BatchField& field) {
  check_state_shape(field.id, field.state_shape);
  check_parameters(field);
  if (!field.f) throw ConfigError("field '" + field.id + "' of this program has no function f; set its f");
  odeon_field_api api = BatchInstance::table(static_cast<bool>(field.vjp));
  api.create = create_elsewhere;
  return make(field.id, "A function of this program", api, [field](const odeon_field_context&) {
    return reinterpret_cast<odeon_field*>(new BatchInstance(field));
  });
}

LoadedComponent to_component(const FunctionField& field) {
  check_state_shape(field.id, field.state_shape);
  return to_component(over_rows(field));
}

LoadedComponent to_component(const std::string& id, const GraphField& field) {
  check_state_shape(id, field.state_shape);
  odeon_field_api api = GraphFieldInstance::table();
  api.create = create_elsewhere;
  return make(id, "A graph of this program", api,
              [field](const odeon_field_context&) { return GraphFieldInstance::create(field); });
}

}  // namespace odeon::host
