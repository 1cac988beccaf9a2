// Every specimen of bad_configs/ is a configuration with one mistake. Its .expect file holds the exit status
// and the whole message; {dir} stands for the folder, {installed} for the components that are installed.
#include <doctest/doctest.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <filesystem>
#include <regex>
#include <sstream>

#include "data/mutation.hpp"
#include "data/scratch_folder.hpp"
#include "experiment/odeon_process.hpp"

using namespace odeon::test;

namespace {

const std::string kFolder = ODEON_SOURCE_DIR "/tests/experiment/bad_configs";

std::vector<std::filesystem::path> specimens() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

// The words of a line such as "# arguments: --set solver.rtol=1".
std::vector<std::string> arguments_of(const std::string& text) {
  static const std::string kMark = "# arguments: ";
  std::vector<std::string> out;
  const size_t at = text.find(kMark);
  if (at == std::string::npos) return out;
  std::istringstream words(text.substr(at + kMark.size(), text.find('\n', at) - at - kMark.size()));
  for (std::string word; words >> word;) out.push_back(boost::replace_all_copy(word, "{dir}", kFolder));
  return out;
}

std::string report_of(const Outcome& o) {
  static const std::regex kInstalled("Installed: [^.]*\\.");
  const std::string text = boost::replace_all_copy(o.err, kFolder, "{dir}");
  return "exit " + std::to_string(o.status) + "\n" +
         std::regex_replace(text, kInstalled, "Installed: {installed}.");
}

}  // namespace

TEST_CASE(
    "every bad configuration is refused with exactly its message, by validate and before a run begins") {
  const ScratchFolder scratch;
  const auto all = specimens();
  CHECK(all.size() >= 200);
  for (const auto& path : all) {
    INFO(path.filename().string());
    const std::string expected = contents_of(std::filesystem::path(path).replace_extension(".expect"));
    std::vector<std::string> args{"validate", path};
    for (const std::string& word : arguments_of(contents_of(path))) args.push_back(word);
    const Outcome validated = run_odeon(args);
    CHECK(report_of(validated) == expected);
    CHECK(validated.out.empty());

    args[0] = "run";
    args.insert(args.end(), {"--quiet", "--output", scratch / "out"});
    const Outcome run = run_odeon(args);
    if (expected.find("usage:") == std::string::npos)
      CHECK(report_of(run) == expected);
    else
      CHECK(run.status == validated.status);
    CHECK(scratch.entries() == 0);
  }
}
