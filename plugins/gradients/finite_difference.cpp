// The reference that needs nothing but solves: central differences of order four,
//   dL/dx = (8 (L(x + h) - L(x - h)) - (L(x + 2h) - L(x - 2h))) / 12h + O(h^4).
// B. Fornberg, Math. Comp. 51 (1988) 699-706. Order four allows a long h, so that the jitter of an adaptive
// solve, about its tolerance, is divided by little. Rows are independent, so one solve moves an element of
// all rows at once.
#include <algorithm>
#include <array>
#include <cmath>
#include <odeon/sdk/gradient.hpp>

namespace {

using namespace odeon;

constexpr odeon_option kStep = ranged(
    make_option(ODEON_OPTION_REAL, str("step"), str("0.005"),
                str("h, relative to the number that is moved; for a time, to the gap to its neighbours. "
                    "A number much smaller than the largest beside it moves as if it were a thousandth of "
                    "that.")),
    1e-9, 0.4);
constexpr odeon_option kFrozen = make_option(
    ODEON_OPTION_BOOL, str("frozen"), str("false"),
    str("Whether solves from a moved state or parameter take the accepted steps of the solve that is "
        "differentiated, as constants: then differences are those of a smooth program, which direct "
        "differentiates exactly. Times move under step control."));
constexpr const odeon_option* kOptions[] = {&kStep, &kFrozen};

struct Node {
  double at, weight;  // dL/dx = Σ weight L(x + at h) / h
};
constexpr Node kNodes[] = {{-2, 1. / 12}, {-1, -8. / 12}, {1, 8. / 12}, {2, -1. / 12}};

double largest(std::span<const double> x) {
  double most = 0;
  for (double v : x) most = std::max(most, std::abs(v));
  return most;
}

class FiniteDifference {
 public:
  struct Tape {  // borrowed
    odeon_gradient_forward_args forward;
  };

  FiniteDifference(const odeon_host*, const Options& options)
      : step_(options.real("step")), frozen_(options.boolean("frozen")) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    engine.solve(solve_args_of(args));
    return std::make_unique<Tape>(Tape{args});
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
    Losses losses(engine, tape.forward, *args.gys);
    if (frozen_) losses.keep_steps();
    by_initial_state(engine, losses, args);
    if (args.gtheta) by_parameters(engine, losses, args);
    losses.steps = ODEON_STEPS_MOVED;
    if (args.gtimes) by_times(losses, args);
  }

 private:
  // Solves from moved beginnings on memory of one call.
  struct Losses {
    Losses(const Engine& e, const odeon_gradient_forward_args& f, const odeon_tensor& gys_in)
        : engine(e),
          forward(f),
          gys(reached(e.read(gys_in), e.read(*f.ys))),
          y0(e.read(*f.y0)),
          theta(e.read(e.info().theta)),
          times(f.times, f.times + f.n_times),
          memory(e, (f.n_times + 1) * e.state_bytes() + byte_count(e.info().theta)) {}

    // Of each row: the cotangents' product with the states that come from y0_, theta_ and times_.
    std::vector<double> of_rows(std::span<const double> y0_, std::span<const double> theta_,
                                std::span<const double> times_) {
      const odeon_tensor start = engine.state(memory.data());
      odeon_tensor ys = *forward.ys, parameters = engine.info().theta;
      ys.data = memory.bytes() + engine.state_bytes();
      parameters.data = memory.bytes() + (forward.n_times + 1) * engine.state_bytes();
      engine.write(start, y0_);
      engine.write(parameters, theta_);
      odeon_solve_args solve{};
      solve.struct_size = sizeof solve;
      solve.y0 = &start;
      solve.times = times_.data();
      solve.n_times = forward.n_times;
      solve.ys = &ys;
      solve.steps = steps;
      solve.theta = theta_.empty() ? nullptr : &parameters;
      engine.solve(solve);
      const std::vector<double> states = engine.read(ys);
      std::vector<double> sums(static_cast<size_t>(row_count(start)));
      const size_t width = y0.size() / sums.size();
      for (size_t k = 0; k < states.size(); ++k)
        if (gys[k] != 0) sums[k / width % sums.size()] += gys[k] * states[k];
      return sums;
    }
    // A state behind a terminal event does not exist, and no loss comes from it.
    static std::vector<double> reached(std::vector<double> gys, const std::vector<double>& ys) {
      for (size_t k = 0; k < gys.size(); ++k)
        if (std::isnan(ys[k])) gys[k] = 0;
      return gys;
    }

    // Further solves take the steps of the one that is differentiated; the problem may have kept another's
    // since.
    void keep_steps() {
      steps = ODEON_STEPS_KEEP;
      of_rows(y0, theta, times);
      steps = ODEON_STEPS_AGAIN;
    }

    double total(std::span<const double> theta_, std::span<const double> times_) {
      double sum = 0;
      for (double l : of_rows(y0, theta_, times_)) sum += l;
      return sum;
    }

    const Engine& engine;
    const odeon_gradient_forward_args& forward;
    const std::vector<double> gys, y0, theta, times;
    const TapeMemory memory;  // y0, ys, θ
    uint32_t steps = ODEON_STEPS_OWN;
  };

  double step_of(double value, double most) const {
    constexpr double kLeast = 1e-3;  // of the largest beside it
    return step_ * (most > 0 ? std::max(std::abs(value), kLeast * most) : 1);
  }

  void by_initial_state(const Engine& engine, Losses& losses,
                        const odeon_gradient_backward_args& args) const {
    const std::vector<double>& y0 = losses.y0;
    const size_t rows = static_cast<size_t>(row_count(*args.gy0)), width = y0.size() / rows;
    std::vector<double> gradient(y0.size()), h(y0.size());
    for (size_t k = 0; k < y0.size(); ++k)
      h[k] = step_of(y0[k], largest({y0.data() + k / width * width, width}));
    for (size_t j = 0; j < width; ++j)
      for (const Node& node : kNodes) {
        std::vector<double> moved = y0;
        for (size_t k = j; k < moved.size(); k += width) moved[k] += node.at * h[k];
        const std::vector<double> loss = losses.of_rows(moved, losses.theta, losses.times);
        for (size_t r = 0; r < rows; ++r) gradient[r * width + j] += node.weight / h[r * width + j] * loss[r];
      }
    engine.write(*args.gy0, gradient);
  }

  void by_parameters(const Engine& engine, Losses& losses, const odeon_gradient_backward_args& args) const {
    const std::vector<double>& theta = losses.theta;
    std::vector<double> gradient(theta.size());
    for (size_t k = 0; k < theta.size(); ++k) {
      const double h = step_of(theta[k], largest(theta));
      for (const Node& node : kNodes) {
        std::vector<double> moved = theta;
        moved[k] += node.at * h;
        gradient[k] += node.weight / h * losses.total(moved, losses.times);
      }
    }
    add_from_host(engine, *args.gtheta, gradient);
  }

  void by_times(Losses& losses, const odeon_gradient_backward_args& args) const {
    const std::vector<double>& times = losses.times;
    for (size_t i = 0; i < times.size(); ++i) {
      args.gtimes[i] = 0;
      if (times.size() == 1) return;
      const double before = i > 0 ? std::abs(times[i] - times[i - 1]) : INFINITY,
                   behind = i + 1 < times.size() ? std::abs(times[i + 1] - times[i]) : INFINITY,
                   h = step_ * std::min(before, behind);
      for (const Node& node : kNodes) {
        std::vector<double> moved = times;
        moved[i] += node.at * h;
        args.gtimes[i] += node.weight / h * losses.total(losses.theta, moved);
      }
    }
  }

  double step_;
  bool frozen_;
};

constexpr odeon_gradient_api kApi = GradientApi<FiniteDifference>::table(ODEON_GRADIENT_MEMORY_CONSTANT);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_GRADIENT,
    {str("finite_difference"), str("Central differences of solves"),
     str("The reference for all others: needs nothing of the field or the solver. Central differences of "
         "order "
         "four over every element of a row's initial state (all rows at once), every parameter and every "
         "time: "
         "four solves for each, so only for small problems. With adaptive steps the error is about the "
         "tolerance / step, unless they are frozen. Fornberg 1988.")},
    &kApi, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
