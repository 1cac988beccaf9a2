#include "experiment/json_schema.hpp"

#include "engine/solver_options.hpp"
#include "experiment/option_schema.hpp"
#include "experiment/root_keys.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {
namespace {

using Json = SchemaWriter::Json;

constexpr Task kTasks[] = {Task::solve, Task::gradient, Task::train, Task::evaluate, Task::sweep};

std::vector<const odeon_option*> own_options(const odeon_component& c) {
  return {c.options, c.options + c.n_options};
}

bool needs_options(const LoadedComponent& c) {
  for (const odeon_option* o : own_options(*c.descriptor))
    if ((o->flags & kRequired) && !o->default_yaml.data) return true;
  return false;
}

// Ids with their titles, which editors show.
struct Ids {
  Json ids = Json::array(), titles = Json::array();
  void add(const LoadedComponent& c) { ids.push_back(c.id), titles.push_back(to_view(c.descriptor->title)); }
  Json schema() const { return {{"enum", ids}, {"enumDescriptions", titles}}; }
};

Json case_of(const Json& ids, const std::string& definition) {
  return {{"if", {{"properties", {{"plugin", {{"enum", ids}}}}}, {"required", Json::array({"plugin"})}}},
          {"then", SchemaWriter::reference(definition)}};
}

constexpr const char* kEngine = "solver_engine";

// A component's own options, those that stand beside them, and for solvers the engine's.
Json options_of(Keys own, const std::string& place, Keys also, Keys engine, SchemaWriter& writer) {
  Json schema = writer.map_of(own, place);
  Json& properties = schema["properties"];
  for (const odeon_option* key : engine) {
    const std::string name(to_view(key->key));
    properties[name] = SchemaWriter::reference(std::string(kEngine) + "/properties/" + name);
  }
  for (const odeon_option* key : also)
    properties[std::string(to_view(key->key))] = writer.value_of(*key, place);
  properties["plugin"] = true;
  return schema;
}

// An id, or a map with `plugin` and the options of that component. Components without options of their own
// share one definition. The second of the pair is for files that go over others and need not name the plugin.
std::pair<Json, Json> component_schemas(int32_t kind, const Registry& registry, SchemaWriter& writer) {
  const std::string name = kind_name(kind);
  const Keys engine = kind == ODEON_KIND_SOLVER ? solver_option_schema() : Keys();
  if (!engine.empty()) writer.definitions[kEngine] = writer.map_of(engine, name);
  const Keys also = kind == ODEON_KIND_FIELD ? Keys(kFieldKeys) : Keys();
  Ids all, bare, plain;
  Json cases = Json::array();
  for (const LoadedComponent* c : registry.components(kind)) {
    all.add(*c);
    if (!needs_options(*c)) bare.add(*c);
    if (c->descriptor->n_options == 0) {
      plain.add(*c);
      continue;
    }
    const std::string definition = name + "_" + c->id;
    Json map = options_of(own_options(*c->descriptor), definition, also, engine, writer);
    map["description"] = to_view(c->descriptor->summary);
    writer.definitions[definition] = map;
    cases.push_back(case_of(Json::array({c->id}), definition));
  }
  writer.definitions[name + "_plain"] = options_of({}, name, also, engine, writer);
  cases.push_back(case_of(plain.ids, name + "_plain"));
  Json part{{"type", "object"}, {"properties", {{"plugin", all.schema()}}}, {"allOf", cases}};
  Json whole = part;
  whole["required"] = Json::array({"plugin"});
  return {SchemaWriter::if_type("string", bare.schema(), whole),
          SchemaWriter::if_type("string", bare.schema(), part)};
}

Json if_key(const std::string& key, const Json& then) {
  return {{"if", {{"required", Json::array({key})}}}, {"then", then}};
}

// The keys of a task; of training, those of what is trained, once its key stands there.
Json task_schema(Task task, SchemaWriter& writer) {
  if (!trains(task)) return writer.map_of(keys_of(task, nullptr), "");
  Json names = Json::object(), needed = Json::array(), kinds = Json::array();
  for (const TrainedKind& kind : trained_kinds()) {
    if (task == Task::evaluate && !kind.instead_of_evaluate.empty()) continue;
    const std::string definition = "train_" + kind.key();
    if (!writer.definitions.contains(definition))
      writer.definitions[definition] = writer.map_of(keys_of(task, &kind), "");
    names[kind.key()] = {{"description", kind.effect + ": " + kind.noun}};
    needed.push_back({{"required", Json::array({kind.key()})}});
    kinds.push_back(if_key(kind.key(), SchemaWriter::reference(definition)));
  }
  return {{"properties", names}, {"anyOf", needed}, {"allOf", kinds}};
}

Json experiment_schema(SchemaWriter& writer) {
  const std::vector<const odeon_option*> keys = keys_of(Task::solve, nullptr);
  Json cases = Json::array();
  for (Task task : kTasks) {
    const std::string definition = std::string("task_") + task_name(task);
    writer.definitions[definition] = task_schema(task, writer);
    cases.push_back(
        {{"if",
          {{"properties", {{"task", {{"const", task_name(task)}}}}}, {"required", Json::array({"task"})}}},
         {"then", SchemaWriter::reference(definition)}});
  }
  return {{"properties", {{"odeon", writer.value_of(*keys[0], "")}, {"task", writer.value_of(*keys[1], "")}}},
          {"required", Json::array({"odeon", "task"})},
          {"allOf", cases}};
}

// A --with file: components may be named in part, and nothing is needed.
Json deployment_schema(SchemaWriter& writer, const std::map<std::string, Json>& parts) {
  Json schema = writer.map_of(deployment_keys(), "");
  for (auto& [key, value] : schema["properties"].items()) {
    const auto part = parts.find(key);
    if (part == parts.end()) continue;
    Json& whole = value.contains("else") ? value["else"] : value["allOf"][0];
    whole = part->second;
  }
  return schema;
}

}  // namespace

Json json_schema(const Registry& registry) {
  SchemaWriter writer;
  writer.definitions["numbers"] = {{"type", Json::array({"number", "array"})},
                                   {"items", SchemaWriter::reference("numbers")}};
  writer.definitions["array"] = SchemaWriter::if_type("object",
                                                      {{"properties", {{"file", {{"type", "string"}}}}},
                                                       {"required", Json::array({"file"})},
                                                       {"additionalProperties", false}},
                                                      SchemaWriter::reference("numbers"));
  std::map<std::string, Json> parts;
  for (int32_t kind : kKinds) {
    auto [whole, part] = component_schemas(kind, registry, writer);
    writer.definitions[kind_name(kind)] = std::move(whole);
    parts[kind_name(kind)] = std::move(part);
  }
  writer.definitions["experiment"] = experiment_schema(writer);
  writer.definitions["deployment"] = deployment_schema(writer, parts);
  const Json begun = Json::array({{{"required", Json::array({"odeon"})}},
                                  {{"required", Json::array({"task"})}},
                                  {{"maxProperties", 0}}});
  return {{"$schema", "http://json-schema.org/draft-07/schema#"},
          {"title", "Odeon: experiments, and deployments for --with"},
          {"type", "object"},
          {"if", {{"anyOf", begun}}},
          {"then", SchemaWriter::reference("experiment")},
          {"else", SchemaWriter::reference("deployment")},
          {"definitions", writer.definitions}};
}

}  // namespace odeon::host
