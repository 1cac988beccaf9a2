// One backend is one folder: the word for GPUs stands in that folder and where users choose it.
#include <algorithm>

#include "layout/sources.hpp"

using namespace odeon::test;

namespace {

// In two halves, since this file may not contain it either.
const std::string kWord = std::string("cu") + "da";

bool allowed(const fs::path& file) {
  return below(file, "plugins/backends/" + kWord) || below(file, "tests/plugins/backends/" + kWord) ||
         below(file, "configs") || file.extension() == ".md" || file.filename() == "CMakePresets.json";
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

TEST_CASE("the name of the GPU backend stands only in its folder, presets, docs and configurations") {
  const std::set<std::string> text_files{".c",  ".h",  ".cpp",  ".hpp",  ".txt", ".cmake", ".in",
                                         ".sh", ".py", ".yaml", ".json", ".md",  ".cu",    ".cuh"};
  int read = 0;
  for (const char* folder : {"api", "plugins", "host", "tests", "cmake"})
    for (const fs::path& file : sources(folder, text_files)) {
      ++read;
      if (allowed(file)) continue;
      CAPTURE(file.string());
      CHECK(lower(text_of(kRoot / file)).find(kWord) == std::string::npos);
      CHECK(lower(file.string()).find(kWord) == std::string::npos);
    }
  CHECK(read > 200);
  CHECK(lower(text_of(kRoot / "CMakeLists.txt")).find(kWord) == std::string::npos);
}
