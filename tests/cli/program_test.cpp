// What is true of every subcommand: where its output goes, and how it ends when it is told to.
#include <chrono>

#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {
namespace {

constexpr const char* kProgram = "'" ODEON_BINARY_DIR "/bin/odeon' ";

int status_of(const std::string& command) {
  const int status = std::system(command.c_str());
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a configuration without a command is told the command") {
  const SpecimenFolder scratch;
  const std::string config = ODEON_SOURCE_DIR "/configs/01_exponential_decay.yaml";
  const Outcome o = run_odeon(scratch.path(), {config});
  CHECK(o.status == 2);
  CHECK(o.err == "odeon: '" + config + "' is a file and no command; to run it: odeon run " + config + "\n");
}

TEST_CASE("output that does not arrive, as on a full disk, is an error") {
  const SpecimenFolder scratch;
  if (!std::filesystem::exists("/dev/full")) return;
  const std::string errors = scratch.file("errors");
  for (const std::string command : {"plugins --json-schema", "describe solver/dopri5", "--help"}) {
    CAPTURE(command);
    CHECK(status_of(kProgram + command + " >/dev/full 2>'" + errors + "'") == 1);
    CHECK(text_of(errors) ==
          "odeon: standard output: writing failed; check where it goes, and the free space there\n");
  }
}

TEST_CASE("a program that waits for a pipe ends at the second signal, but not at two at once") {
  const SpecimenFolder scratch;
  const std::string pipe = scratch.file("pipe");
  REQUIRE(status_of("mkfifo '" + pipe + "'") == 0);
  const std::string begin =
      kProgram + ("run '" + pipe + "' & pid=$!; sleep 0.5; kill -TERM $pid; sleep 0.1; ");
  const auto started = std::chrono::steady_clock::now();
  const int killed = 128 + 15;
  CHECK(
      status_of(begin +
                "kill -TERM $pid; sleep 2.5; kill -0 $pid || exit 1; kill -TERM $pid; (sleep 20; kill -KILL "
                "$pid) >/dev/null 2>&1 & wait $pid") == killed);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(15));
}

}  // namespace odeon::test
