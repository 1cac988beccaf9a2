#include "loader/registry.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {

const LoadedComponent* Registry::find(int32_t kind, std::string_view id) const {
  const auto at = components_.find(std::pair(kind, std::string(id)));
  return at == components_.end() ? nullptr : &at->second;
}

const LoadedComponent& Registry::require(int32_t kind, std::string_view id, const std::string& where) const {
  if (const LoadedComponent* found = find(kind, id)) return *found;
  const std::string name(id), prefix = where.empty() ? "" : where + ": ";
  const std::string file = "odeon_" + kind_name(kind) + "_" + name + ".so";
  for (const Refusal& r : refusals_)
    if (r.path.size() > file.size() && r.path.ends_with("/" + file))
      throw PluginError(prefix + kind_name(kind) + " '" + name + "' was found but refused: " + r.text());
  const std::vector<std::string> known = ids(kind);
  std::vector<std::string> refused;
  for (const Refusal& r : refusals_) refused.push_back(r.path);
  throw PluginError(prefix + "there is no " + kind_name(kind) + " '" + name + "'" +
                    did_you_mean(name, known) + " Installed: " + (known.empty() ? "none" : joined(known)) +
                    "." + (refused.empty() ? "" : " Refused: " + joined(refused) + ".") +
                    " `odeon plugins -v` shows where plugins are looked for and why files are refused.");
}

std::vector<const LoadedComponent*> Registry::components(int32_t kind) const {
  std::vector<const LoadedComponent*> out;
  for (const auto& [key, component] : components_)
    if (key.first == kind) out.push_back(&component);
  return out;
}

std::vector<std::string> Registry::ids(int32_t kind) const {
  std::vector<std::string> out;
  for (const LoadedComponent* c : components(kind)) out.push_back(c->id);
  return out;
}

void Registry::add_components(std::shared_ptr<const LoadedPlugin> plugin) {
  for (int64_t i = 0; i < plugin->descriptor->n_components; ++i) {
    const odeon_component& c = *plugin->descriptor->components[i];
    const std::string id(to_view(c.id));
    const auto [at, is_new] = components_.try_emplace({c.kind, id}, LoadedComponent{c.kind, id, &c, plugin});
    if (!is_new)
      refusals_.push_back(
          {plugin->path, "ids are unique within a kind",
           kind_name(c.kind) + " '" + id + "', already loaded from " + at->second.plugin->path,
           "remove one of the two files or rename the component"});
  }
}

void Registry::add(LoadedComponent component) {
  const auto key = std::pair(component.kind, component.id);
  const auto [at, is_new] = components_.try_emplace(key, std::move(component));
  if (!is_new)
    throw ConfigError(
        kind_name(key.first) + " '" + key.second + "' exists already" +
        (at->second.plugin->path.empty() ? " in this program" : " in " + at->second.plugin->path) +
        "; choose another id");
}

void Registry::write_lock(const std::string& path) const {
  LockedSums sums;
  for (const auto& [key, c] : components_)
    if (!c.plugin->path.empty())
      sums[c.plugin->path.substr(c.plugin->path.rfind('/') + 1)] = c.plugin->sha256;
  write_lock_file(path, sums);
}

}  // namespace odeon::host
