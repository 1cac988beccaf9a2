#include "experiment/launched.hpp"

#include <algorithm>
#include <cstdlib>

#include "data/error.hpp"
#include "experiment/scalars.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {
namespace {

// Slurm's own SLURM_NTASKS and SLURM_PROCID stand in the environment of a batch script too, whose one shell
// runs alone however many tasks the job may start; SLURM_STEP_NUM_TASKS is set by srun, for what it has
// started.
constexpr const char* kVariables[][2] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},  // Open MPI
    {"PMI_SIZE", "PMI_RANK"},                          // MPICH, Intel MPI
    {"MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"},    // MVAPICH2
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};

bool read_number(const char* variable, int64_t& out) {
  const char* text = std::getenv(variable);
  return text && parse_integer(text, out) && out >= 0;
}

// Whether the folder's own name has it: "runs/rank12" has 12.
bool has_number(std::string path, int64_t wanted) {
  path.erase(path.find_last_not_of('/') + 1);
  path.erase(0, path.rfind('/') + 1);
  constexpr const char* kDigits = "0123456789";
  for (size_t from = 0; (from = path.find_first_of(kDigits, from)) != std::string::npos;) {
    const size_t to = std::min(path.find_first_not_of(kDigits, from), path.size());
    int64_t number = 0;
    if (parse_integer(path.substr(from, to - from), number) && number == wanted) return true;
    from = to;
  }
  return false;
}

std::string folder_of(const ConfigNode& root) {
  const ConfigNode* output = root.find("output");
  const ConfigNode* directory = output ? output->find("directory") : nullptr;
  return directory ? directory->text : "";
}

}  // namespace

Launched launched() {
  for (const auto& [size, rank] : kVariables) {
    Launched l;
    if (read_number(size, l.size) && read_number(rank, l.rank) && l.size > 1 && l.rank < l.size) {
      l.rank_variable = rank;
      return l;
    }
  }
  return {};
}

void check_launched(const ConfigNode& root, const std::string& output) {
  const Launched l = launched();
  if (l.size == 1 || root.find("communicator")) return;
  const std::string many =
      std::to_string(l.size) + " processes were started together, but without 'communicator' ";
  const std::string folder = output.empty() ? folder_of(root) : output;
  if (folder.empty()) {
    if (l.rank == 0)
      log(ODEON_LOG_WARNING,
          many +
              "each runs the whole experiment by itself; start one, or train together with "
              "--with configs/deploy/ranks.yaml");
    return;
  }
  if (!has_number(folder, l.rank))
    throw ConfigError(
        many + "they would all write into " + folder +
        "; train together with --with configs/deploy/ranks.yaml, or give each its own folder with its "
        "number in the name, such as --output " +
        folder + "/$" + l.rank_variable);
}

}  // namespace odeon::host
