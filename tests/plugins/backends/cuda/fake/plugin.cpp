// The GPU backend on the stand-in, under a name of its own.
#include <odeon/sdk/plugin.hpp>

#include "backend.hpp"

namespace {
constexpr odeon_component kComponent = odeon::make_component(
    ODEON_KIND_BACKEND,
    {odeon::str("fake_gpu"), odeon::str("The GPU backend without a GPU"), odeon::str("For tests.")},
    &odeon::cuda::kApi, odeon::cuda::kOptions);
}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
