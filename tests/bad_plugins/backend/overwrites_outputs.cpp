// Overwrites outputs of graphs that it is to add to.
#include <vector>

#include "interpreting.hpp"

namespace {
odeon_status run_over(odeon_plan* plan, odeon_queue*, const odeon_plan_args* args) {
  std::vector<int32_t> modes(args->modes, args->modes + args->n_outputs);
  for (int32_t& m : modes)
    if (m == ODEON_WRITE_ACCUMULATE) m = ODEON_WRITE_OVERWRITE;
  odeon_plan_args over = *args;
  over.modes = modes.data();
  interpret(plan, over);
  return ODEON_OK;
}
}  // namespace

SPECIMEN_INTERPRETING([](odeon_backend_graph_api& api) { api.run = run_over; })
