// The continuous adjoint of a batch that steps together backwards: one block runs all of it in one kernel, or
// a captured loop of kernels that fill the device. Forwards it stepped together, too, or with fixed steps.
#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

#include "device.hpp"
#include "graph/kernels.hpp"
#include "joint/captured_adjoint.hpp"
#include "joint/joint_solve.hpp"
#include "launch.hpp"
#include "solve/method_text.hpp"
#include "solve/row_solves.hpp"

namespace odeon::cuda {
namespace {

std::unique_ptr<odeon_solve_plan> make_solve(odeon_backend& owner, const odeon_solve_spec& spec) {
  return spec.joint > 0 ? make_joint_solve(owner, spec) : make_row_solve(owner, spec);
}

// As for the solve of as many rows.
bool one_block_does(const odeon_solve_gradient_spec& spec) {
  odeon_solve_spec solve = *spec.solve;
  solve.joint = spec.backward->joint;
  return is_for_one_block(solve);
}

class JointAdjoint : public odeon_solve_gradient_plan {
 public:
  JointAdjoint(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : odeon_solve_gradient_plan(owner),
        solve_(make_solve(owner, *spec.solve)),
        stages_(spec.backward->tableau->stages),
        fsal_(is_fsal(*spec.backward->tableau)),
        fixed_(spec.backward->fixed != 0),
        dtype_(spec.backward->dtype),
        batch_(spec.backward->joint),
        half_(batch_ * row_size(*spec.vjp)),
        theta_count_(spec.theta_count),
        one_block_(one_block_does(spec)),
        offsets_(spec.slice_offsets, spec.slice_offsets + spec.n_slices),
        counts_(slice_counts(spec)),
        memory_(owner.memory),
        times_(owner.memory),
        grid_(owner.memory),
        grid_begin_(owner.memory) {
    for (int64_t count : counts_) {
      begins_.push_back(quadratures_);
      quadratures_ += count;
    }
    for (int i = 0; i <= stages_; ++i) wants_.push_back(wants_integrand(*spec.backward, i));
    load(owner, spec);
    run_.emplace(graph_, dtype_, batch_);
    take_memory();
  }

  void forward(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& r) override {
    solve_->run(queue, settings, r);
  }

  void backward(odeon_queue& queue, odeon_solve_gradient_run& r) override {
    prepare(queue, r);
    if (one_block_)
      whole_->launch(0, 1, kThreads, queue.stream, &args_);
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

 private:
  void load(odeon_backend& owner, const odeon_solve_gradient_spec& spec) {
    if (one_block_) {
      JointSource source = joint_adjoint_source(spec);
      graph_ = std::move(source.graph);
      whole_ = owner.modules.get(source.text, {kJointAdjointKernel});
      return;
    }
    phases_ = load_loop_kernels(owner.modules, adjoint_phases_source(spec), adjoint_phase_names());
    const Graph products = adjoint_products(*spec.vjp);
    graph_ = generate(products.view(), dtype_, {batch_, owner.precision, {}});
    products_ = load_kernels(owner, graph_, dtype_, batch_);
  }

  int64_t bytes_of(int64_t elements) const { return elements * dtype_bytes(dtype_); }
  // Which state a call of the field is at, which k and which integrand it writes.
  void* state_of(int call) const {
    const bool at_end = call == stages_ || (fsal_ && call == stages_ - 1);
    return call == 0 ? args_.j.y : at_end ? args_.j.y1 : args_.j.stage;
  }
  static char* behind(const void* data, int64_t bytes) {
    return const_cast<char*>(static_cast<const char*>(data)) + bytes;
  }

  // One piece: the states, each y and a; the integrands; then what only the phases read.
  void take_memory() {
    const int64_t bytes = bytes_of(2 * half_), chunks = 2 * ceil_div(half_, kChunk);
    Pieces at;
    std::vector<int64_t> states, integrands;  // y, y1, stage, end, k
    for (int i = 0; i < 4 + stages_ + 1; ++i) states.push_back(at.take(bytes));
    for (int i = 0; i <= stages_; ++i)
      integrands.push_back(at.take(wants_[size_t(i)] ? bytes_of(quadratures_) : 0));
    const int64_t integral = at.take(bytes_of(quadratures_)), arena = at.take(run_->arena_bytes()),
                  partials = at.take(2 * chunks * int64_t{sizeof(double)}),
                  call_times = at.take((stages_ + 1) * int64_t{sizeof(double)}), state = at.take(kStateBytes),
                  all = at.take(kAdjointStateWords * int64_t{sizeof(int64_t)}),
                  norms = at.take(2 * int64_t{sizeof(double)}), result = at.take(sizeof(odeon_row_result)),
                  pointers = at.take(2 * (stages_ + 1) * int64_t{sizeof(void*)}),
                  solve = at.take(sizeof(SolveArgs)), run = at.take(sizeof(AdjointRun)),
                  calls = at.take(int64_t(sizeof(KernelArgs)) * call_count(stages_) *
                                  int64_t(graph_.kernels.size()));
    char* base = static_cast<char*>(memory_.of(at.bytes));
    for (size_t i = 4; i < states.size(); ++i) k_.push_back(base + states[i]);
    for (int64_t begin : integrands) q_.push_back(base + begin);
    arena_ = base + arena;
    result_ = reinterpret_cast<odeon_row_result*>(base + result);
    JointArgs& j = args_.j;
    j.a = reinterpret_cast<const SolveArgs*>(base + solve);
    j.y = base + states[0], j.y1 = base + states[1], j.stage = base + states[2];
    args_.end = base + states[3];
    j.k = reinterpret_cast<void* const*>(base + pointers);
    j.q = j.k + stages_ + 1;
    j.integral = base + integral;
    j.partials = reinterpret_cast<double*>(base + partials);
    j.call_times = reinterpret_cast<double*>(base + call_times);
    j.s = base + state;
    j.calls = reinterpret_cast<const KernelArgs*>(base + calls);
    args_.s = reinterpret_cast<int64_t*>(base + all);
    args_.r = reinterpret_cast<const AdjointRun*>(base + run);
    args_.norms = reinterpret_cast<double*>(base + norms);
  }

  void prepare(odeon_queue& queue, const odeon_solve_gradient_run& r) {
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
    queue.staging->to_device(const_cast<AdjointRun*>(args_.r), &run_args_, sizeof run_args_);
    const Bound now{solve.theta ? solve.theta->data : nullptr, r.gtheta != nullptr, r.gtimes != nullptr,
                    true};
    if (bound_ == now) return;
    bound_ = now;
    theta_ = solve.theta ? *solve.theta : odeon_tensor{};
    loop_.reset();  // its launches hold pointers
    std::vector<void*> pointers = k_;
    pointers.insert(pointers.end(), q_.begin(), q_.end());
    queue.staging->to_device(const_cast<void**>(args_.j.k), pointers.data(),
                             int64_t(pointers.size() * sizeof(void*)));
    if (!one_block_) return;
    put_calls(queue, args_.j.calls, call_count(stages_), graph_.kernels.size(),
              [&](int i, const GraphRun::Launch& launch) { call_products(i, launch); });
  }

  // What the phases know of the solves: their times and grids, one behind the other.
  void put_solve(odeon_queue& queue, const odeon_solve_gradient_run& r) {
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

  void call_products(int call, const GraphRun::Launch& launch) {
    const auto i = static_cast<size_t>(std::min(call, stages_));
    void* const at = state_of(call);
    const auto flat = [&](void* data) { return make_tensor(data, dtype_, {half_}); };
    const odeon_tensor inputs[] = {flat(at), flat(behind(at, bytes_of(half_)))};
    std::vector<odeon_tensor> outputs = {flat(k_[i]), flat(behind(k_[i], bytes_of(half_))),
                                         make_tensor(nullptr, dtype_, {batch_})};
    std::vector<int32_t> modes = {ODEON_WRITE_OVERWRITE, ODEON_WRITE_OVERWRITE, ODEON_WRITE_SKIP};
    const bool wants = bound_.gtheta && wants_[i] && call <= stages_;
    for (size_t s = 0; s < offsets_.size(); ++s) {
      outputs.push_back(make_tensor(behind(q_[i], bytes_of(begins_[s])), dtype_, {counts_[s]}));
      modes.push_back(wants ? ODEON_WRITE_OVERWRITE : ODEON_WRITE_SKIP);
    }
    odeon_plan_args args{};
    args.struct_size = sizeof args;
    args.inputs = inputs, args.n_inputs = 2;
    args.theta = theta_.data ? &theta_ : nullptr;
    args.t.device = args_.j.call_times + i;
    args.outputs = outputs.data(), args.n_outputs = static_cast<int64_t>(outputs.size());
    args.modes = modes.data();
    run_->run(args, arena_, launch);
  }

  CapturedGraph& loop_of(odeon_queue& queue, bool estimates) {
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
  unsigned blocks_of(Phase phase) const {
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
  unsigned blocks_of(AdjointPhase phase) const {
    const bool all =
        phase == AdjointPhase::put || phase == AdjointPhase::find || phase == AdjointPhase::result;
    return all ? item_blocks(half_) : 1;
  }

  // The slices may overlap.
  void add_integral(odeon_queue& queue, const odeon_tensor& gtheta) {
    const double one = 1;
    for (size_t s = 0; s < offsets_.size(); ++s) {
      const odeon_tensor to = make_tensor(behind(gtheta.data, bytes_of(offsets_[s])), dtype_, {counts_[s]}),
                         share = make_tensor(behind(args_.j.integral, bytes_of(begins_[s])), dtype_,
                                             {counts_[s]});
      check(lincomb(&queue, &to, &to, host_scalar(1), 1, &one, &share));
    }
    check(queue_wait(&queue));
  }

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
  const bool one_block_;
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

}  // namespace

std::unique_ptr<odeon_solve_gradient_plan> make_joint_adjoint(odeon_backend& backend,
                                                              const odeon_solve_gradient_spec& spec) {
  return std::make_unique<JointAdjoint>(backend, spec);
}

}  // namespace odeon::cuda
