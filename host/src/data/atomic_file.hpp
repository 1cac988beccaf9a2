// Files that are either whole or not there: written beside the target, synced, renamed.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace odeon::host {

// Throws RunError naming the path; the target is then as before and no temporary is left.
void write_file_atomically(const std::string& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::string& path, std::string_view text);

// The whole file. Throws RunError; max_bytes guards against mistakes such as /dev/zero.
std::vector<std::byte> read_file(const std::string& path, size_t max_bytes = size_t{1} << 36);

}  // namespace odeon::host
