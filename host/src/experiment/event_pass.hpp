// A pass of a gradient strategy through events. Between two events the solve is smooth, and any strategy
// gives the gradient by the beginning of that piece, in state and time, and by θ; here the pieces are put
// together. An event with g(τ, y) = 0, behind which the state is R(τ, y), moves with the solution y(t) before
// it:
//   dτ = -(g_y dy + g_θ dθ) / (g_t + g_y y'),
// so with λ = dL/dR, μ = dL/dτ of what comes behind it and v = R_y^T λ,
//   c = (μ + R_t λ + v y') / (g_t + g_y y'),   dL/dy = v - c g_y,   dL/dθ += R_θ^T λ - c g_θ.
// P. I. Barton, C. K. Lee, ACM Trans. Model. Comput. Simul. 12 (2002) 256-289, for the transition of
// sensitivities.
//
// The pieces take the steps that the solve with events accepted, unless the solver chooses its steps itself.
// For exact strategies y' is the slope of the dense output on which the event was found (where a solver by
// code has none: f), and the gradient is that of the program, step sizes constant; for the others y' = f, and
// the gradient is that of the flow.
#pragma once
#include "engine/host_doubles.hpp"
#include "experiment/session.hpp"

namespace odeon::host {

class EventPass {
 public:
  // problem: has events, all differentiable, and rows that step together.
  EventPass(Gradient& gradient, bool exact, odeon_problem& problem, const odeon_gradient_forward_args& args);
  ~EventPass();

  // events: NULL: no event has a cotangent of its own.
  void backward(const odeon_gradient_backward_args& args, const EventCotangents* events);

 private:
  struct Piece;
  // dL by the beginning of a piece, and what the events add by θ.
  struct Sums {
    std::vector<double> state;
    double time = 0;
    std::vector<double> theta;
  };

  void add_piece(SolvePiece& log, int64_t first_time, Gradient& gradient);
  std::vector<int64_t> lay_out_times(Piece& piece, int64_t first_time) const;
  std::vector<AcceptedStep> anchored_steps(const Piece& piece, const std::vector<int64_t>& place) const;
  void share_with_problem();
  void backward(Piece& piece, const odeon_gradient_backward_args& args, Sums& sums);
  std::vector<double> through_cut(const Piece& piece, Sums& sums);
  void take_cotangents(const EventCotangents* events);
  const EventCotangent* cotangent_of(size_t event, size_t occurrence) const;
  std::vector<double> move_with(const EventMark& mark, const odeon_tensor& y, double by_time,
                                std::vector<double> by_state, Sums& sums);

  odeon_problem& p_;
  bool exact_;
  odeon_gradient_forward_args args_;
  SolveLog log_;
  std::unique_ptr<odeon_problem> smooth_;  // without events; outlives the pieces
  std::vector<std::unique_ptr<Piece>> pieces_;
  const EventCotangents* events_ = nullptr;
  HostDoubles host_;
};

}  // namespace odeon::host
