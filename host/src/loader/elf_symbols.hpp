// What a shared library exports, read from the file: loading it would already run its static constructors.
#pragma once
#include <string>
#include <vector>

namespace odeon::host {

// Names of the defined dynamic symbols. Throws RunError saying what the file is instead, when it is not a
// shared library for this machine, or is damaged.
std::vector<std::string> exported_symbols(const std::string& path);

}  // namespace odeon::host
