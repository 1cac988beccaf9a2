// The lock file of policy pinned: one line `<sha256>  <file name>` per plugin, as sha256sum writes it.
#pragma once
#include <map>
#include <string>

namespace odeon::host {

using LockedSums = std::map<std::string, std::string, std::less<>>;  // file name -> SHA-256

// Throws ConfigError naming file and line.
LockedSums read_lock_file(const std::string& path);
// Atomic.
void write_lock_file(const std::string& path, const LockedSums& sums);

}  // namespace odeon::host
