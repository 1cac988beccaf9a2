// Graphs with products on the stand-in for a GPU, whose block threads are fibers, beside the SDK's
// interpreter.
#pragma once
#include <cuda_runtime.h>

#include <cstring>

#include "compile/module.hpp"
#include "compile/nvrtc.hpp"
#include "graph/run.hpp"
#include "plugins/backends/graph_case.hpp"

namespace odeon::test {

// A generated graph compiled for the stand-in. Its kernels may touch host memory.
template <class T>
class OnFibers {
 public:
  OnFibers(const Graph& graph, const cuda::ProductSettings& products)
      : generated(cuda::generate(graph.view(), dtype_of<T>(), products)),
        module_(cuda::compile_for(90, generated.source), names()) {
    fake::without_device = true;
  }

  // At most `most_blocks` of a kernel's blocks, which then loop.
  std::vector<std::vector<T>> run(int64_t batch, const GraphData<T>& d, unsigned most_blocks = ~0u) const {
    cuda::GraphRun run(generated, dtype_of<T>(), batch);
    std::vector<std::max_align_t> arena(size_t(run.arena_bytes()) / sizeof(std::max_align_t) + 1);
    std::memset(arena.data(), 0xff, arena.size() * sizeof arena[0]);  // NaN where nobody writes
    BoundData<T> bound(d);
    run.run(bound.args, arena.data(), [&](size_t k, unsigned blocks, const cuda::KernelArgs& a) {
      module_.launch(k, std::min(blocks, most_blocks), unsigned(generated.kernels[k].threads()), nullptr, &a);
    });
    return bound.outputs();
  }

  const cuda::GeneratedGraph generated;

 private:
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& k : generated.kernels) out.push_back(k.name);
    return out;
  }
  cuda::Module module_;
};

}  // namespace odeon::test
