// What a run of a joint adjoint takes to the device, launches there and brings back.
#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

#include "graph/kernels.hpp"
#include "joint/captured_adjoint.hpp"
#include "joint/joint_adjoint.hpp"
#include "joint/joint_solve.hpp"
#include "launch.hpp"
#include "solve/row_solves.hpp"

namespace odeon::cuda {

void JointAdjoint::forward(odeon_queue& queue, const odeon_step_settings* settings,
                           const odeon_solve_run& r) {
  solve_->run(queue, settings, r);
}

void JointAdjoint::backward(odeon_queue& queue, odeon_solve_gradient_run& r) {
  prepare(queue, r);
  if (whole_)
    launch_whole(*whole_, shape_, queue, &args_);
  else
    loop_of(queue, r.backward && !(r.backward->first_step > 0)).launch(queue.stream);
  queue.cancel().wait();
  int64_t state[kAdjointStateWords];
  queue.staging->to_host(state, args_.s, sizeof state);
  queue.staging->to_host(r.results, result_, sizeof *r.results);
  const bool done = r.results[0].status == ODEON_ROW_DONE;
  r.tape_bytes = r.evaluations = 0;
  r.products = state[3];
  r.failed_at[0] = state[0];
  if (!done && r.state_norms) queue.staging->to_host(r.state_norms, args_.norms, 2 * sizeof(double));
  if (done && r.gtimes)
    queue.staging->to_host(r.gtimes, run_args_.gtimes, r.solve->n_times * int64_t{sizeof(double)});
  if (done && args_.j.quadratures > 0) add_integral(queue, *r.gtheta);
}

void JointAdjoint::prepare(odeon_queue& queue, const odeon_solve_gradient_run& r) {
  const odeon_solve_run& solve = *r.solve;
  if (solve.batch != batch_) throw Error("solve_gradient: the batch is not that of the plan");
  if (r.gtheta && element_count(*r.gtheta) != theta_count_)
    throw Error("solve_gradient: gtheta has " + std::to_string(element_count(*r.gtheta)) +
                " elements, theta " + std::to_string(theta_count_));
  require_theta(solve, graph_.theta_end);
  run_args_ = {};
  run_args_.n_times = solve.n_times;
  run_args_.ys = solve.ys->data, run_args_.gys = r.gys->data;
  run_args_.gy0 = r.gy0->data, run_args_.found = r.y_found ? r.y_found->data : nullptr;
  args_.j.quadratures = r.gtheta ? quadratures_ : 0;
  const odeon_tensor integral = make_tensor(args_.j.integral, dtype_, {quadratures_});
  if (args_.j.quadratures > 0) check(fill(&queue, &integral, 0));
  put_solve(queue, r);
  const WithGate<AdjointRun> now_run{run_args_};
  queue.staging->to_device(const_cast<AdjointRun*>(args_.r), &now_run, sizeof now_run);
  const Bound now{solve.theta ? solve.theta->data : nullptr, r.gtheta != nullptr, r.gtimes != nullptr, true};
  if (bound_ == now) return;
  bound_ = now;
  theta_ = solve.theta ? *solve.theta : odeon_tensor{};
  loop_.reset();  // its launches hold pointers
  std::vector<void*> pointers = k_;
  pointers.insert(pointers.end(), q_.begin(), q_.end());
  queue.staging->to_device(const_cast<void**>(args_.j.k), pointers.data(),
                           int64_t(pointers.size() * sizeof(void*)));
  if (!whole_) return;
  put_calls(queue, args_.j.calls, call_count(stages_), graph_, kMaxPointers,
            [&](int i, const GraphRun::Launch& launch) { call_products(i, launch); });
}

// What the phases know of the solves: their times and grids, one behind the other.
void JointAdjoint::put_solve(odeon_queue& queue, const odeon_solve_gradient_run& r) {
  const odeon_solve_run& solve = *r.solve;
  odeon_solve_run run{};
  run.struct_size = sizeof run;
  run.batch = batch_;
  run.theta = solve.theta, run.y0 = solve.y0;
  SolveArgs a = solve_args(r.backward, run);
  const std::vector<double> back(std::reverse_iterator(solve.times + solve.n_times),
                                 std::reverse_iterator(solve.times));
  const int64_t bytes = solve.n_times * int64_t{sizeof(double)};
  char* times = static_cast<char*>(times_.of(2 * bytes));  // and behind them dL/dt
  queue.staging->to_device(times, back.data(), bytes);
  run_args_.gtimes = r.gtimes ? reinterpret_cast<double*>(times + bytes) : nullptr;
  a.times = reinterpret_cast<const double*>(times);
  a.n_times = 2;
  a.y_last = args_.end;
  a.results = result_;
  a.cancel = queue.cancel().word();
  if (fixed_) {
    a.grid = to_room(grid_, queue, r.grid, r.grid_begin[solve.n_times - 1]);
    run_args_.grid_begin = to_room(grid_begin_, queue, r.grid_begin, solve.n_times);
  }
  queue.staging->to_device(const_cast<SolveArgs*>(args_.j.a), &a, sizeof a);
}

void JointAdjoint::call_products(int call, const GraphRun::Launch& launch) {
  const CallPlace place = place_of_call(call, stages_, fsal_);
  const auto i = static_cast<size_t>(place.k);
  void* const at = args_.j.state(place);
  const auto flat = [&](void* data) { return make_tensor(data, dtype_, {half_}); };
  GraphCall products{theta_, args_.j.call_times + i, {flat(at), flat(behind(at, bytes_of(half_)))}};
  products.put(flat(k_[i]));
  products.put(flat(behind(k_[i], bytes_of(half_))));
  products.put(make_tensor(nullptr, dtype_, {batch_}));
  const bool wants = bound_.gtheta && wants_[i] && call <= stages_;
  for (size_t s = 0; s < offsets_.size(); ++s) {
    void* const q = wants ? behind(q_[i], bytes_of(begins_[s])) : nullptr;
    products.put(make_tensor(q, dtype_, {counts_[s]}));
  }
  run_->run(products, arena_, launch);
}

CapturedGraph& JointAdjoint::loop_of(odeon_queue& queue, bool estimates) {
  if (loop_ && loop_estimates_ == estimates) return *loop_;
  AdjointWork work;
  work.wants_times = bound_.times;
  work.solve.estimates_first_step = estimates, work.solve.fsal = fsal_, work.solve.stages = stages_;
  work.solve.fixed = fixed_, work.solve.integrates = args_.j.quadratures > 0;
  work.solve.phase = [&](Phase phase, int64_t which, const unsigned long long* conditions) {
    JointArgs args = args_.j;
    args.which = which;
    std::copy(conditions, conditions + kConditions, args.conditions);
    phases_->launch(size_t(phase), blocks_of(phase), kThreads, queue.stream, &args);
  };
  work.solve.field = [&](int call) { call_products(call, launch_on(queue.stream, *products_, graph_)); };
  work.phase = [&](AdjointPhase phase, const unsigned long long* conditions) {
    JointAdjointArgs args = args_;
    std::copy(conditions, conditions + kConditions, args.j.conditions);
    const size_t kernel = phase_names().size() + size_t(phase);
    phases_->launch(kernel, blocks_of(phase), kThreads, queue.stream, &args);
  };
  loop_.emplace(queue.stream, [&](CapturedSequence& all) { capture_adjoint(all, work); });
  loop_estimates_ = estimates;
  backend.host->log(backend.host, ODEON_LOG_DEBUG,
                    to_str("backend 'cuda': captured the loop of a joint adjoint"));
  return *loop_;
}
unsigned JointAdjoint::blocks_of(Phase phase) const {
  switch (phase) {
    case Phase::combine:
    case Phase::observe:
      return item_blocks(2 * half_);
    case Phase::integrate:
      return item_blocks(quadratures_);
    case Phase::move_on:
      return item_blocks(std::max(2 * half_, quadratures_));
    case Phase::norm:
      return row_blocks(2 * ceil_div(half_, kChunk));
    default:
      return 1;
  }
}

unsigned JointAdjoint::blocks_of(AdjointPhase phase) const {
  const bool all = phase == AdjointPhase::put || phase == AdjointPhase::find || phase == AdjointPhase::result;
  return all ? item_blocks(half_) : 1;
}

// The slices may overlap.
void JointAdjoint::add_integral(odeon_queue& queue, const odeon_tensor& gtheta) {
  const double one = 1;
  for (size_t s = 0; s < offsets_.size(); ++s) {
    const odeon_tensor to = make_tensor(behind(gtheta.data, bytes_of(offsets_[s])), dtype_, {counts_[s]}),
                       share =
                           make_tensor(behind(args_.j.integral, bytes_of(begins_[s])), dtype_, {counts_[s]});
    check(lincomb(&queue, &to, &to, host_scalar(1), 1, &one, &share));
  }
  check(queue_wait(&queue));
}

}  // namespace odeon::cuda
