// The backend `reference`: the oracle that every other backend is tested against.
#include <odeon/sdk/host_memory.hpp>
#include <odeon/sdk/plugin.hpp>

#include "backend.hpp"

namespace odeon::reference {
namespace {

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

constexpr odeon_component kComponent =
    make_component(ODEON_KIND_BACKEND,
                   {str("reference"), str("Plain loops on one thread"),
                    str("The specification of every backend operation: plain loops over host memory, sums in "
                        "double precision. Slow on purpose; use it to check other backends.")},
                   &kApi);

}  // namespace
}  // namespace odeon::reference

ODEON_PLUGIN_SINGLE(odeon::reference::kComponent)
