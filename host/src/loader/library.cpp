#include "loader/library.hpp"

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "data/error.hpp"
#include "loader/elf_symbols.hpp"
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

Library open_library(const std::string& path) {
  struct Entry {
    boost::dll::shared_library file;
    Library library;
  };
  static std::mutex mutex;
  static auto* entries = new std::map<std::string, Entry>;  // never unmapped
  const std::lock_guard lock(mutex);
  const auto at = entries->find(path);
  if (at != entries->end()) return at->second.library;
  Entry entry;
  try {
    entry.file.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
    entry.library.descriptor = &entry.file.get<const odeon_plugin>(ODEON_PLUGIN_SYMBOL);
  } catch (const std::exception& e) {
    entry.library.broken = {"a plugin loads with all its symbols", e.what(),
                            "install what it needs, or link it"};
    return entry.library;
  }
  entry.library.broken = check_plugin(*entry.library.descriptor);
  if (!entry.library.broken) entry.library.broken = initialise(*entry.library.descriptor);
  return entries->emplace(path, std::move(entry)).first->second.library;
}

}  // namespace odeon::host
