// The backend `cuda`: NVIDIA GPUs.
#include <odeon/sdk/plugin.hpp>

#include "backend.hpp"

namespace odeon::cuda {
namespace {

constexpr odeon_component kComponent = make_component(
    ODEON_KIND_BACKEND,
    {str("cuda"), str("NVIDIA GPUs"),
     str("One GPU: a queue is a stream, memory comes from a stream-ordered pool, op graphs and whole "
         "solves of small fields become kernels that NVRTC compiles. Sums have a fixed order, so "
         "that the same inputs give the same bits. Without a GPU it says `no device` with the "
         "driver's words.")},
    &kApi, kOptions);

}  // namespace
}  // namespace odeon::cuda

ODEON_PLUGIN_SINGLE(odeon::cuda::kComponent)
