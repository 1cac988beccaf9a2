// The backend `reference`: the oracle that every other backend is tested against.
#include <odeon/sdk/plugin.hpp>

#include "backend.hpp"

namespace odeon::reference {
namespace {

constexpr odeon_backend_api make_api() {
  odeon_backend_api api{};
  api.struct_size = sizeof(odeon_backend_api);
  api.create = create;
  api.destroy = destroy;
  api.info = info;
  api.queue_create = queue_create;
  api.queue_destroy = queue_destroy;
  api.queue_wait = queue_wait;
  api.alloc = alloc;
  api.release = release;
  api.copy = copy;
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
