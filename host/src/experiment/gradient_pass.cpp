// A forward and backward pass of a gradient strategy, for the whole batch or row by row.
#include <limits>

#include "data/error.hpp"
#include "engine/failure.hpp"
#include "engine/rows.hpp"
#include "experiment/event_pass.hpp"
#include "experiment/session.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

Gradient::Pass::Pass(Gradient& gradient, odeon_problem& problem, const odeon_gradient_forward_args& args)
    : gradient_(gradient), problem_(problem), args_(args) {
  gradient_.require_capabilities(problem);
  args_.struct_size = sizeof args_;
  if (steps_per_row(problem)) {
    if (!forward_apart()) forward_rows();
  } else if (problem.has_events() && follows_steps(gradient_.api_->capabilities))
    events_ = std::make_unique<EventPass>(
        gradient_, (gradient_.api_->capabilities & ODEON_GRADIENT_DISCRETE_EXACT) != 0, problem_, args_);
  else
    call(gradient_.name_, gradient_.api_->forward, gradient_.handle_, &problem_, &args_, &tape_);
}

Gradient::Pass::~Pass() {
  if (tape_) call_release(gradient_.name_, gradient_.api_->tape_destroy, gradient_.handle_, &problem_, tape_);
}

void Gradient::Pass::backward(const odeon_gradient_backward_args& args, const EventCotangents* events) {
  if (!rows_.empty()) return backward_rows(args, events);
  if (events_) return events_->backward(args, events);
  if (events)
    throw ConfigError(gradient_.name_ +
                      " gives no derivatives of the events themselves (capability 'event "
                      "cotangents'); leave 'events' out of the loss, or use gradient direct or adjoint");
  odeon_gradient_backward_args a = args;
  a.struct_size = sizeof a;
  try {
    call(gradient_.name_, gradient_.api_->backward, gradient_.handle_, &problem_, tape_, &a);
  } catch (const SolveFailed& e) {
    // A strategy that knows more of why says so in place of the engine's text.
    const std::string said = take_error_text();
    if (said.empty() || said == e.what()) throw;
    Failure failure = e.failure();
    failure.remedy = said;
    throw SolveFailed(std::move(failure));
  }
}

// The whole batch at once, where the strategy's backend takes the steps of each row; false: it does not.
bool Gradient::Pass::forward_apart() {
  if (!(gradient_.api_->capabilities & ODEON_GRADIENT_ROWS) || problem_.has_events()) return false;
  const odeon_status status =
      call_slot(gradient_.name_, gradient_.api_->forward, gradient_.handle_, &problem_, &args_, &tape_);
  if (status == ODEON_E_UNSUPPORTED) {
    take_error_text();
    tape_ = nullptr;
    return false;
  }
  check_call(status, gradient_.name_);
  problem_.event_log = {};
  return true;
}

void Gradient::Pass::forward_rows() {
  odeon_problem& one = row_problem(problem_);
  problem_.event_log = {};
  std::vector<int64_t> shape(args_.ys->shape, args_.ys->shape + args_.ys->rank);
  shape[1] = 1;
  std::vector<Failure> failures;  // as of a solve: the other rows' states are worth having
  for (int64_t r = 0; r < problem_.batch; ++r) {
    auto row = std::make_unique<Row>();
    row->ys = DeviceTensor(problem_.backend, problem_.dtype, shape);
    row->y0 = row_of(*args_.y0, r);
    odeon_gradient_forward_args f = args_;
    f.y0 = &row->y0;
    f.ys = &row->ys.view;
    problem_.backend->fill(row->ys.view, std::numeric_limits<double>::quiet_NaN());
    try {
      row->pass = std::make_unique<Pass>(gradient_, one, f);
    } catch (const SolveFailed& e) {
      failures.push_back(e.of_row(r).failure());
    }
    scatter_row(problem_, row->ys.view, r, *args_.ys);
    append_log(problem_.event_log, one.event_log, r);
    rows_.push_back(std::move(row));
  }
  if (!failures.empty()) throw SolveFailed(std::move(failures), problem_.batch);
}

// dL/dθ is added up by the strategy, dL/dt here.
void Gradient::Pass::backward_rows(const odeon_gradient_backward_args& args, const EventCotangents* events) {
  row_problem(problem_);  // counts where the problem counts now
  std::vector<double> gtimes(static_cast<size_t>(args_.n_times)), total(gtimes.size(), 0.0);
  for (size_t r = 0; r < rows_.size(); ++r) {
    Row& row = *rows_[r];
    const int64_t index = static_cast<int64_t>(r);
    row.gys = DeviceTensor::like(problem_.backend, row.ys.view);
    gather_row(problem_, *args.gys, index, row.gys.view);
    const odeon_tensor gy0 = row_of(*args.gy0, index);
    odeon_gradient_backward_args b = args;
    b.gys = &row.gys.view;
    b.gy0 = &gy0;
    b.gtimes = args.gtimes ? gtimes.data() : nullptr;
    try {
      row.pass->backward(b, events);
    } catch (const SolveFailed& e) {
      throw e.of_row(index);
    }
    for (size_t i = 0; i < total.size(); ++i) total[i] += gtimes[i];
  }
  if (args.gtimes) std::copy(total.begin(), total.end(), args.gtimes);
}

}  // namespace odeon::host
