// The kernels of a generated graph on the device.
#pragma once
#include "backend.hpp"
#include "graph/run.hpp"

namespace odeon::cuda {

// Compiles and loads them, and tells at debug level what a run takes by count (graph/cost.hpp).
std::shared_ptr<const Module> load_kernels(odeon_backend& backend, const GeneratedGraph& graph, int32_t dtype,
                                           int64_t batch);
// What a GraphRun calls to put them on the stream. Borrows all three.
GraphRun::Launch launch_on(cudaStream_t stream, const Module& kernels, const GeneratedGraph& graph);

}  // namespace odeon::cuda
