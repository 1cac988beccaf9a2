// An op graph ready to run on a backend: compiled by it, or interpreted by the host where it cannot.
#pragma once
#include <memory>
#include <odeon/sdk/graph.hpp>
#include <span>

#include "engine/device.hpp"

namespace odeon::host {

// What one run reads and writes; tensors in backend memory (ext/graph.h).
struct ProgramArgs {
  odeon_scalar t{};
  const odeon_tensor* theta = nullptr;
  std::span<const odeon_tensor> inputs;
  std::span<const odeon_tensor> outputs;
  std::span<const int32_t> modes;
};

class GraphProgram {
 public:
  GraphProgram(std::shared_ptr<Backend> backend, Graph graph, int32_t dtype, int64_t batch);
  ~GraphProgram();
  GraphProgram(const GraphProgram&) = delete;
  GraphProgram& operator=(const GraphProgram&) = delete;

  void run(const ProgramArgs& args);
  bool interpreted() const { return plan_ == nullptr; }
  // The batch-bound shape of output i.
  odeon_tensor output_shape(size_t i) const;
  int64_t workspace_bytes() const;

 private:
  struct Fallback;  // host interpreter with staging of device memory
  std::shared_ptr<Backend> backend_;
  Graph graph_;
  int32_t dtype_;
  int64_t batch_;
  odeon_plan* plan_ = nullptr;
  std::unique_ptr<Fallback> fallback_;
};

}  // namespace odeon::host
