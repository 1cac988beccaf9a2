// What README.md shows is what happens.
#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "data/scratch_folder.hpp"

namespace {

const std::string kReadme = [] {
  std::ifstream in(ODEON_SOURCE_DIR "/README.md");
  return std::string(std::istreambuf_iterator<char>(in), {});
}();

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const size_t from = text.find(begin);
  REQUIRE(from != std::string::npos);
  const size_t to = text.find(end, from + begin.size());
  REQUIRE(to != std::string::npos);
  return text.substr(from + begin.size(), to - from - begin.size());
}

// A folder of this process with the README's lotka.yaml: tests run side by side.
const std::string& folder() {
  static const odeon::test::ScratchFolder scratch;
  static const std::string path = scratch.path();
  std::ofstream(path + "/lotka.yaml") << between(kReadme, "```yaml\n", "```");
  return path;
}

// Output and errors of a shell command there, with the built program `odeon` on the path.
std::string output_of(const std::string& command) {
  const std::string line =
      "cd '" + folder() + "' && PATH='" ODEON_BINARY_DIR "/bin':\"$PATH\" && " + command + " 2>&1";
  FILE* pipe = popen(line.c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  char buffer[4096];
  while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
  pclose(pipe);
  return text;
}

std::string without_seconds(const std::string& text) {
  return std::regex_replace(text, std::regex(", [0-9.e-]+ s"), ", … s");
}

}  // namespace

TEST_CASE("the first solve prints what the README says") {
  std::istringstream block(between(kReadme, "```console\n", "```"));
  std::string line, command, expected;
  int commands = 0;
  const auto check = [&] {
    if (command.empty()) return;
    CAPTURE(command);
    CHECK(without_seconds(output_of(command)) == without_seconds(expected));
    ++commands;
  };
  while (std::getline(block, line)) {
    if (line.starts_with("$ ")) {
      check();
      command = line.substr(2);
      expected.clear();
    } else {
      expected += line + "\n";
    }
  }
  check();
  CHECK(commands == 3);
}

TEST_CASE("the table of plugins is current") {
  std::string table = between(kReadme, "a test compares -->\n", "<!-- end -->");
  const std::string installed = output_of("ODEON_PLUGIN_PATH= odeon plugins --markdown");
  std::istringstream left_out(ODEON_LEFT_OUT);
  for (std::string id; std::getline(left_out, id, ';');) {
    MESSAGE("without the line of " << id << ", which is built where its libraries are found");
    table = std::regex_replace(table, std::regex("[^\n]*`" + id + "`[^\n]*\n"), "");
  }
  CHECK(table == installed);
}

TEST_CASE("the plugin of the README loads and solves") {
  const std::string path = "ODEON_PLUGIN_PATH='" ODEON_README_DIR "/plugins' ";
  CHECK(output_of(path + "odeon describe solver/ralston2").find("order 2, 2 stages, embedded order 1") !=
        std::string::npos);
  const std::string run = output_of(path + "odeon run lotka.yaml --set solver.plugin=ralston2");
  CHECK(run.find("state at t = 10\n  1.02") == 0);
}

TEST_CASE("the embedding program prints what the README says") {
  const std::string expected = between(kReadme, "```text\n", "```");
  CHECK(output_of("ODEON_PLUGIN_PATH= '" ODEON_BINARY_DIR "/tests/readme/odeon_readme_embedding'") ==
        expected);
}
