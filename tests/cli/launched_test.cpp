// One of several processes that were started together, as it tells from its environment.
#include "loader/specimen_folder.hpp"
#include "run_odeon.hpp"

namespace odeon::test {
namespace {

constexpr const char* kConfig = ODEON_SOURCE_DIR "/configs/01_exponential_decay.yaml";

}  // namespace

TEST_CASE("processes that were started together without a communicator do not write over each other") {
  const SpecimenFolder scratch;
  const std::string folder = scratch.file("results");
  const std::string refusal =
      "odeon: 2 processes were started together, but without 'communicator' they would all "
      "write into " +
      folder +
      "; train together with --with configs/deploy/ranks.yaml, or "
      "give each its own folder with its number in the name, such as --output " +
      folder + "/$";
  for (const auto& [size, rank] : {std::pair("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
                                   {"PMI_SIZE", "PMI_RANK"},
                                   {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"}}) {
    const auto started = [size = size, rank = rank](const char* number) {
      return std::string(size) + "=2 " + rank + "=" + number;
    };
    const Outcome o = run_odeon(scratch.path(), {"run", kConfig, "--output", folder}, started("1"));
    CHECK(o.status == 2);
    CHECK(o.err == refusal + rank + "\n");
    CHECK_FALSE(std::filesystem::exists(folder));
    const Outcome set =
        run_odeon(scratch.path(), {"run", kConfig, "--set", "output.directory=" + folder}, started("0"));
    CHECK(set.status == 2);
    CHECK(set.err == refusal + rank + "\n");
    const Outcome compared = run_odeon(
        scratch.path(),
        {"compare", ODEON_SOURCE_DIR "/configs/02_lotka_volterra_gradient.yaml", "--output", folder},
        started("1"));
    CHECK(compared.status == 2);
    CHECK(compared.err == refusal + rank + "\n");
    CHECK(
        run_odeon(scratch.path(), {"run", kConfig, "--output", scratch.file("own/1")}, started("1")).status ==
        0);
    CHECK(run_odeon(scratch.path(), {"run", kConfig, "--output", scratch.file("own/10")}, started("1"))
              .status == 2);
  }
}

TEST_CASE("processes that were started together and write nothing are warned, once") {
  const SpecimenFolder scratch;
  const std::string two = "OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=";
  const Outcome first = run_odeon(scratch.path(), {"run", kConfig}, two + "0");
  CHECK(first.status == 0);
  CHECK(contains(first.err,
                 "2 processes were started together, but without 'communicator' each runs the whole "));
  const Outcome second = run_odeon(scratch.path(), {"run", kConfig}, two + "1");
  CHECK(second.status == 0);
  CHECK(second.err == "");
}

TEST_CASE("a process alone, also in a batch script of Slurm with many tasks, runs as ever") {
  const SpecimenFolder scratch;
  for (const char* alone :
       {"SLURM_NTASKS=8 SLURM_NPROCS=8 SLURM_PROCID=0 SLURM_JOB_ID=7",
        "SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", "OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0",
        "OMPI_COMM_WORLD_SIZE=two OMPI_COMM_WORLD_RANK=0"}) {
    CAPTURE(alone);
    const Outcome o = run_odeon(scratch.path(), {"run", kConfig, "--output", scratch.file("results")}, alone);
    CHECK(o.status == 0);
    CHECK(o.err == "");
  }
}

}  // namespace odeon::test
