// Finding plugins: which folders are searched, and which files may be loaded (design, section 7).
#include <unistd.h>

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <filesystem>
#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "data/sha256.hpp"
#include "loader/host_table.hpp"
#include "loader/library.hpp"
#include "loader/permissions.hpp"
#include "loader/registry.hpp"

namespace odeon::host {
namespace {

namespace fs = std::filesystem;

bool privileged() { return getuid() != geteuid() || getgid() != getegid(); }

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  for (size_t from = 0; from <= text.size();) {
    const size_t to = std::min(text.find(separator, from), text.size());
    if (to > from) out.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

bool names_file(const std::vector<std::string>& names, const std::string& file) {
  std::error_code missing;
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return fs::equivalent(name, file, missing); });
}

// Where this code itself lies decides: <prefix>/lib/libodeon.so and <prefix>/bin/odeon have
// <prefix>/lib/odeon/plugins, so an installed tree may move; what runs out of a build tree has
// <build>/plugins.
std::vector<std::string> own_roots() {
  std::error_code ignored;
  fs::path self = boost::dll::this_line_location().string();
  // Inside of a program this is how it was called, which need not be a path.
  if (self.filename().string().find(".so") == std::string::npos)
    self = boost::dll::program_location().string();
  self = fs::weakly_canonical(self, ignored);
  const fs::path folder = self.parent_path();
  for (const fs::path& p :
       {folder / "odeon/plugins", folder.parent_path() / ODEON_INSTALL_LIBDIR / "odeon/plugins"})
    if (fs::is_directory(p, ignored)) return {fs::canonical(p, ignored).string()};
  if (self.string().starts_with(ODEON_BUILD_TREE "/")) return {ODEON_BUILD_TREE "/plugins"};
  return {};
}

}  // namespace

Registry Registry::discover(const LoaderOptions& options) {
  Registry r;
  if (options.pinned) r.locked_ = read_lock_file(options.lock_file);
  for (const std::string& file : options.files) r.add_file(file, options);
  for (const std::string& root : options.roots) r.add_root(root, options);
  if (options.built_in_roots) {
    for (const std::string& root : own_roots()) r.add_root(root, options);
    const char* path = std::getenv("ODEON_PLUGIN_PATH");
    if (path && *path && (options.pinned || privileged()))
      log(ODEON_LOG_WARNING, "ODEON_PLUGIN_PATH is ignored under policy pinned and in privileged processes");
    else if (path)
      for (const std::string& root : split(path, ':')) r.add_root(root, options);
  }
  return r;
}

void Registry::add_root(const std::string& root, const LoaderOptions& options) {
  const auto refuse = [&](const Broken& b) { refusals_.push_back({root, b.rule, b.found, b.remedy}); };
  std::error_code error;
  if (root.empty() || root[0] != '/')
    return refuse({"plugin roots are absolute paths", "a relative one", "write the whole path"});
  if (!fs::is_directory(root, error))
    return refuse({"plugin roots are folders", "none there", "create it or remove it from the roots"});
  if (const std::string found = changeable_by_others(root); !found.empty())
    return refuse({"nobody else may change a plugin root", found, "chmod go-w, or use a folder of your own"});
  const std::string folder = fs::canonical(root, error).string();
  if (std::find(roots_.begin(), roots_.end(), folder) != roots_.end()) return;
  roots_.push_back(folder);
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".so") files.push_back(entry.path().string());
  if (error) return refuse({"plugin roots can be read", error.message(), "chmod u+rx"});
  std::sort(files.begin(), files.end());
  for (const std::string& file : files)
    if (!names_file(options.files, file)) add_file(file, options);
}

void Registry::add_file(const std::string& file, const LoaderOptions& options) {
  std::error_code error;
  const std::string path = fs::canonical(file, error).string();
  const auto refuse = [&](const Broken& b) { refusals_.push_back({file, b.rule, b.found, b.remedy}); };
  if (const Broken b = check_place(path)) return refuse(b);
  auto plugin = std::make_shared<LoadedPlugin>();
  plugin->path = path;
  try {
    plugin->sha256 = sha256_of_file(path);
  } catch (const RunError& e) {
    return refuse({"a plugin can be read", e.what(), "chmod u+r"});
  }
  if (options.pinned) {
    const auto at = locked_.find(fs::path(path).filename().string());
    if (at == locked_.end() || at->second != plugin->sha256)
      return refuse({"under policy pinned a plugin's SHA-256 stands in " + options.lock_file,
                     at == locked_.end() ? "no entry for it" : "another sum",
                     "check the file, then run `odeon plugins --lock " + options.lock_file + "`"});
  }
  if (const Broken b = check_library_file(path)) return refuse(b);
  const Library library = open_library(path);
  if (library.broken) return refuse(library.broken);
  plugin->descriptor = library.descriptor;
  plugin->id = std::string(to_view(plugin->descriptor->id));
  plugin->version = std::string(to_view(plugin->descriptor->version));
  add_components(std::move(plugin));
}

}  // namespace odeon::host
