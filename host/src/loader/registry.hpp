// What is installed: components by kind and id, and why files were refused.
#pragma once
#include <odeon/field.h>
#include <odeon/plugin.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loader/lock_file.hpp"

namespace odeon::host {

// A library that passed every rule. Stays mapped until the process ends.
struct LoadedPlugin {
  std::string id, version, path, sha256;  // path and sha256 are empty for components made in this process
  const odeon_plugin* descriptor = nullptr;
};

struct LoadedComponent {
  int32_t kind = 0;
  std::string id;
  const odeon_component* descriptor = nullptr;
  std::shared_ptr<const LoadedPlugin> plugin;
  // Fields of the embedding program: called instead of the vtable's create.
  std::function<odeon_field*(const odeon_field_context&)> make_field = {};
};

// A file or folder that was not used.
struct Refusal {
  std::string path, rule, found, remedy;
  std::string text() const { return path + ": " + rule + "; found " + found + "; " + remedy; }
};

struct LoaderOptions {
  std::vector<std::string> files;  // single plugins, before those of all roots
  std::vector<std::string> roots;  // in order; searched before the built-in ones
  bool built_in_roots = true;      // the install prefix (or build tree), and ODEON_PLUGIN_PATH
  bool pinned = false;             // load only files whose SHA-256 stands in lock_file
  std::string lock_file;
};

class Registry {
 public:
  static Registry discover(const LoaderOptions& options);

  const LoadedComponent* find(int32_t kind, std::string_view id) const;
  // where: "experiment.yaml:3:9", put in front of the message. PluginError with the reason when a file of
  // that name was refused, otherwise with the nearest id.
  const LoadedComponent& require(int32_t kind, std::string_view id, const std::string& where) const;
  std::vector<const LoadedComponent*> components(int32_t kind) const;  // sorted by id
  std::vector<std::string> ids(int32_t kind) const;
  const std::vector<Refusal>& refusals() const { return refusals_; }
  const std::vector<std::string>& roots() const { return roots_; }  // that were searched, in order

  // A component of the embedding program. Throws ConfigError when its id is taken.
  void add(LoadedComponent component);

  // SHA-256 sums of every plugin in use, for `pinned`. Atomic.
  void write_lock(const std::string& path) const;

 private:
  void add_root(const std::string& root, const LoaderOptions& options);
  void add_file(const std::string& path, const LoaderOptions& options);
  void add_components(std::shared_ptr<const LoadedPlugin> plugin);

  std::map<std::pair<int32_t, std::string>, LoadedComponent, std::less<>> components_;
  std::vector<Refusal> refusals_;
  std::vector<std::string> roots_;
  LockedSums locked_;
};

}  // namespace odeon::host
