#include "loader/library.hpp"

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

#include "data/error.hpp"
#include "loader/elf_symbols.hpp"
#include "loader/permissions.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// Registered after the library's own static constructors ran, and so called before its destructors.
void shut_down_at_exit(void (*shutdown)()) {
  static auto* pending = new std::vector<void (*)()>;
  pending->push_back(shutdown);
  std::atexit([] {
    const auto last = pending->back();
    pending->pop_back();
    call_release("a plugin's shutdown", last);
  });
}

Broken initialise(const odeon_plugin& plugin) {
  try {
    if (plugin.init) call("init", plugin.init, &host_table());
  } catch (const Error& e) {
    return {"a plugin's init succeeds", e.what(), "repair what it names, or remove the file"};
  }
  if (plugin.shutdown) shut_down_at_exit(plugin.shutdown);
  return {};
}

}  // namespace

Broken check_place(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    const std::string rule = "a plugin is a regular file";
    if (std::filesystem::exists(path, error))
      return {rule, "something else, such as a folder", "name a file"};
    const bool leads_nowhere = path.empty() || std::filesystem::is_symlink(path, error);  // no canonical path
    return leads_nowhere ? Broken{rule, "a dangling link", "remove it"}
                         : Broken{rule, "none of that name", "check the name"};
  }
  if (const std::string found = changeable_by_others(path); !found.empty())
    return {"nobody else may change a plugin", found, "chmod go-w FILE, and make it yours or root's"};
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (const std::string found = changeable_by_others(folder); !found.empty())  // reached by a link, perhaps
    return {"nobody else may change the folder that a plugin's link leads to", found + " (" + folder + ")",
            "chmod go-w that folder, or copy the file"};
  return {};
}

Broken check_library_file(const std::string& path) {
  try {
    const std::vector<std::string> symbols = exported_symbols(path);
    if (std::find(symbols.begin(), symbols.end(), ODEON_PLUGIN_SYMBOL) != symbols.end()) return {};
  } catch (const RunError& e) {
    return {"a plugin is an ELF shared library for this machine", e.what(),
            "build or copy it again, or remove it from the plugin folder"};
  }
  return {"a plugin exports the symbol " ODEON_PLUGIN_SYMBOL, "none",
          "export it (ODEON_PLUGIN_SINGLE) or remove the file from the plugin folder"};
}

Library map_library(const std::string& path) {
  static std::mutex mutex;
  static auto* files = new std::map<std::string, boost::dll::shared_library>;  // never unmapped
  const std::lock_guard lock(mutex);
  Library library;
  try {
    boost::dll::shared_library& file = (*files)[path];
    if (!file.is_loaded())
      file.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    library.descriptor = &file.get<const odeon_plugin>(ODEON_PLUGIN_SYMBOL);
  } catch (const std::exception& e) {
    library.broken = {"a plugin loads with all its symbols", e.what(), "install what it needs, or link it"};
  }
  return library;
}

Library open_library(const std::string& path) {
  static std::mutex mutex;
  static auto* opened = new std::map<std::string, Library>;
  const std::lock_guard lock(mutex);
  const auto at = opened->find(path);
  if (at != opened->end()) return at->second;
  Library library = map_library(path);
  if (library.broken) return library;
  library.broken = check_plugin(*library.descriptor);
  if (!library.broken) library.broken = initialise(*library.descriptor);
  return opened->emplace(path, std::move(library)).first->second;
}

}  // namespace odeon::host
