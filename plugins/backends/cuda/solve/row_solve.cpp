// Rows on their own: one kernel with a thread per row.
#include <algorithm>

#include "launch.hpp"
#include "solve/plan.hpp"
#include "solve/solve_source.hpp"

namespace odeon::cuda {
namespace {

class RowSolve : public odeon_solve_plan {
 public:
  RowSolve(odeon_backend& owner, const odeon_solve_spec& spec)
      : odeon_solve_plan(owner),
        source_(solve_source(spec)),
        module_(owner.modules.get(source_.text, {kSolveKernel})),
        times_(owner.memory),
        results_(owner.memory),
        grid_(owner.memory) {}

  void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& r) override {
    require_theta(r, source_.theta_end);
    if (r.batch == 0) return;
    SolveArgs args = solve_args(settings, r);
    const int64_t result_bytes = r.batch * int64_t{sizeof(odeon_row_result)};
    const int64_t time_bytes = r.n_times * int64_t{sizeof(double)};
    void* times = times_.of(time_bytes);
    args.times = static_cast<const double*>(times);
    args.results = static_cast<odeon_row_result*>(results_.of(result_bytes));
    queue.staging->to_device(times, r.times, time_bytes);
    if (r.n_grid > 0) put_grid(queue, r, args);
    const int64_t blocks = std::min(ceil_div(r.batch, kSolveThreads), kMaxBlocks);
    module_->launch(0, static_cast<unsigned>(blocks), kSolveThreads, queue.stream, &args);
    queue.staging->to_host(r.results, args.results, result_bytes);
  }

 private:
  // The points, and behind them their times' indices.
  void put_grid(odeon_queue& queue, const odeon_solve_run& r, SolveArgs& args) {
    const int64_t bytes = r.n_grid * int64_t{sizeof(double)};
    char* grid = static_cast<char*>(grid_.of(2 * bytes));
    queue.staging->to_device(grid, r.grid, bytes);
    queue.staging->to_device(grid + bytes, r.grid_times, bytes);
    args.grid = reinterpret_cast<const double*>(grid);
    args.anchors = reinterpret_cast<const int64_t*>(grid + bytes);
  }

  SolveSource source_;
  std::shared_ptr<const Module> module_;
  Room times_, results_, grid_;
};

}  // namespace

std::unique_ptr<odeon_solve_plan> make_row_solve(odeon_backend& backend, const odeon_solve_spec& spec) {
  return std::make_unique<RowSolve>(backend, spec);
}

}  // namespace odeon::cuda
