// Takes the accepted steps of a joint solve back from their tape, in the form that the solve has. The host
// waits for each part of the tape, and does not begin another one when the user wants to stop.
#pragma once
#include <odeon/ext/solve_gradient.h>

#include <optional>

#include "backend.hpp"
#include "graph/run.hpp"
#include "joint/captured.hpp"
#include "joint/reverse_source.hpp"
#include "solve/room.hpp"

namespace odeon::cuda {

class JointReverse {
 public:
  // shape: of the solve.
  JointReverse(odeon_backend& owner, const odeon_solve_gradient_spec& spec, const JointShape& shape);

  // For the calls of take_back that follow, from the last steps to the first.
  void begin(odeon_queue& queue, const odeon_solve_gradient_run& run);
  // `steps` of the tape. begins, ends: they are the solve's last, first.
  void take_back(odeon_queue& queue, const TapeArgs& tape, int64_t steps, bool begins, bool ends);
  // dL/dt and the number of products.
  void end(odeon_queue& queue, odeon_solve_gradient_run& run);

 private:
  // Pointers that launches hold.
  struct Bound {
    const void *theta = nullptr, *gtheta = nullptr;
    bool times = false, there = false;
    friend bool operator==(const Bound&, const Bound&) = default;
  };
  void take_memory();
  void call_products(int i, const GraphRun::Launch& launch);
  CapturedGraph& loop_of(odeon_queue& queue);
  unsigned blocks_of(ReversePhase phase) const;

  odeon_backend& backend_;
  const int stages_;
  const JointShape shape_;
  const bool end_is_extra_, last_is_free_;
  const int32_t dtype_;
  const int64_t batch_, size_;
  std::vector<int64_t> offsets_, slice_counts_;
  GeneratedGraph graph_;                                     // of the derivative products
  std::shared_ptr<const Module> whole_, products_, phases_;  // the first, or the others
  std::optional<GraphRun> graph_run_;
  Room memory_, times_;
  std::vector<void*> K_;
  void* arena_ = nullptr;
  ReverseArgs args_{};
  ReverseRun run_{};
  odeon_tensor theta_{}, gtheta_{};
  Bound bound_;
  std::optional<CapturedGraph> loop_;
};

}  // namespace odeon::cuda
