// The tree's own text files and their #include lines.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace odeon::test {

namespace fs = std::filesystem;

inline const fs::path kRoot = ODEON_SOURCE_DIR;

inline std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// Below a top-level folder, by extension, as paths relative to the root of the tree.
inline std::vector<fs::path> sources(const std::string& folder, const std::set<std::string>& extensions) {
  std::vector<fs::path> out;
  if (!fs::exists(kRoot / folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
    if (entry.is_regular_file() && extensions.contains(entry.path().extension().string()))
      out.push_back(fs::relative(entry.path(), kRoot));
  return out;
}

inline const std::set<std::string> kCode{".c", ".h", ".cpp", ".hpp", ".cu", ".cuh"};

struct Include {
  bool quoted;
  std::string name;
};

inline std::vector<Include> includes_of(const fs::path& file) {
  static const std::regex pattern(R"re((?:^|\n)[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">])re");
  std::vector<Include> out;
  const std::string text = text_of(kRoot / file);
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    out.push_back({(*at)[1] == "\"", (*at)[2]});
  return out;
}

// <odeon/...>: a header of the contract.
inline bool in_api(const std::string& name) {
  return fs::exists(kRoot / "api/include" / name) || fs::exists(kRoot / "api/sdk/include" / name);
}

// Where a quoted include of `file` leads, relative to the root; looked for beside it and in the folders above
// it up to `top`.
inline fs::path resolved(const fs::path& file, const std::string& name, const fs::path& top) {
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    if (fs::exists(kRoot / folder / name)) return (folder / name).lexically_normal();
    if (folder == top || folder.empty()) return {};
  }
}

inline bool below(const fs::path& path, const fs::path& folder) {
  return path.string().starts_with(folder.string() + "/");
}

}  // namespace odeon::test
