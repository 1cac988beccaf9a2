#include "solve/row_solves.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

#include "launch.hpp"
#include "rows/block_rows.hpp"
#include "solve/plan.hpp"

namespace odeon::cuda {

void launch_rows(const Module& module, size_t kernel, int64_t rows, const odeon_queue& queue,
                 const void* args) {
  const int64_t blocks = std::min(ceil_div(rows, kSolveThreads), kMaxBlocks);
  module.launch(kernel, static_cast<unsigned>(blocks), kSolveThreads, queue.stream, args);
}

void require_theta(const odeon_solve_run& run, int64_t theta_end) {
  if (theta_end > (run.theta ? element_count(*run.theta) : 0))
    throw Error("solve: the field reads " + std::to_string(theta_end) + " parameters; theta is shorter");
}

RowSolves::RowSolves(odeon_backend& backend, int64_t size, int64_t theta_end)
    : size_(size),
      theta_end_(theta_end),
      times_(backend.memory),
      results_(backend.memory),
      grid_(backend.memory),
      anchors_(backend.memory),
      totals_(backend.memory) {}

SolveArgs RowSolves::arguments(odeon_queue& queue, const odeon_step_settings* settings,
                               const odeon_solve_run& r) {
  require_theta(r, theta_end_);
  SolveArgs args = solve_args(settings, r);
  args.times = to_room(times_, queue, r.times, r.n_times);
  args.cancel = queue.cancel().word();
  args.results = results_.of<odeon_row_result>(r.batch * int64_t{sizeof(odeon_row_result)});
  if (r.n_grid > 0) {
    args.grid = to_room(grid_, queue, r.grid, r.n_grid);
    args.anchors = to_room(anchors_, queue, r.grid_times, r.n_grid);
  }
  return args;
}

void RowSolves::run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& r) {
  if (r.batch == 0) return;
  const SolveArgs args = arguments(queue, settings, r);
  launch(queue, args, r.theta);
  if (r.totals) totals_.add_up(queue, args.results, r.batch);
  queue.cancel().wait();
  if (r.totals) *r.totals = totals_.read(queue);
  if (r.totals && r.totals->failed == 0) return;
  queue.staging->to_host(r.results, args.results, r.batch * int64_t{sizeof(odeon_row_result)});
}

ThreadRows::ThreadRows(odeon_backend& backend, SolveSource source, std::vector<std::string> kernels)
    : RowSolves(backend, source.size, source.theta_end),
      backend_(backend),
      text_(std::move(source.text)),
      kernels_(std::move(kernels)) {}

const Module& ThreadRows::module() {
  if (!module_) module_ = backend_.modules.get(text_, kernels_);
  return *module_;
}

void ThreadRows::launch(odeon_queue& queue, const SolveArgs& args, const odeon_tensor*) {
  launch_rows(module(), 0, args.batch, queue, &args);
}

namespace {

struct RowSolve : odeon_solve_plan {
  RowSolve(odeon_backend& owner, const odeon_solve_spec& spec)
      : odeon_solve_plan(owner),
        ways(make_ways<RowSolves>(
            owner.row_form, field_work(*spec.graph, 1),
            [&] { return std::make_unique<ThreadRows>(owner, solve_source(spec), kKernels); },
            [&] { return std::make_unique<BlockRows>(owner, spec); })) {}
  void run(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run) override {
    ways.of(run.batch).run(queue, settings, run);
  }
  inline static const std::vector<std::string> kKernels{kSolveKernel};
  RowWays<RowSolves> ways;
};

}  // namespace

std::unique_ptr<odeon_solve_plan> make_row_solve(odeon_backend& backend, const odeon_solve_spec& spec) {
  return std::make_unique<RowSolve>(backend, spec);
}

}  // namespace odeon::cuda
