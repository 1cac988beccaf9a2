// Whether this process is one of several that `mpirun` or `srun` started, told from the environment alone: a
// configuration without `communicator` loads no library that would know.
#pragma once
#include <cstdint>
#include <string>

#include "experiment/config_node.hpp"

namespace odeon::host {

struct Launched {
  int64_t size = 1, rank = 0;
  std::string rank_variable;  // "OMPI_COMM_WORLD_RANK"
};
Launched launched();

// Without `communicator`, processes that were started together are runs of their own. Throws ConfigError
// where they would write over each other: where the folder (`output`, else the configuration's) does not have
// this process's number in its name. Warns where nothing is written.
void check_launched(const ConfigNode& root, const std::string& output);

}  // namespace odeon::host
