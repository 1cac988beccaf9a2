#include "loader/lock_file.hpp"

#include <fstream>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {

constexpr size_t kDigits = 64;  // of a SHA-256, in hexadecimal

LockedSums read_lock_file(const std::string& path) {
  std::ifstream file(path);
  if (!file)
    throw ConfigError(path + ": the lock file cannot be read; write it with `odeon plugins --lock " + path +
                      "`");
  LockedSums sums;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const bool good = line.find_first_not_of("0123456789abcdef") == kDigits &&
                      line.compare(kDigits, 2, "  ") == 0 && line.size() > kDigits + 2;
    if (!good)
      throw ConfigError(path + ":" + std::to_string(number) +
                        ": a line of a lock file is a SHA-256, two spaces and a file name; found '" + line +
                        "'; write the file with `odeon plugins --lock " + path + "`");
    sums[line.substr(kDigits + 2)] = line.substr(0, kDigits);
  }
  return sums;
}

void write_lock_file(const std::string& path, const LockedSums& sums) {
  std::string text =
      "# odeon plugins --lock: SHA-256 and file of every plugin that may load under policy pinned\n";
  for (const auto& [file, sum] : sums) text += sum + "  " + file + "\n";
  write_file_atomically(path, text);
}

}  // namespace odeon::host
