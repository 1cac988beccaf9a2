// A field with its θ, a solver and a backend for one batch size: solves and differentiates, without files.
#pragma once
#include <odeon/host/dense_solution.hpp>

#include "experiment/session.hpp"

namespace odeon::host {

class Computation {
 public:
  Computation(std::shared_ptr<Backend> backend, std::shared_ptr<Field> field, SolverChoice solver,
              int32_t dtype, int64_t batch, std::vector<EventGroup> events = {});
  ~Computation();

  void set_parameters(const Array& flat);

  // initial: [batch, state…]. Throws SolveFailed and Cancelled; states() then has what was reached.
  void solve(std::span<const double> times, const Array& initial);
  // The same, and tells the steps.
  std::vector<AcceptedStep> accepted(std::span<const double> times, const Array& initial);
  // Where the solver's settings say `replays`: the steps of every further solve.
  void replay(std::vector<AcceptedStep> steps) { problem_.replayed = std::move(steps); }
  // The same, and keeps the solution as a function of time.
  DenseSolution solve_dense(std::span<const double> times, const Array& initial);
  // cotangents: dL/dstates; null: ones. With a leading axis the cotangents of several losses, which share the
  // forward pass; the gradients then have that axis too.
  // events: cotangents of events; null: none.
  void differentiate(const ComponentChoice& gradient, std::span<const double> times, const Array& initial,
                     const Array* cotangents, const EventCotangents* events = nullptr);
  // The same in two calls, of which the second may follow again: states() is there between them.
  void begin_gradient(const ComponentChoice& gradient, std::span<const double> times, const Array& initial);
  void reverse(const Array* cotangents, const EventCotangents* events = nullptr);

  Array states() const { return download(states_.view); }  // [times, batch, state…]; NaN beyond a failure
  Array grad_initial() const { return download(grad_initial_.view); }
  Array grad_parameters() const { return download(grad_parameters_.view); }
  const Array& grad_times() const { return grad_times_; }
  EventLog events() const;  // by row
  std::vector<EventRule> event_rules() const;

  // Of the last call.
  struct Phase {
    Counters counters;
    double seconds = 0;
  };
  Phase forward, backward;
  TapeMeter tape;

 private:
  struct Differentiation;
  void reverse(Differentiation& begun, const Array* cotangents, const EventCotangents* events);
  void begin(std::span<const double> times, const Array& initial);
  odeon_solve_args solve_args(std::span<const double> times) const;
  DeviceTensor upload(const Array& a) const;
  Array download(const odeon_tensor& x) const;

  std::shared_ptr<Backend> backend_;
  int32_t dtype_;
  odeon_problem problem_;
  DeviceTensor theta_, initial_, states_, grad_initial_, grad_parameters_;
  Array grad_times_;
  std::unique_ptr<Differentiation> differentiation_;  // between begin_gradient and what comes after
};

}  // namespace odeon::host
