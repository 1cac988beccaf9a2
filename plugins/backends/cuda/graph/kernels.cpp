#include "graph/kernels.hpp"

#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

#include "graph/cost.hpp"

namespace odeon::cuda {

std::shared_ptr<const Module> load_kernels(odeon_backend& backend, const GeneratedGraph& graph, int32_t dtype,
                                           int64_t batch) {
  std::vector<std::string> names;
  for (const GeneratedKernel& k : graph.kernels) names.push_back(k.name);
  std::shared_ptr<const Module> kernels = backend.modules.get(graph.source, names);
  const std::string text = "backend 'cuda': a graph of " + describe(graph, batch, dtype_bytes(dtype));
  backend.host->log(backend.host, ODEON_LOG_DEBUG, to_str(text));
  return kernels;
}

GraphRun::Launch launch_on(cudaStream_t stream, const Module& kernels, const GeneratedGraph& graph) {
  return [stream, &kernels, &graph](size_t kernel, unsigned blocks, const KernelArgs& args) {
    kernels.launch(kernel, blocks, unsigned(graph.kernels[kernel].threads()), stream, &args);
  };
}

}  // namespace odeon::cuda
