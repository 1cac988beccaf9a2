#include "conformance/plugin_file.hpp"

#include <nlohmann/json.hpp>

#include "conformance/subject.hpp"
#include "loader/kinds.hpp"
#include "loader/library.hpp"

namespace odeon::host::conformance {
namespace {

Broken maps(const std::string& path) { return map_library(path).broken; }

Broken keeps_rules(const std::string& path) { return check_plugin(*map_library(path).descriptor); }

Broken initialises(const std::string& path) { return open_library(path).broken; }

constexpr FileCheck kChecks[] = {{"file", check_place},
                                 {"symbol", check_library_file},
                                 {"load", maps},
                                 {"structure", keeps_rules},
                                 {"init", initialises}};

}  // namespace

std::span<const FileCheck> file_checks() { return kChecks; }

void to_json(nlohmann::json& to, const Survey& survey) {
  to = {{"helper", survey.helper}, {"refused", survey.refused}, {"components", nlohmann::json::array()}};
  for (const Survey::Component& c : survey.components) to["components"].push_back({c.kind, c.id});
}

void from_json(const nlohmann::json& from, Survey& survey) {
  survey.helper = from["helper"];
  survey.refused = from["refused"];
  for (const auto& c : from["components"]) survey.components.push_back({c[0], c[1]});
}

Survey survey(const std::string& path) {
  LoaderOptions options;
  options.files = {path};
  const Registry registry = Registry::discover(options);
  Survey out;
  for (int32_t kind : kKinds)
    for (const LoadedComponent* c : registry.components(kind))
      if (c->plugin->path == path) out.components.push_back({kind, c->id});
  for (const Refusal& r : registry.refusals())
    if (r.path == path && out.refused.empty()) out.refused = r.rule + "; found " + r.found;
  if (const LoadedComponent* helper = find_helper(registry)) out.helper = helper->plugin->path;
  return out;
}

}  // namespace odeon::host::conformance
