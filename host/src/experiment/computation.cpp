#include "experiment/computation.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "engine/dense_recorder.hpp"
#include "engine/device_arrays.hpp"
#include "engine/failure.hpp"
#include "engine/instead.hpp"

namespace odeon::host {
namespace {

// Counts the time of a scope, also when it ends by an exception.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() {
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  double& seconds_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

Computation::Computation(std::shared_ptr<Backend> backend, std::shared_ptr<Field> field, SolverChoice solver,
                         int32_t dtype, int64_t batch, std::vector<EventGroup> events)
    : backend_(backend),
      dtype_(dtype),
      problem_(std::move(backend), std::move(field), std::move(solver), dtype, batch, std::move(events)) {}

// A forward pass and what it refers to.
struct Computation::Differentiation {
  Differentiation(const ComponentChoice& choice, std::span<const double> t)
      : times(t.begin(), t.end()), gradient(choice) {}

  std::vector<double> times;
  Gradient gradient;
  std::optional<Gradient::Pass> pass;
};

Computation::~Computation() = default;

void Computation::set_parameters(const Array& flat) {
  theta_ = upload(flat);
  if (flat.size() > 0) problem_.set_theta(theta_.view);
}

void Computation::begin(std::span<const double> times, const Array& initial) {
  differentiation_.reset();
  forward = backward = {};
  tape = {};
  problem_.counters = &forward.counters;
  problem_.tape = &tape;
  initial_ = upload(initial);
  std::vector<int64_t> shape = initial.shape;
  shape.insert(shape.begin(), static_cast<int64_t>(times.size()));
  states_ = DeviceTensor(backend_, dtype_, shape);
  backend_->fill(states_.view, std::numeric_limits<double>::quiet_NaN());
}

odeon_solve_args Computation::solve_args(std::span<const double> times) const {
  odeon_solve_args args{};
  args.struct_size = sizeof args;
  args.y0 = &initial_.view;
  args.times = times.data();
  args.n_times = static_cast<int64_t>(times.size());
  args.ys = &states_.view;
  return args;
}

void Computation::solve(std::span<const double> times, const Array& initial) {
  begin(times, initial);
  const Stopwatch watch(forward.seconds);
  integrate(problem_, solve_args(times));
}

std::vector<AcceptedStep> Computation::accepted(std::span<const double> times, const Array& initial) {
  SolveLog log;
  const Instead<SolveLog*> logged(problem_.log, &log);
  solve(times, initial);
  return std::move(log.pieces().front().steps);
}

DenseSolution Computation::solve_dense(std::span<const double> times, const Array& initial) {
  DenseRecorder recorder(problem_);
  const Instead<DenseRecorder*> recorded(problem_.dense, &recorder);
  solve(times, initial);
  return std::move(recorder.solution());
}

void Computation::differentiate(const ComponentChoice& choice, std::span<const double> times,
                                const Array& initial, const Array* cotangents,
                                const EventCotangents* events) {
  begin_gradient(choice, times, initial);
  const auto begun = std::move(differentiation_);  // ends here, also by an exception
  reverse(*begun, cotangents, events);
}

void Computation::begin_gradient(const ComponentChoice& choice, std::span<const double> times,
                                 const Array& initial) {
  begin(times, initial);
  auto begun = std::make_unique<Differentiation>(choice, times);
  odeon_gradient_forward_args f{};
  f.y0 = &initial_.view;
  f.times = begun->times.data();
  f.n_times = static_cast<int64_t>(times.size());
  f.ys = &states_.view;
  const Stopwatch watch(forward.seconds);
  begun->pass.emplace(begun->gradient, problem_, f);
  differentiation_ = std::move(begun);
}

void Computation::reverse(const Array* cotangents, const EventCotangents* events) {
  reverse(*differentiation_, cotangents, events);
}

void Computation::reverse(Differentiation& begun, const Array* cotangents, const EventCotangents* events) {
  backward = {};
  DeviceTensor gys;
  if (cotangents) {
    gys = upload(*cotangents);
  } else {
    gys = DeviceTensor::like(backend_, states_.view);
    backend_->fill(gys.view, 1);
  }
  std::vector<int64_t> of_losses;  // the leading axis
  if (gys.view.rank > states_.view.rank) of_losses.push_back(gys.view.shape[0]);
  const auto gradients_of = [&](std::vector<int64_t> shape) {
    shape.insert(shape.begin(), of_losses.begin(), of_losses.end());
    return shape;
  };
  const std::span<const double> times = begun.times;
  const int64_t n_times = static_cast<int64_t>(times.size()),
                n_parameters = problem_.field->field().parameter_count();
  grad_initial_ = DeviceTensor(backend_, dtype_,
                               gradients_of({initial_.view.shape, initial_.view.shape + initial_.view.rank}));
  grad_parameters_ = DeviceTensor(backend_, dtype_, gradients_of({n_parameters}));
  backend_->fill(grad_parameters_.view, 0);
  std::vector<double> grad_times;
  problem_.counters = &backward.counters;
  const Stopwatch watch(backward.seconds);
  for (int64_t i = 0; i < (of_losses.empty() ? 1 : of_losses[0]); ++i) {
    const auto of_loss = [&](const DeviceTensor& x) { return of_losses.empty() ? x.view : row(x.view, i); };
    const odeon_tensor gy = of_loss(gys), gy0 = of_loss(grad_initial_), gtheta = of_loss(grad_parameters_);
    grad_times.resize(grad_times.size() + times.size(), 0.0);
    odeon_gradient_backward_args b{};
    b.gys = &gy;
    b.gy0 = &gy0;
    b.gtheta = n_parameters > 0 ? &gtheta : nullptr;
    b.gtimes = grad_times.data() + i * n_times;
    try {
      begun.pass->backward(b, events);
    } catch (const SolveFailed& failed) {
      throw failed.explained("in the backward pass",
                             "`odeon compare` shows which gradients do without this solve");
    }
  }
  grad_times_ = Array::of(grad_times, gradients_of({n_times}));
}

EventLog Computation::events() const {
  EventLog log = problem_.event_log;
  log.ended_by.resize(static_cast<size_t>(problem_.batch));
  std::stable_sort(log.records.begin(), log.records.end(),
                   [](const EventRecord& a, const EventRecord& b) { return a.row < b.row; });
  return log;
}

std::vector<EventRule> Computation::event_rules() const {
  std::vector<EventRule> rules;
  for (const EventGroup& group : problem_.all_events())
    rules.insert(rules.end(), group.rules.begin(), group.rules.end());
  return rules;
}

DeviceTensor Computation::upload(const Array& a) const {
  DeviceTensor to(backend_, dtype_, a.shape);
  odeon::host::upload(*backend_, to.view, a.cast(dtype_));
  return to;
}

Array Computation::download(const odeon_tensor& x) const { return odeon::host::download(*backend_, x); }

}  // namespace odeon::host
