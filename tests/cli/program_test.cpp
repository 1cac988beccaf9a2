// What is true of every subcommand: where its output goes, and how it ends when it is told to.
#include <chrono>
#include <nlohmann/json.hpp>

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

TEST_CASE("options of files and folders do not take nothing, and `help` is --help") {
  const SpecimenFolder scratch;
  const std::string config = ODEON_SOURCE_DIR "/configs/01_exponential_decay.yaml";
  const auto refused = [&](const std::string& option, const std::string& message) {
    const Outcome o = run_odeon(scratch.path(), {"run", config, option, ""});
    CHECK(o.status == 2);
    CHECK(o.err == "odeon: " + message + "\n");
  };
  refused("--with", "--with: names no file; give one, or leave it out");
  refused("--output", "--output: names no folder; give one, or leave it out");
  const Outcome help = run_odeon(scratch.path(), {"help"});
  CHECK(help.status == 0);
  CHECK(help.out == run_odeon(scratch.path(), {"--help"}).out);
}

TEST_CASE(
    "a record has the whole configuration, tolerances that were not given, and the files of its run alone") {
  const SpecimenFolder scratch;
  const std::string config = ODEON_SOURCE_DIR "/configs/02_lotka_volterra_gradient.yaml",
                    folder = scratch.path() + "/run";
  const auto record = [&](const std::vector<std::string>& more) {
    std::vector<std::string> args{"run",  config,  "--output",
                                  folder, "--set", "solver={plugin: dopri5, rtol: 1.0e-5}"};
    args.insert(args.end(), more.begin(), more.end());
    run_odeon(scratch.path(), args);
    return nlohmann::json::parse(text_of(folder + "/record.json"));
  };
  const auto whole = record({});
  CHECK(whole["configuration"]["solver"] == nlohmann::json{{"plugin", "dopri5"}, {"rtol", 1e-5}});
  CHECK(whole["components"]["solver"]["options"]["rtol"] == 1e-5);
  CHECK(whole["components"]["solver"]["options"]["atol"] == 1e-9);
  CHECK(whole["version"].is_string());
  for (const std::string file : whole["files"]) CHECK(std::filesystem::exists(folder + "/" + file));
  CHECK(whole["files"].size() + 1 == size_t(std::distance(std::filesystem::directory_iterator(folder), {})));
  const auto failed = record({"--set", "solver.max_steps=1"});
  CHECK(failed["status"] == "failed");
  CHECK(failed["files"].empty());
  const auto fixed = record({"--set", "solver=rk4"});
  CHECK(!fixed["components"]["solver"]["options"].contains("rtol"));
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
