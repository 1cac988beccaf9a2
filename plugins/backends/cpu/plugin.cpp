// The backend `cpu`: vectorised loops over host memory, oneTBB for parallelism.
#include <odeon/sdk/host_memory.hpp>
#include <odeon/sdk/plugin.hpp>

#include "backend.hpp"

namespace odeon::cpu {

namespace {

constexpr odeon_option kThreads =
    ranged(make_option(ODEON_OPTION_INT, str("threads"), str("0"),
                       str("Worker threads; 0 takes all cores. Results do not depend on it.")),
           0, 4096);
constexpr const odeon_option* kOptions[] = {&kThreads};

constexpr odeon_backend_api make_api() {
  odeon_backend_api api{};
  api.struct_size = sizeof(odeon_backend_api);
  api.create = create;
  api.info = info;
  host_memory::fill_slots<odeon_backend, odeon_queue>(api);
  api.fill = fill;
  api.lincomb = lincomb;
  api.error_norm = error_norm;
  api.reduce = reduce;
  api.dot = dot;
  api.select = select;
  api.get_ext = get_ext;
  return api;
}
constexpr odeon_backend_api kApi = make_api();

constexpr odeon_component kComponent = make_component(
    ODEON_KIND_BACKEND,
    {str("cpu"), str("All cores of the processor"),
     str("Vectorised loops over host memory with oneTBB for parallelism; op graphs are compiled "
         "into plans of fused steps. The same bits for every number of threads.")},
    &kApi, kOptions);

}  // namespace
}  // namespace odeon::cpu

ODEON_PLUGIN_SINGLE(odeon::cpu::kComponent)
