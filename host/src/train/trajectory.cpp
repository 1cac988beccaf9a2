// Fitting a field to a trajectory that the run makes with a known field; torchdiffeq's ode_demo.py.
#include "train/trajectory.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "loader/host_table.hpp"
#include "train/epochs.hpp"
#include "train/field_runner.hpp"
#include "train/shared_gradient.hpp"
#include "train/text_line.hpp"
#include "train/trajectory_picture.hpp"
#include "train/trajectory_plan.hpp"

namespace odeon::host {
namespace {

double mean_absolute_difference(const Array& a, const Array& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i) sum += std::abs(a.at(i) - b.at(i));
  return sum / static_cast<double>(a.size());
}

// k of 0..n-1 without repetition: the head of a permutation that is shuffled on from draw to draw.
class Draw {
 public:
  Draw(int64_t n, uint64_t seed) : order_(static_cast<size_t>(n)), engine_(seed) {
    std::iota(order_.begin(), order_.end(), 0);
  }
  std::span<const int64_t> operator()(int64_t k) {
    const size_t count = static_cast<size_t>(k);
    for (size_t i = 0; i < count; ++i) std::swap(order_[i], order_[i + engine_() % (order_.size() - i)]);
    return {order_.data(), count};
  }

 private:
  std::vector<int64_t> order_;
  std::mt19937_64 engine_;
};

// Each interval in `parts`, so that curves are smooth where the trajectory is fast.
std::vector<double> refined(const std::vector<double>& times, int parts) {
  std::vector<double> out{times[0]};
  for (size_t i = 1; i < times.size(); ++i)
    for (int k = 1; k <= parts; ++k) out.push_back(times[i - 1] + (times[i] - times[i - 1]) * k / parts);
  return out;
}

class TrajectoryFit {
 public:
  TrajectoryFit(const Experiment& e, const Registry& registry)
      : e_(e),
        ranks_(*e.ranks),
        plan_(read_trajectory_plan(e, registry)),
        gradient_(plan_.gradient),
        backend_(open_backend(e, registry)),
        truth_(backend_, plan_.data.truth, std::move(plan_.truth), e.dtype, e.seed),
        fitted_(backend_, plan_.field, std::move(plan_.fitted), e.dtype, e.seed),
        states_(truth_.solve(plan_.data.initial, plan_.data.times)),
        draw_(plan_.data.starts(), e.seed),
        window_(plan_.data.times.begin(), plan_.data.times.begin() + plan_.data.window),
        problem_(fitted_.problem(rows())),
        y0_(tensor({rows(), width()})),
        gy0_(tensor({rows(), width()})),
        ys_(tensor({plan_.data.window, rows(), width()})),
        gys_(tensor({plan_.data.window, rows(), width()})),
        gtheta_(tensor({fitted_.theta().shape[0]})),
        epochs_(e, plan_.train, plan_.optimizer, backend_, fitted_.theta(), gtheta_.view,
                "iteration,loss,seconds\n") {
    problem_->tape = &tape_;
    for (int64_t i = 0; i < epochs_.first(); ++i) draw_(plan_.train.batch);  // as they were drawn before
  }

  // An epoch is one step on one batch.
  RunResult run(bool quiet, const std::string& folder) {
    const auto begin = std::chrono::steady_clock::now();
    double loss = std::numeric_limits<double>::quiet_NaN(), seconds = 0;
    epochs_.run("fitting", plan_.train.batch, quiet, folder, [&](int64_t iteration) {
      if (cancel_requested()) throw Cancelled();
      loss = step(iteration);
      seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      return text_line("%lld,%.9g,%.4g\n", static_cast<long long>(iteration + 1), loss, seconds);
    });
    require_same_theta(ranks_, *backend_, fitted_.theta(), plan_.train.epochs);
    RunResult r = result(loss, seconds);
    epochs_.report(r);
    return r;
  }

 private:
  int64_t rows() const { return plan_.train.batch / ranks_.size(); }  // of a step, on this rank
  int64_t width() const { return plan_.data.initial.shape[1]; }
  DeviceTensor tensor(const std::vector<int64_t>& shape) const { return {backend_, e_.dtype, shape}; }

  // This rank's of the random sequences of the true trajectory: their first states, and all of them.
  std::pair<Array, Array> draw_batch() {
    const int64_t batch = rows(), n_times = plan_.data.window, w = width();
    Array start = Array::zeros(e_.dtype, {batch, w}), target = Array::zeros(e_.dtype, {n_times, batch, w});
    const std::span<const int64_t> from = ranks_.share(draw_(plan_.train.batch));
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t i = 0; i < w; ++i) {
        start.set(b * w + i, states_.at(from[size_t(b)] * w + i));
        for (int64_t t = 0; t < n_times; ++t)
          target.set((t * batch + b) * w + i, states_.at((from[size_t(b)] + t) * w + i));
      }
    return {std::move(start), std::move(target)};
  }

  // One step of the optimiser on one batch; returns its loss, the mean absolute error.
  double step(int64_t iteration) {
    const auto [start, target] = draw_batch();
    upload(*backend_, y0_.view, start);
    odeon_gradient_forward_args f{};
    f.y0 = &y0_.view;
    f.times = window_.data();
    f.n_times = plan_.data.window;
    f.ys = &ys_.view;
    problem_->counters = &forward_;
    Gradient::Pass pass(gradient_, *problem_, f);
    const Array found = download(*backend_, ys_.view);
    Array cotangent = Array::zeros(e_.dtype, target.shape);
    for (int64_t i = 0; i < found.size(); ++i) {
      const double d = found.at(i) - target.at(i), each = 1.0 / static_cast<double>(found.size());
      cotangent.set(i, d > 0 ? each : d < 0 ? -each : 0);
    }
    upload(*backend_, gys_.view, cotangent);
    backend_->fill(gtheta_.view, 0);
    odeon_gradient_backward_args b{};
    b.gys = &gys_.view;
    b.gy0 = &gy0_.view;
    b.gtheta = &gtheta_.view;
    problem_->counters = &backward_;
    pass.backward(b);
    const double part = 1 / static_cast<double>(ranks_.size());
    share_gradient(ranks_, *backend_, gtheta_.view, part);
    double loss = part * mean_absolute_difference(found, target);
    ranks_.sum({&loss, 1});
    epochs_.step(iteration, loss);
    return loss;
  }

  RunResult result(double loss, double seconds) {
    const TrajectoryData& data = plan_.data;
    const ParameterSet& weights = fitted_.download();
    Array found = fitted_.solve(data.initial, data.times);
    const double trajectory_error = mean_absolute_difference(found, states_);
    // Where a part of the field is known, this is the error of the rest.
    const double slope_error =
        mean_absolute_difference(fitted_.slopes(states_, data.times), truth_.slopes(states_, data.times));
    RunResult r;
    r.record = record_head(e_);
    record_backend(r.record, *backend_);
    r.record["components"]["field"] = component_json(plan_.field.component);
    r.record["counters"] = {
        {"forward", to_json(forward_)}, {"backward", to_json(backward_)}, {"tape_peak_bytes", tape_.peak}};
    if (epochs_.any()) r.record["metrics"]["final_loss"] = loss;
    r.record["metrics"].update({{"trajectory_error", trajectory_error},
                                {"slope_error", slope_error},
                                {"parameters", weights.flat.size()},
                                {"seconds", seconds}});
    if (width() == 2) {
      constexpr int kParts = 4;
      const std::vector<double> fine = refined(data.times, kParts);
      r.texts.emplace_back("fit.svg", trajectory_picture(fine, truth_.solve(data.initial, fine),
                                                         fitted_.solve(data.initial, fine),
                                                         [&](const Array& y) { return fitted_.slopes(y); }));
    }
    r.arrays.emplace_back("times.npy", Array::of(data.times, {static_cast<int64_t>(data.times.size())}));
    r.arrays.emplace_back("states.npy", std::move(found));
    r.tensors.emplace_back("weights.safetensors", weights.named());
    r.summary = text_line("%lld iterations in %.3g s, ",
                          static_cast<long long>(std::max(epochs_.first(), plan_.train.epochs)), seconds) +
                (epochs_.any() ? text_line("last loss %.4g, ", loss) : "") +
                text_line("mean error of the whole trajectory %.4g, of dy/dt along it %.4g\n",
                          trajectory_error, slope_error);
    return r;
  }

  const Experiment& e_;
  Ranks& ranks_;
  TrajectoryPlan plan_;
  Gradient gradient_;
  std::shared_ptr<Backend> backend_;
  FieldRunner truth_, fitted_;
  Array states_;  // of the true field, [T, 1, state]
  Draw draw_;
  std::vector<double> window_;
  std::unique_ptr<odeon_problem> problem_;
  DeviceTensor y0_, gy0_, ys_, gys_, gtheta_;
  Epochs epochs_;
  Counters forward_, backward_;
  TapeMeter tape_;
};

}  // namespace

std::string check_trajectory_fit(const Experiment& e, const Registry& registry) {
  const TrajectoryPlan p = read_trajectory_plan(e, registry);
  if (!p.data.truth.weights.empty()) starting_parameters(*p.truth.field, p.data.truth, e.dtype, e.seed);
  if (!p.field.weights.empty()) starting_parameters(*p.fitted.field, p.field, e.dtype, e.seed);
  return "parameters: " + std::to_string(p.fitted.field->parameter_count()) + "\n";
}

RunResult fit_trajectory(const Experiment& e, const Registry& registry, bool quiet,
                         const std::string& folder) {
  return TrajectoryFit(e, registry).run(quiet, folder);
}

}  // namespace odeon::host
