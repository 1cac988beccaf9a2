// The continuous adjoint of a batch that steps together backwards, in one of the forms of form.hpp. Forwards
// it stepped together, too, or with fixed steps.
#pragma once
#include <odeon/sdk/tensor.hpp>
#include <optional>

#include "graph/run.hpp"
#include "joint/adjoint_source.hpp"
#include "joint/captured.hpp"
#include "solve/plan.hpp"

namespace odeon::cuda {

class JointAdjoint : public odeon_solve_gradient_plan {
 public:
  JointAdjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec);
  void forward(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run) override;
  void backward(odeon_queue& queue, odeon_solve_gradient_run& run) override;

 private:
  // joint_adjoint.cpp: the code and the memory.
  void load(const odeon_solve_gradient_spec& spec);
  void take_memory();
  int64_t bytes_of(int64_t elements) const { return elements * dtype_bytes(dtype_); }
  static char* behind(const void* data, int64_t bytes) {
    return const_cast<char*>(static_cast<const char*>(data)) + bytes;
  }

  // adjoint_run.cpp: what a run takes to the device, launches and brings back.
  void prepare(odeon_queue& queue, const odeon_solve_gradient_run& run);
  void put_solve(odeon_queue& queue, const odeon_solve_gradient_run& run);
  void call_products(int call, const GraphRun::Launch& launch);
  CapturedGraph& loop_of(odeon_queue& queue, bool estimates);
  unsigned blocks_of(Phase phase) const;
  unsigned blocks_of(AdjointPhase phase) const;
  void add_integral(odeon_queue& queue, const odeon_tensor& gtheta);

  struct Bound {
    const void* theta = nullptr;
    bool gtheta = false, times = false, there = false;
    friend bool operator==(const Bound&, const Bound&) = default;
  };

  const std::unique_ptr<odeon_solve_plan> solve_;
  const int stages_;
  const bool fsal_, fixed_;
  const int32_t dtype_;
  const int64_t batch_, half_, theta_count_;  // half_: of the state, y or a
  const JointShape shape_;
  std::vector<int64_t> offsets_, counts_, begins_;  // of slices: in theta; their lengths; in an integrand
  int64_t quadratures_ = 0;
  std::vector<char> wants_;
  GeneratedGraph graph_;                                     // of the derivative products
  std::shared_ptr<const Module> whole_, products_, phases_;  // the first, or the others
  std::optional<GraphRun> run_;
  Room memory_, times_, grid_, grid_begin_;
  std::vector<void*> k_, q_;
  void* arena_ = nullptr;
  odeon_row_result* result_ = nullptr;
  JointAdjointArgs args_{};
  AdjointRun run_args_{};
  odeon_tensor theta_{};
  Bound bound_;
  std::optional<CapturedGraph> loop_;
  bool loop_estimates_ = false;
};

}  // namespace odeon::cuda
