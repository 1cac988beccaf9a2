// A batch that takes its steps together. Small work: one kernel runs all of the solve, of one block or of
// some that wait for each other. Larger work: a captured loop of kernels that fill the device. In all of them
// the host waits once, at the end.
#pragma once
#include <odeon/sdk/tensor.hpp>
#include <optional>

#include "graph/run.hpp"
#include "joint/captured.hpp"
#include "joint/joint_source.hpp"
#include "pieces.hpp"
#include "solve/plan.hpp"

namespace odeon::cuda {

// Arguments of the kernels of calls i < `calls` of a graph to where one block reads them, each with so many
// pointers; call(i, launch) runs the graph. Kernels that a call leaves out get a batch of 0.
void put_calls(odeon_queue& queue, const void* to, int calls, const GeneratedGraph& graph, int pointers,
               const std::function<void(int, const GraphRun::Launch&)>& call);

// What differs from launch to launch, as it lies in device memory, and the gate where blocks wait for each
// other.
template <class Run>
struct WithGate {
  Run run;
  uint32_t gate = 0;  // anew for each launch, whatever became of the last one
};

JointShape shape_of(const odeon_backend& backend, const odeon_solve_spec& spec);
// The kernel that does all, with an argument that has the address of a gate.
void launch_whole(const Module& kernel, const JointShape& shape, odeon_queue& queue, const void* argument);

class JointSolve : public odeon_solve_plan {
 public:
  JointSolve(odeon_backend& owner, const odeon_solve_spec& spec);

  // Where the runs that follow keep their accepted steps.
  void keep(const TapeArgs& tape) { tape_ = tape; }
  void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run) override;

  const JointShape& shape() const { return shape_; }
  int64_t batch() const { return batch_; }
  int64_t state_bytes() const { return size_ * dtype_bytes(dtype_); }

 private:
  void take_memory();
  void put_arguments(odeon_queue& queue, const odeon_step_settings& settings, const odeon_solve_run& run);
  void put_pointers(odeon_queue& queue);
  void call_field(int call, const GraphRun::Launch& launch);
  CapturedGraph& loop_of(odeon_queue& queue, const odeon_step_settings& settings);
  unsigned blocks_of(Phase phase) const;

  const int stages_;
  const bool fsal_;
  const int32_t dtype_;
  const int64_t batch_, size_;
  const JointShape shape_;
  GeneratedGraph graph_;
  std::shared_ptr<const Module> whole_, field_, phases_;  // the first, or the others
  std::optional<GraphRun> field_run_;
  Room memory_, times_;
  std::vector<void*> k_;
  void* arena_ = nullptr;
  odeon_row_result* result_ = nullptr;
  JointArgs args_{};
  TapeArgs tape_{};
  odeon_tensor theta_{};
  bool bound_ = false;  // pointers are on the device, for theta_
  std::optional<CapturedGraph> loop_;
  bool loop_estimates_ = false;
};

}  // namespace odeon::cuda
