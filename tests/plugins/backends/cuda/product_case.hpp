// Graphs with products on the stand-in for a GPU, whose block threads are fibers, beside the SDK's
// interpreter.
#pragma once
#include <cuda_runtime.h>

#include <algorithm>
#include <cstring>
#include <odeon/sdk/tensor.hpp>

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
        module_(cuda::compile_for(90, generated.source, cuda::Form::ptx), names()) {
    fake::without_device = true;
  }

  // At most `most_blocks` of a kernel's blocks, which then loop.
  std::vector<std::vector<T>> run(int64_t batch, const GraphData<T>& d, unsigned most_blocks = ~0u) const {
    cuda::GraphRun run(generated, dtype_of<T>(), batch);
    std::vector<std::max_align_t> arena(size_t(run.arena_bytes()) / sizeof(std::max_align_t) + 1);
    std::memset(arena.data(), 0xff, arena.size() * sizeof arena[0]);  // NaN where nobody writes
    BoundData<T> bound(d);
    lend(bound.args, batch);
    fake::lent_by_host().push_back({reinterpret_cast<char*>(arena.data()), arena.size() * sizeof arena[0]});
    run.run(bound.args, arena.data(), [&](size_t k, unsigned blocks, const cuda::KernelArgs& a) {
      module_.launch(k, std::min(blocks, most_blocks), unsigned(generated.kernels[k].threads()), nullptr, &a);
    });
    return bound.outputs();
  }

  const cuda::GeneratedGraph generated;

 private:
  // What the kernels may touch.
  static void lend(const odeon_plan_args& a, int64_t batch) {
    std::vector<fake::Range>& lent = fake::lent_by_host();
    lent = {
        {const_cast<char*>(reinterpret_cast<const char*>(a.t.device)), size_t(batch) * sizeof *a.t.device}};
    const auto add = [&](const odeon_tensor& x) {
      lent.push_back({static_cast<char*>(x.data), size_t(byte_count(x))});
    };
    add(*a.theta);
    std::for_each_n(a.inputs, a.n_inputs, add);
    std::for_each_n(a.outputs, a.n_outputs, add);
    std::erase_if(lent, [](const fake::Range& r) { return r.bytes == 0; });
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& k : generated.kernels) out.push_back(k.name);
    return out;
  }
  cuda::Module module_;
};

}  // namespace odeon::test
