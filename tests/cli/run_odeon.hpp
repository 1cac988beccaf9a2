// Runs the built program `odeon` as a user's shell would.
#pragma once
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "contains.hpp"

namespace odeon::test {

struct Outcome {
  int status;
  std::string out, err;
};

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// folder: receives the two output files. environment: "NAME=value" words in front of the command.
inline Outcome run_odeon(const std::string& folder, const std::vector<std::string>& args,
                         const std::string& environment = "") {
  const std::string out = folder + "/stdout.txt", err = folder + "/stderr.txt";
  std::string command = environment + " '" ODEON_BINARY_DIR "/bin/odeon'";
  for (const std::string& a : args) {
    REQUIRE(a.find('\'') == std::string::npos);
    command += " '" + a + "'";
  }
  const int status = std::system((command + " >'" + out + "' 2>'" + err + "'").c_str());
  REQUIRE(WIFEXITED(status));  // never ended by a signal
  return {WEXITSTATUS(status), text_of(out), text_of(err)};
}

}  // namespace odeon::test
