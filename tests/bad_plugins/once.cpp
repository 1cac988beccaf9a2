// In order; says when it is initialised and shut down.
#include <cstdio>

#include "specimen.hpp"

namespace {
odeon_status init(const odeon_host* host) {
  host->log(host, ODEON_LOG_WARNING, odeon::to_str("once: init"));
  return ODEON_OK;
}
void shutdown() { std::fputs("once: shutdown\n", stderr); }
}  // namespace

constexpr odeon_component kSolver =
    specimen::component(ODEON_KIND_SOLVER, specimen::str("once"), &specimen::kSolver);
SPECIMEN_PLUGIN(kSolver, [](odeon_plugin& p) {
  p.init = init;
  p.shutdown = shutdown;
})
