// One run of a generated graph as a list of launches. Knows addresses, but nothing of who launches.
#pragma once
#include <odeon/ext/graph.h>

#include <functional>
#include <odeon/sdk/tensor.hpp>

#include "graph/arena.hpp"
#include "graph/prelude.hpp"

namespace odeon::cuda {

// The argument of every kernel, as the prelude declares it.
struct KernelArgs {
  int64_t batch;
  double t;
  const double* t_device;
  int64_t t_stride;
  uint64_t add;
  void* p[kMaxPointers];
};
constexpr int kCallWords = 5;  // of 8 bytes, in front of the pointers
static_assert(sizeof(KernelArgs) == 8 * (kCallWords + kMaxPointers));

// A run of a graph inside of a solve.
struct GraphCall {
  const odeon_tensor& theta;  // without data where there is none
  const double* t;            // on the device
  std::vector<odeon_tensor> inputs, outputs = {};
  std::vector<int32_t> modes = {};
  // The next output; one without data is not wanted.
  void put(const odeon_tensor& to, int32_t mode = ODEON_WRITE_OVERWRITE) {
    outputs.push_back(to);
    modes.push_back(to.data ? mode : ODEON_WRITE_SKIP);
  }
};

class GraphRun {
 public:
  GraphRun(const GeneratedGraph& graph, int32_t dtype, int64_t batch);

  int64_t arena_bytes() const { return layout_.bytes; }
  // launch(kernel, blocks, args) for each kernel that the wanted outputs need, in order. arena:
  // arena_bytes().
  using Launch = std::function<void(size_t kernel, unsigned blocks, const KernelArgs& args)>;
  void run(const odeon_plan_args& args, void* arena, const Launch& launch);
  void run(const GraphCall& call, void* arena, const Launch& launch);

 private:
  void check(const odeon_plan_args& args) const;
  void choose(const odeon_plan_args& args);
  KernelArgs bind(const GeneratedKernel& kernel, const odeon_plan_args& args, void* arena) const;

  const GeneratedGraph& graph_;
  int64_t batch_;
  ArenaLayout layout_;
  std::vector<int> place_of_;        // by slot: position in the arena's list
  std::vector<int32_t> chosen_for_;  // the modes that `wanted_` belongs to
  std::vector<char> wanted_;         // by kernel
};

}  // namespace odeon::cuda
