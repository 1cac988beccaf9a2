// Gradients of whole solves of rows on their own.
#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/tensor.hpp>

#include "launch.hpp"
#include "solve/gradient_source.hpp"
#include "solve/plan.hpp"
#include "solve/row_reverse.hpp"
#include "solve/tape.hpp"

namespace odeon::cuda {
namespace {

struct RowGradient : odeon_solve_gradient_plan {
  RowGradient(odeon_backend& owner, const odeon_solve_gradient_spec& spec)
      : odeon_solve_gradient_plan(owner),
        dtype(spec.solve->dtype),
        theta_count(spec.theta_count),
        adjoint(spec.method == ODEON_SOLVE_GRADIENT_ADJOINT),
        ways(make_ways<RowReverse>(
            owner.row_form, field_work(*spec.solve->graph, 1),
            [&] { return make_thread_reverse(owner, spec); },
            [&] { return make_block_reverse(owner, spec); })),
        steps(owner.memory),
        log_times(owner.memory),
        log_states(owner.memory),
        between(owner.memory),
        gtimes(owner.memory),
        partial(owner.memory),
        counts(owner.memory),
        norms(owner.memory),
        sums(owner.memory),
        times(owner.memory),
        grid(owner.memory),
        anchors(owner.memory),
        grid_begin(owner.memory),
        results(owner.memory) {}

  void forward(odeon_queue& queue, const odeon_step_settings* settings, const odeon_solve_run& run) override;
  void backward(odeon_queue& queue, odeon_solve_gradient_run& run) override;

  int32_t dtype;
  int64_t theta_count;
  bool adjoint;
  RowWays<RowReverse> ways;
  Room steps, log_times, log_states, between, gtimes, partial, counts, norms, sums;
  Room times, grid, anchors, grid_begin, results;
};

using Plan = RowGradient;

// A backward run on the device.
class Reverse {
 public:
  Reverse(Plan& plan, odeon_queue& queue, odeon_solve_gradient_run& run)
      : p_(plan),
        q_(queue),
        r_(run),
        solve_(*run.solve),
        way_(plan.ways.of(solve_.batch)),
        row_bytes_(way_.solves().size() * dtype_bytes(plan.dtype)) {
    if (r_.gtheta && element_count(*r_.gtheta) != p_.theta_count)
      throw Error("solve_gradient: gtheta has " + std::to_string(element_count(*r_.gtheta)) +
                  " elements, theta " + std::to_string(p_.theta_count));
    wants_theta_ = r_.gtheta && p_.theta_count > 0;
    r_.tape_bytes = r_.evaluations = r_.products = 0;
    if (r_.gtimes) std::fill_n(r_.gtimes, solve_.n_times, 0.0);
  }

  void direct() {
    std::vector<int64_t> steps;
    for (int64_t row = 0; row < solve_.batch; ++row) {
      if (solve_.results[row].status != ODEON_ROW_DONE)
        throw Error("solve_gradient: row " + std::to_string(row) + " of the solve did not get to its end");
      steps.push_back(fixed() ? solve_.n_grid - 1 : solve_.results[row].accepted);
    }
    const TapeSizes sizes{row_bytes_, fixed() ? 0 : 16, r_.gtimes ? 8 * solve_.n_times : 0};
    const TapeLimits limits{r_.tape_limit > 0 ? r_.tape_limit : kTapeLimit, r_.most_states};
    const std::vector<TapePart> parts = tape_parts(steps, sizes, limits);
    int64_t most_rows = 0;
    for (const TapePart& part : parts) most_rows = std::max(most_rows, part.rows);
    begin_theta(most_rows);
    SolveArgs log = way_.solves().arguments(q_, r_.settings, solve_);
    const int64_t* all_steps = to_room(p_.steps, q_, steps.data(), solve_.batch);
    for (const TapePart& part : parts) {
      r_.tape_bytes = std::max(r_.tape_bytes, part.bytes(sizes));
      write_log(part, log);
      check_log(part, log, steps);
      reverse_part(part, log, all_steps + part.first);
    }
    end_theta();
  }

  void adjoint() {
    begin_theta(solve_.batch);
    AdjointArgs a{};
    a.solve = backward_arguments();
    a.n_times = solve_.n_times;
    a.times = to_room(p_.times, q_, solve_.times, solve_.n_times);
    a.ys = solve_.ys->data, a.gys = r_.gys->data;
    a.gy0 = r_.gy0->data, a.found = r_.y_found ? r_.y_found->data : nullptr;
    if (!r_.backward) put_grids(a);
    a.gtimes = r_.gtimes ? p_.gtimes.of<double>(solve_.batch * solve_.n_times * 8) : nullptr;
    a.partial = partial_, a.threads = shares_;
    const int64_t batch = solve_.batch, result_bytes = batch * int64_t{sizeof(odeon_row_result)};
    a.results = p_.results.of<odeon_row_result>(result_bytes);
    a.counts = p_.counts.of<int64_t>(3 * batch * 8);
    a.norms = p_.norms.of<double>(2 * batch * 8);
    way_.adjoint(q_, a, r_);
    read_counts(a.counts, batch);
    q_.staging->to_host(r_.results, a.results, result_bytes);
    q_.staging->to_host(r_.failed_at, a.counts + 2 * batch, batch * 8);
    const auto failed = [](const odeon_row_result& row) { return row.status != ODEON_ROW_DONE; };
    if (r_.state_norms && std::any_of(r_.results, r_.results + batch, failed))
      q_.staging->to_host(r_.state_norms, a.norms, 2 * batch * 8);
    if (r_.gtimes) add_times(a.gtimes, batch);
    end_theta();
  }

 private:
  bool fixed() const { return r_.settings == nullptr; }
  int64_t rows_before(const TapePart& part) const { return part.first * row_bytes_; }
  static void* at(const void* data, int64_t bytes) {
    return const_cast<char*>(static_cast<const char*>(data)) + bytes;
  }

  void begin_theta(int64_t rows) {
    shares_ = way_.shares(rows, wants_theta_);
    if (!wants_theta_) return;
    const int64_t elements = shares_ * way_.columns();
    partial_ = p_.partial.of<double>(elements * 8);
    const odeon_tensor all = make_tensor(partial_, ODEON_F64, {elements});
    check(fill(&q_, &all, 0));
  }
  void end_theta() {
    if (wants_theta_) way_.add_theta(q_, partial_, shares_, r_.gtheta->data);
  }
  void add_times(const double* by_row, int64_t rows) {
    double* sums = p_.sums.of<double>(solve_.n_times * 8);
    way_.sum(q_, {by_row, rows, solve_.n_times, sums, nullptr});
    std::vector<double> of_part(static_cast<size_t>(solve_.n_times));
    q_.staging->to_host(of_part.data(), sums, solve_.n_times * 8);
    for (size_t i = 0; i < of_part.size(); ++i) r_.gtimes[i] += of_part[i];
  }
  void read_counts(const int64_t* on_device, int64_t rows) {
    std::vector<int64_t> counts(static_cast<size_t>(2 * rows));
    q_.cancel().wait();
    q_.staging->to_host(counts.data(), on_device, 2 * rows * 8);
    const auto products = counts.begin() + rows;
    r_.evaluations = std::max(r_.evaluations, *std::max_element(counts.begin(), products));
    r_.products = std::max(r_.products, *std::max_element(products, counts.end()));
  }

  // The same kernel as the solve's, so that it takes the same steps.
  void write_log(const TapePart& part, SolveArgs& log) {
    log.batch = part.rows;
    log.y0 = at(solve_.y0->data, rows_before(part));
    log.ys = log.y_last = log.y_end = nullptr;
    log.log_every = part.every, log.log_steps = part.steps;
    log.log_times = fixed() ? nullptr : p_.log_times.of<double>(2 * part.steps * part.rows * 8);
    log.log_states = p_.log_states.of(part.states() * part.rows * row_bytes_);
    way_.solves().launch(q_, log, solve_.theta);
  }
  void check_log(const TapePart& part, const SolveArgs& log, const std::vector<int64_t>& steps) {
    std::vector<odeon_row_result> results(static_cast<size_t>(part.rows));
    q_.cancel().wait();
    q_.staging->to_host(results.data(), log.results, part.rows * int64_t{sizeof(odeon_row_result)});
    for (int64_t i = 0; i < part.rows; ++i) {
      const odeon_row_result& r = results[size_t(i)];
      if (r.status != ODEON_ROW_DONE || r.accepted != steps[size_t(part.first + i)])
        throw Error("solve_gradient: row " + std::to_string(part.first + i) +
                        " took other steps than before; have y0, theta or the times changed since the solve?",
                    ODEON_E_INVALID);
      r_.evaluations = std::max(r_.evaluations, r.evaluations);
    }
  }

  void reverse_part(const TapePart& part, const SolveArgs& log, const int64_t* steps) {
    DirectArgs a{};
    a.batch = solve_.batch, a.rows = part.rows, a.n_times = solve_.n_times;
    a.times = log.times, a.theta = log.theta;
    a.gys = at(r_.gys->data, rows_before(part));
    a.gy0 = at(r_.gy0->data, rows_before(part));
    a.steps = steps;
    a.log_times = log.log_times, a.log_states = log.log_states, a.log_every = part.every,
    a.log_steps = part.steps;
    a.between = p_.between.of(part.between() * part.rows * row_bytes_);
    a.grid = log.grid, a.anchors = log.anchors;
    a.gtimes = r_.gtimes ? p_.gtimes.of<double>(part.rows * solve_.n_times * 8) : nullptr;
    a.partial = partial_, a.threads = shares_;
    a.counts = p_.counts.of<int64_t>(2 * part.rows * 8);
    a.cancel = q_.cancel().word();
    way_.direct(q_, a, r_);
    const int64_t before = r_.evaluations;  // of the log
    r_.evaluations = 0;
    read_counts(a.counts, part.rows);
    r_.evaluations += before;
    if (r_.gtimes) add_times(a.gtimes, part.rows);
  }

  SolveArgs backward_arguments() {
    odeon_solve_run run{};
    run.struct_size = sizeof run;
    run.batch = solve_.batch;
    run.theta = solve_.theta;
    run.y0 = solve_.y0;
    require_theta(run, way_.solves().theta_end());
    SolveArgs args = solve_args(r_.backward, run);
    args.cancel = q_.cancel().word();
    return args;
  }
  void put_grids(AdjointArgs& a) {
    const int64_t n = r_.grid_begin[solve_.n_times - 1];
    std::vector<int64_t> anchors(static_cast<size_t>(n), -1);  // of the two times of a solve
    for (int64_t i = 1; i < solve_.n_times; ++i) anchors[size_t(r_.grid_begin[i] - 1)] = 1;
    a.grid = to_room(p_.grid, q_, r_.grid, n);
    a.anchors = to_room(p_.anchors, q_, anchors.data(), n);
    a.grid_begin = to_room(p_.grid_begin, q_, r_.grid_begin, solve_.n_times);
  }

  Plan& p_;
  odeon_queue& q_;
  odeon_solve_gradient_run& r_;
  const odeon_solve_run& solve_;
  RowReverse& way_;
  int64_t row_bytes_;
  bool wants_theta_ = false;
  double* partial_ = nullptr;
  int64_t shares_ = 0;
};

}  // namespace

void RowGradient::forward(odeon_queue& queue, const odeon_step_settings* settings,
                          const odeon_solve_run& run) {
  ways.of(run.batch).solves().run(queue, settings, run);
}

void RowGradient::backward(odeon_queue& queue, odeon_solve_gradient_run& run) {
  Reverse reverse(*this, queue, run);
  if (run.solve->batch == 0) return;
  adjoint ? reverse.adjoint() : reverse.direct();
}

std::unique_ptr<odeon_solve_gradient_plan> make_row_gradient(odeon_backend& backend,
                                                             const odeon_solve_gradient_spec& spec) {
  return std::make_unique<RowGradient>(backend, spec);
}

}  // namespace odeon::cuda
