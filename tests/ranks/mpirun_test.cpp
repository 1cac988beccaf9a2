// The program under mpirun: the losses and weights of one process, one writer, one message, no hang.
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/run_odeon.hpp"
#include "data/atomic_file.hpp"
#include "data/csv.hpp"
#include "data/safetensors.hpp"
#include "data/scratch_folder.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr double kRoundOff = 1e-12;
constexpr const char* kDeployment = ODEON_SOURCE_DIR "/configs/deploy/ranks.yaml";

std::string model(int64_t batch) {
  return "odeon: 1\ntask: train\nprecision: float64\nseed: 3\n"
         "data: {format: idx, directory: " ODEON_SOURCE_DIR
         "/configs/data/digits}\n"
         "model:\n  - flatten\n  - linear: 8\n  - ode:\n"
         "      field: {plugin: neural, time: concat, network: [{linear: 8}, tanh]}\n"
         "      solver: {plugin: rk4, step_size: 0.25}\n      gradient: adjoint\n  - linear: 10\n"
         "optimizer: {kind: sgd, learning_rate: 0.1, momentum: 0.9}\ntrain: {epochs: 2, batch: " +
         std::to_string(batch) + "}\n";
}

std::string flow(int64_t batch) {
  return "odeon: 1\ntask: train\nprecision: float64\nseed: 4\n"
         "flow:\n"
         "  field: {plugin: neural, time: concat, network: [{linear: 16}, tanh, {linear: 2}]}\n"
         "  solver: {plugin: rk4, step_size: 0.25}\n  gradient: direct\n  trace: hutchinson\n"
         "data: {format: two_moons, count: 137, noise: 0.2, held_out: 30}\n"
         "optimizer: {kind: adam, learning_rate: 0.01}\ntrain: {epochs: 3, batch: " +
         std::to_string(batch) + "}\n";
}

// As people type it, with what a container and a small machine need beside it. apart: a word of `mpirun` for
// each rank, in front of the program, where they are started one by one.
Outcome mpirun(const std::string& folder, int ranks, const std::string& arguments,
               const std::vector<std::string>& apart = {}) {
  const std::string out = folder + "/stdout.txt", err = folder + "/stderr.txt";
  std::string command =
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
      "ODEON_PLUGIN_PATH= timeout -k 5 100 " ODEON_MPIEXEC;
  const std::string program = " '" ODEON_BINARY_DIR "/bin/odeon' " + arguments;
  if (apart.empty()) command += " " ODEON_MPIEXEC_COUNT " " + std::to_string(ranks) + program;
  for (size_t i = 0; i < apart.size(); ++i)
    command += std::string(i ? " :" : "") + " " ODEON_MPIEXEC_COUNT " 1 " + apart[i] + program;
  const int status = std::system((command + " >'" + out + "' 2>'" + err + "'").c_str());
  REQUIRE(WIFEXITED(status));
  return {WEXITSTATUS(status), odeon::test::text_of(out), odeon::test::text_of(err)};
}

int times_in(const std::string& text, const std::string& part) {
  int n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

nlohmann::json record_of(const std::string& folder) {
  return nlohmann::json::parse(odeon::test::text_of(folder + "/record.json"));
}

double weight_difference(const std::string& a, const std::string& b) {
  const auto x = read_safetensors(a + "/weights.safetensors"),
             y = read_safetensors(b + "/weights.safetensors");
  REQUIRE(x.size() == y.size());
  REQUIRE(!x.empty());
  double most = 0;
  for (size_t i = 0; i < x.size(); ++i)
    for (int64_t k = 0; k < x[i].array.size(); ++k)
      most = std::max(most, std::abs(x[i].array.at(k) - y[i].array.at(k)));
  return most;
}

// The lines up to the costs, which are of each process by itself, in the nine digits that they have.
void same_curve(const std::string& a, const std::string& b, size_t columns) {
  std::istringstream x(odeon::test::text_of(a + "/history.csv")), y(odeon::test::text_of(b + "/history.csv"));
  int lines = 0;
  for (std::string p, q; std::getline(x, p); ++lines) {
    REQUIRE(std::getline(y, q));
    std::istringstream cells_p(p), cells_q(q);
    for (size_t i = 0; i < columns; ++i) {
      std::getline(cells_p, p, ','), std::getline(cells_q, q, ',');
      if (lines == 0)
        CHECK(p == q);
      else
        CHECK(std::stod(p) == doctest::Approx(std::stod(q)).epsilon(1e-8));
    }
  }
  CHECK(lines >= 3);
}

}  // namespace

TEST_CASE(
    "under mpirun a training gives the losses and the weights of one process with all rows in its batch") {
  const ScratchFolder folder;
  std::string (*config)(int64_t) = nullptr;
  int64_t batch = 0;
  size_t columns = 0;
  SUBCASE("a classifier") { config = model, batch = 137, columns = 3; }
  SUBCASE("a flow") { config = flow, batch = 17, columns = 4; }
  for (const int ranks : {2, 3}) {
    CAPTURE(ranks);
    write_file_atomically(folder / "one.yaml", config(batch * ranks));
    write_file_atomically(folder / "several.yaml", config(batch));
    REQUIRE(run_odeon(folder / ".", {"run", folder / "one.yaml", "--output", folder / "one"}).status == 0);
    const Outcome o = mpirun(
        folder / ".", ranks,
        "run " + (folder / "several.yaml") + " --with " + kDeployment + " --output " + (folder / "several"));
    CHECK(o.err == "");
    REQUIRE(o.status == 0);
    CHECK(times_in(o.out, "results in ") == 1);
    CHECK(weight_difference(folder / "one", folder / "several") < kRoundOff);
    same_curve(folder / "one", folder / "several", columns);
    const auto record = record_of(folder / "several");
    CHECK(record["ranks"] == ranks);
    CHECK(record["components"]["communicator"]["id"] == "mpi");
  }
}

TEST_CASE("under mpirun a training goes on from its checkpoint to the same bits") {
  const ScratchFolder folder;
  write_file_atomically(folder / "flow.yaml", flow(17));
  const auto train = [&](const std::string& to, const std::string& more) {
    const Outcome o = mpirun(folder / ".", 2,
                             "run " + (folder / "flow.yaml") + " --with " + kDeployment +
                                 " --quiet --output " + (folder / to) + more);
    CHECK(o.err == "");
    CHECK(o.out == "");
    REQUIRE(o.status == 0);
  };
  train("whole", "");
  train("first", " --set train.epochs=1");
  train("rest", " --set train.resume=" + (folder / "first/checkpoint.safetensors"));
  CHECK(odeon::test::text_of(folder / "rest/weights.safetensors") ==
        odeon::test::text_of(folder / "whole/weights.safetensors"));
}

TEST_CASE("under mpirun a failure ends all ranks with its exit status and one message that names the rank") {
  const ScratchFolder folder;
  write_file_atomically(folder / "flow.yaml", flow(17));
  const std::string line =
      "run " + (folder / "flow.yaml") + " --with " + kDeployment + " --output " + (folder / "out");
  SUBCASE("a mistake that all have made") {
    const Outcome o = mpirun(folder / ".", 2, line + " --set flow.solver.step_size=-1");
    CHECK(o.status == 2);
    CHECK(times_in(o.err, "odeon: ") == 1);
    CHECK(contains(o.err, "odeon: rank 0 of 2: --set flow.solver.step_size: "));
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
  }
  SUBCASE("a checkpoint that one of them does not find") {
    std::filesystem::create_directory(folder / "elsewhere");
    REQUIRE(run_odeon(folder / ".", {"run", folder / "flow.yaml", "--output", folder / "first"}).status == 0);
    const Outcome o = mpirun(folder / ".", 2, line + " --set train.resume=first/checkpoint.safetensors",
                             {"-wdir " + (folder / "."), "-wdir " + (folder / "elsewhere")});
    CHECK(o.status == 2);
    CHECK(times_in(o.err, "odeon: ") == 1);
    CHECK(contains(o.err, "odeon: rank 1 of 2: --set train.resume: 'resume': "));
  }
  SUBCASE("a loss that is not finite") {
    const Outcome o = mpirun(
        folder / ".", 2,
        line + " --set optimizer.learning_rate=100 --set flow.field.network='[{power: 3}, {linear: 2}]'");
    CHECK(o.status == 1);
    CHECK(times_in(o.err, "odeon: ") == 1);
    CHECK(record_of(folder / "out")["status"] == "failed");
  }
  SUBCASE("a task that has no batches") {
    const Outcome o = mpirun(
        folder / ".", 2,
        std::string("run " ODEON_SOURCE_DIR "/configs/01_exponential_decay.yaml --with ") + kDeployment);
    CHECK(o.status == 2);
    CHECK(times_in(o.err, "odeon: ") == 1);
    CHECK(contains(o.err, "'communicator' has no effect in task solve; remove it"));
  }
}

TEST_CASE("under mpirun without a communicator, processes that share a folder are refused") {
  const ScratchFolder folder;
  write_file_atomically(folder / "flow.yaml", flow(17));
  const Outcome o =
      mpirun(folder / ".", 2, "run " + (folder / "flow.yaml") + " --output " + (folder / "out"));
  CHECK(o.status == 2);
  CHECK(
      contains(o.err, "odeon: 2 processes were started together, but without 'communicator' they would all"));
  CHECK_FALSE(std::filesystem::exists(folder / "out"));
}

TEST_CASE("a rank that is killed takes the others with it") {
  const ScratchFolder folder;
  write_file_atomically(folder / "flow.yaml", flow(17));
  const auto begin = std::chrono::steady_clock::now();
  // The second one ends itself after three seconds.
  const Outcome o = mpirun(
      folder / ".", 2,
      "run " + (folder / "flow.yaml") + " --with " + kDeployment + " --quiet --set train.epochs=1000000",
      {"", "timeout -s KILL 3"});
  CHECK(o.status != 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60));
}

TEST_CASE("without mpirun there is one rank, and the bits are those of no communicator") {
  const ScratchFolder folder;
  write_file_atomically(folder / "flow.yaml", flow(17));
  const auto run = [&](const std::string& to, const std::string& set) {
    const Outcome o =
        run_odeon(folder / ".", {"run", folder / "flow.yaml", "--output", folder / to, "--set", set});
    CHECK(o.err == "");
    REQUIRE(o.status == 0);
  };
  run("with", "communicator=mpi");
  run("without", "seed=4");
  CHECK(record_of(folder / "with")["ranks"] == 1);
  CHECK(weight_difference(folder / "with", folder / "without") == 0);
}
