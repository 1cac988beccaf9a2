// What a run leaves behind when it cannot reach its end.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/atomic_file.hpp"
#include "data/file_size_limit.hpp"
#include "data/mutation.hpp"
#include "data/safetensors.hpp"
#include "data/scratch_folder.hpp"
#include "experiment/odeon_process.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

// max_step: how long the run takes; count: how much it writes.
std::string oscillator(const ScratchFolder& folder, const std::string& max_step, int count) {
  const std::string path = folder / "oscillator.yaml";
  write_file_atomically(path,
                        "odeon: 1\ntask: solve\nbackend: reference\n"
                        "field: {plugin: expression, state: [x, v], derivatives: {x: v, v: -x}}\n"
                        "initial: [[1.0, 0.0]]\ntimes: {start: 0, stop: 1000, count: " +
                            std::to_string(count) +
                            "}\nsolver: {plugin: dopri5, max_steps: 1000000000000, max_step: " + max_step +
                            "}\n");
  return path;
}

nlohmann::json record_of(const std::string& folder) {
  return nlohmann::json::parse(contents_of(folder + "/record.json"));
}

size_t entries(const std::string& folder) {
  const std::filesystem::directory_iterator all(folder);
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("an interrupted solve ends with status 1 and a whole record that says so") {
  const ScratchFolder folder;
  const Outcome o =
      interrupt_odeon({"run", oscillator(folder, "1e-7", 2), "--output", folder / "out"}, folder / "out");
  CHECK(o.status == 1);
  CHECK(o.err == "odeon: cancelled on request\n");
  CHECK(record_of(folder / "out")["status"] == "cancelled");
  CHECK(entries(folder / "out") == 1);
}

TEST_CASE("interrupted training keeps its last checkpoint whole") {
  const ScratchFolder folder;
  write_file_atomically(folder / "mlp.yaml",
                        "odeon: 1\ntask: train\nmodel: [flatten, {linear: 10}]\n"
                        "data: {format: idx, directory: " ODEON_SOURCE_DIR
                        "/configs/data/digits}\n"
                        "optimizer: {kind: sgd}\ntrain: {epochs: 1000000, checkpoint_every: 1}\n");
  const std::string out = folder / "out";
  const Outcome o =
      interrupt_odeon({"run", folder / "mlp.yaml", "--output", out}, out + "/checkpoint.safetensors");
  CHECK(o.status == 1);
  CHECK(record_of(out)["status"] == "cancelled");
  CHECK(entries(out) == 2);
  CHECK_NOTHROW(read_safetensors(out + "/checkpoint.safetensors"));
}

TEST_CASE("interrupted training leaves a checkpoint to go on from, also where none was asked for") {
  const ScratchFolder folder;
  write_file_atomically(folder / "mlp.yaml",
                        "odeon: 1\ntask: train\nmodel: [flatten, {linear: 10}]\n"
                        "data: {format: idx, directory: " ODEON_SOURCE_DIR
                        "/configs/data/digits}\n"
                        "optimizer: {kind: sgd}\ntrain: {epochs: 1000000}\n");
  const std::string out = folder / "out", checkpoint = out + "/checkpoint.safetensors";
  CHECK(interrupt_odeon({"run", folder / "mlp.yaml", "--output", out}, out).status == 1);
  REQUIRE_NOTHROW(read_safetensors(checkpoint));
  CHECK(run_odeon({"run", folder / "mlp.yaml", "--set", "train.resume=" + checkpoint, "--set",
                   "train.epochs=1", "--output", folder / "on"})
            .status == 0);
}

TEST_CASE("a run that cannot write its results leaves none, and a record that names the file") {
  const ScratchFolder folder;
  const std::string config = oscillator(folder, "1", 5000), out = folder / "out";
  Outcome o;
  SUBCASE("because the disk is full") {
    const FileSizeLimit limit(32768);
    o = run_odeon({"run", config, "--output", out});
    CHECK(entries(out) == 1);
    CHECK(o.err.starts_with("odeon: " + out + "/times.npy: writing failed: File too large;"));
  }
  SUBCASE("because a folder has its name") {
    std::filesystem::create_directories(out + "/states.npy");
    o = run_odeon({"run", config, "--output", out});
    CHECK(entries(out) == 3);  // times.npy, the folder and the record
    CHECK(o.err.starts_with("odeon: " + out + "/states.npy: renaming failed: Is a directory;"));
  }
  CHECK(o.status == 1);
  CHECK(record_of(out)["status"] == "failed");
  CHECK("odeon: " + record_of(out)["message"].get<std::string>() + "\n" == o.err);
}

TEST_CASE("an output folder that cannot be written to is refused before the run") {
  const ScratchFolder folder;
  write_file_atomically(folder / "file", std::string("x"));
  const Outcome o = run_odeon({"run", oscillator(folder, "1e-9", 2), "--output", folder / "file/out"});
  CHECK(o.status == 1);
  CHECK(o.err == "odeon: " + (folder / "file/out") +
                     ": is no folder that can be written to (Not a directory); choose another with "
                     "output.directory or --output\n");
}
