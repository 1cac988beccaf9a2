// A plugin's library in this process: loaded once, checked once, initialised once, mapped until the end.
#pragma once
#include <odeon/plugin.h>

#include "loader/descriptor_rules.hpp"

namespace odeon::host {

struct Library {
  const odeon_plugin* descriptor = nullptr;
  Broken broken;  // why the plugin is not used; then `descriptor` must not be
};

// Is it a regular file that nobody else can change, in such a folder? path: canonical.
Broken check_place(const std::string& path);
// Without running any of its code: is it a shared library that exports a plugin?
Broken check_library_file(const std::string& path);

// path: canonical, and passed by check_library_file. A library that cannot be loaded is tried again the
// next time; any other verdict is final. Any thread.
Library open_library(const std::string& path);

// The first part of it: the library is in this process and its constant is found, but nothing was checked.
Library map_library(const std::string& path);

}  // namespace odeon::host
