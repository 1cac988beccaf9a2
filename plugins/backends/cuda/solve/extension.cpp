// odeon.backend.solve/1: whole solves of small fields, a thread per row.
#include <odeon/ext/solve.h>

#include <algorithm>
#include <odeon/sdk/tensor.hpp>

#include "backend.hpp"
#include "device.hpp"
#include "launch.hpp"
#include "solve/solve_source.hpp"

namespace {

// Device memory that grows to what the largest run needed.
class Room {
 public:
  explicit Room(odeon::cuda::Memory& memory) : memory_(memory) {}
  ~Room() { memory_.release(data_); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  void* of(int64_t bytes) {
    if (bytes > bytes_) {
      void* more = memory_.allocate(bytes);
      memory_.release(data_);
      data_ = more, bytes_ = bytes;
    }
    return data_;
  }

 private:
  odeon::cuda::Memory& memory_;
  void* data_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace

struct odeon_solve_plan {
  odeon_solve_plan(odeon_backend& owner, const odeon_solve_spec& spec)
      : backend(owner),
        source(odeon::cuda::solve_source(spec)),
        module(owner.modules.get(source.text, {odeon::cuda::kSolveKernel})),
        times(owner.memory),
        results(owner.memory),
        grid(owner.memory) {}
  odeon_backend& backend;
  odeon::cuda::SolveSource source;
  std::shared_ptr<const odeon::cuda::Module> module;
  Room times, results, grid;
};

namespace odeon::cuda {
namespace {

odeon_status compile(odeon_backend* backend, const odeon_solve_spec* spec, odeon_solve_plan** out) {
  return barrier(backend->host, [&] {
    use(*backend);
    *out = new odeon_solve_plan(*backend, *spec);
  });
}

void destroy(odeon_solve_plan* plan) {
  barrier(plan->backend.host, [&] {
    use(plan->backend);
    delete plan;
  });
}

odeon_status run(odeon_solve_plan* plan, odeon_queue* queue, const odeon_step_settings* settings,
                 const odeon_solve_run* r) {
  return barrier(plan->backend.host, [&] {
    use(plan->backend);
    if (plan->source.theta_end > (r->theta ? element_count(*r->theta) : 0))
      throw Error("solve: the field reads " + std::to_string(plan->source.theta_end) +
                  " parameters; theta is shorter");
    if (r->batch == 0) return;
    SolveArgs args = solve_args(settings, *r);
    const int64_t result_bytes = r->batch * int64_t{sizeof(odeon_row_result)};
    const int64_t time_bytes = r->n_times * int64_t{sizeof(double)};
    void* times = plan->times.of(time_bytes);
    args.times = static_cast<const double*>(times);
    args.results = static_cast<odeon_row_result*>(plan->results.of(result_bytes));
    queue->staging->to_device(times, r->times, time_bytes);
    if (r->n_grid > 0) {
      const int64_t grid_bytes =
          r->n_grid * int64_t{sizeof(double)};  // of the points, and of their times' indices
      char* grid = static_cast<char*>(plan->grid.of(2 * grid_bytes));
      queue->staging->to_device(grid, r->grid, grid_bytes);
      queue->staging->to_device(grid + grid_bytes, r->grid_times, grid_bytes);
      args.grid = reinterpret_cast<const double*>(grid);
      args.anchors = reinterpret_cast<const int64_t*>(grid + grid_bytes);
    }
    const int64_t blocks = std::min(ceil_div(r->batch, kSolveThreads), kMaxBlocks);
    plan->module->launch(0, static_cast<unsigned>(blocks), kSolveThreads, queue->stream, &args);
    queue->staging->to_host(r->results, args.results, result_bytes);
  });
}

}  // namespace

const odeon_backend_solve_api kSolveApi{sizeof(odeon_backend_solve_api), 0, compile, destroy, run};

}  // namespace odeon::cuda
