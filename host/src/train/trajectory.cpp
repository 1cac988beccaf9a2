// Fitting a field to a trajectory that the run makes with a known field; torchdiffeq's ode_demo.py.
#include "train/trajectory.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>

#include "data/error.hpp"
#include "experiment/fit.hpp"
#include "experiment/literals.hpp"
#include "loader/host_table.hpp"
#include "report/svg_plot.hpp"
#include "train/optimizer.hpp"
#include "train/progress.hpp"
#include "train/schedule.hpp"

namespace odeon::host {
namespace {

// The `data` section of format trajectory.
struct TrajectoryData {
  FieldChoice truth;
  Array initial;  // [1, state]
  std::string initial_where;
  std::vector<double> times;
  ComponentChoice solver;
  int64_t window;  // times per training sequence
};

TrajectoryData read_data(const ConfigNode& node, const Registry& registry) {
  check_keys(node, "'data'", {"format", "truth", "initial", "times", "solver", "window"});
  const ConfigNode& format = require_key(node, "'data'", "format");
  if (read_text(format, "'format'") != "trajectory")
    throw ConfigError(format.where + ": 'format' must be trajectory for a field; found '" + format.text +
                      "'");
  TrajectoryData d;
  d.truth = read_field(require_key(node, "'data'", "truth"), registry);
  const ConfigNode& initial = require_key(node, "'data'", "initial");
  d.initial = read_array(initial, "'initial'");
  if (d.initial.shape.size() != 2 || d.initial.shape[0] != 1 || d.initial.shape[1] == 0)
    throw ConfigError(initial.where +
                      ": 'initial' of a trajectory must be one row, such as [[2.0, 0.0]]; found the shape " +
                      shape_text(d.initial.shape));
  d.initial_where = initial.where;
  d.times = read_times(require_key(node, "'data'", "times"));
  d.solver = bind_component(ODEON_KIND_SOLVER, require_key(node, "'data'", "solver"), registry);
  d.window = 10;
  const ConfigNode* window = node.find("window");
  if (window) d.window = read_integer(*window, "'window'");
  if (d.window < 2 || d.window >= static_cast<int64_t>(d.times.size()))
    throw ConfigError((window ? window : &node)->where + ": 'window' must be from 2 to one less than the " +
                      std::to_string(d.times.size()) + " times; found " + std::to_string(d.window));
  return d;
}

// A field on a backend with its θ, solvable from host arrays.
struct Runner {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Field> field;
  ParameterSet parameters;
  DeviceTensor theta;
  SolverChoice solver;
  int32_t dtype;

  Runner(std::shared_ptr<Backend> b, const FieldChoice& choice, FittedParts parts, int32_t type,
         uint64_t seed)
      : backend(std::move(b)),
        field(std::move(parts.field)),
        parameters(starting_parameters(*field, choice, type, seed)),
        solver(std::move(parts.solver)),
        dtype(type) {
    theta = DeviceTensor(backend, dtype, parameters.flat.shape);
    backend->upload(theta.view.data, parameters.flat.bytes.data(),
                    static_cast<int64_t>(parameters.flat.bytes.size()));
  }

  std::unique_ptr<odeon_problem> problem(int64_t batch) const {
    auto p = std::make_unique<odeon_problem>(backend, field, solver, dtype, batch);
    if (parameters.flat.size() > 0) p->set_theta(theta.view);
    return p;
  }

  // States [T, B, state] from y0 [B, state].
  Array solve(const Array& y0, const std::vector<double>& times) const {
    const auto p = problem(y0.shape[0]);
    DeviceTensor start(backend, dtype, y0.shape);
    const Array cast = y0.cast(dtype);
    backend->upload(start.view.data, cast.bytes.data(), static_cast<int64_t>(cast.bytes.size()));
    std::vector<int64_t> shape = y0.shape;
    shape.insert(shape.begin(), static_cast<int64_t>(times.size()));
    DeviceTensor ys(backend, dtype, shape);
    odeon_solve_args args{};
    args.struct_size = sizeof args;
    args.y0 = &start.view;
    args.times = times.data();
    args.n_times = static_cast<int64_t>(times.size());
    args.ys = &ys.view;
    integrate(*p, args);
    Array out = Array::zeros(dtype, shape);
    backend->download(out.bytes.data(), ys.view.data, static_cast<int64_t>(out.bytes.size()));
    return out;
  }
};

double mean_absolute_difference(const Array& a, const Array& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.size(); ++i) sum += std::abs(a.at(i) - b.at(i));
  return sum / static_cast<double>(a.size());
}

plot::Curve curve_of(const std::string& label, const Array& states, plot::Style style) {
  plot::Curve c{label, {}, {}, style};
  for (int64_t t = 0; t < states.shape[0]; ++t)
    c.x.push_back(states.at(2 * t)), c.y.push_back(states.at(2 * t + 1));
  return c;
}

// Phase portrait of the fitted field with the true and the fitted trajectory.
std::string picture(const Runner& fitted, const Array& truth, const Array& found) {
  plot::Figure figure{"Fitted field and trajectories", "y[0]", "y[1]", {}, {}};
  figure.curves = {curve_of("true trajectory", truth, plot::Style::line),
                   curve_of("fitted trajectory", found, plot::Style::dashed)};
  const plot::Range rx = plot::range_of(figure, true), ry = plot::range_of(figure, false);
  constexpr int64_t kArrows = 21;
  Array grid = Array::zeros(ODEON_F64, {kArrows * kArrows, 2});
  for (int64_t i = 0; i < kArrows; ++i)
    for (int64_t j = 0; j < kArrows; ++j) {
      grid.set(2 * (i * kArrows + j), rx.low + (rx.high - rx.low) * static_cast<double>(i) / (kArrows - 1));
      grid.set(2 * (i * kArrows + j) + 1,
               ry.low + (ry.high - ry.low) * static_cast<double>(j) / (kArrows - 1));
    }
  const int64_t rows = kArrows * kArrows;
  const std::vector<int64_t> shape{rows, 2};
  DeviceTensor y(fitted.backend, fitted.dtype, shape), dy(fitted.backend, fitted.dtype, shape);
  const Array cast = grid.cast(fitted.dtype);
  fitted.backend->upload(y.view.data, cast.bytes.data(), static_cast<int64_t>(cast.bytes.size()));
  const auto p = fitted.problem(rows);
  p->rhs->eval(0, y.view, dy.view, nullptr);
  Array slopes = Array::zeros(fitted.dtype, shape);
  fitted.backend->download(slopes.bytes.data(), dy.view.data, static_cast<int64_t>(slopes.bytes.size()));
  for (int64_t i = 0; i < rows; ++i)
    figure.arrows.push_back({grid.at(2 * i), grid.at(2 * i + 1), slopes.at(2 * i), slopes.at(2 * i + 1)});
  return plot::to_svg(figure);
}

// The configuration of a fit, read and checked as a whole.
struct Plan {
  TrainSettings train;
  TrajectoryData data;
  OptimizerSettings optimizer;
  FieldChoice field;
  ComponentChoice gradient;
  FittedParts truth, fitted;
};

Plan read_plan(const Experiment& e, const Registry& registry) {
  const auto section = [&](const char* key) -> const ConfigNode& {
    return require_key(e.root, "task train", key);
  };
  const ConfigNode* train = e.root.find("train");
  Plan p;
  p.train = read_train(train);
  for (const char* key : {"resume", "checkpoint_every", "shuffle"})
    if (const ConfigNode* given = train ? train->find(key) : nullptr)
      throw ConfigError(given->key_where + ": '" + key + "' has no effect when a field is fitted; remove it");
  p.data = read_data(section("data"), registry);
  p.optimizer = read_optimizer(section("optimizer"));
  p.field = read_field(section("field"), registry);
  const ComponentChoice solver = bind_component(ODEON_KIND_SOLVER, section("solver"), registry);
  p.gradient = bind_component(ODEON_KIND_GRADIENT, section("gradient"), registry);
  check_gradient(p.gradient);
  const std::vector<int64_t> row(p.data.initial.shape.begin() + 1, p.data.initial.shape.end());
  const std::span<const double> window(p.data.times.data(), static_cast<size_t>(p.data.window));
  const std::string what = "the row of 'initial'";
  p.truth = fit_parts(p.data.truth, p.data.solver, row, p.data.times, what, p.data.initial_where);
  p.fitted = fit_parts(p.field, solver, row, window, what, p.data.initial_where);
  return p;
}

}  // namespace

std::string check_trajectory_fit(const Experiment& e, const Registry& registry) {
  const Plan p = read_plan(e, registry);
  if (!p.data.truth.weights.empty()) starting_parameters(*p.truth.field, p.data.truth, e.dtype, e.seed);
  if (!p.field.weights.empty()) starting_parameters(*p.fitted.field, p.field, e.dtype, e.seed);
  return "parameters: " + std::to_string(p.fitted.field->parameter_count()) + "\n";
}

RunResult fit_trajectory(const Experiment& e, const Registry& registry, bool quiet) {
  Plan plan = read_plan(e, registry);
  const TrainSettings& settings = plan.train;
  const TrajectoryData& data = plan.data;
  const OptimizerSettings& optimizer_settings = plan.optimizer;
  const FieldChoice& field = plan.field;
  Gradient gradient(plan.gradient);
  const auto backend = open_backend(e, registry);
  const Runner truth(backend, data.truth, std::move(plan.truth), e.dtype, e.seed);
  Runner fitted(backend, field, std::move(plan.fitted), e.dtype, e.seed);
  const Array states = truth.solve(data.initial, data.times);

  const int64_t width = data.initial.shape[1], starts = static_cast<int64_t>(data.times.size()) - data.window;
  const std::vector<double> window(data.times.begin(), data.times.begin() + data.window);
  const auto problem = fitted.problem(settings.batch);
  Counters forward, backward;
  TapeMeter tape;
  problem->tape = &tape;
  const std::vector<int64_t> y_shape{settings.batch, width}, ys_shape{data.window, settings.batch, width};
  DeviceTensor y0(backend, e.dtype, y_shape), ys(backend, e.dtype, ys_shape), gys(backend, e.dtype, ys_shape),
      gy0(backend, e.dtype, y_shape), gtheta(backend, e.dtype, fitted.parameters.flat.shape);
  Optimizer optimizer(backend, optimizer_settings, e.dtype, fitted.parameters.flat.size());
  std::mt19937_64 engine(e.seed);
  std::string history = "iteration,loss,seconds\n";
  Progress progress("fitting", settings.epochs, quiet);
  const auto begin = std::chrono::steady_clock::now();
  double loss = 0;
  for (int64_t iteration = 0; iteration < settings.epochs; ++iteration) {
    if (cancel_requested()) throw Cancelled();
    Array start = Array::zeros(e.dtype, y_shape), target = Array::zeros(e.dtype, ys_shape), found = target;
    for (int64_t b = 0; b < settings.batch; ++b) {
      const int64_t from = static_cast<int64_t>(engine() % static_cast<uint64_t>(starts));
      for (int64_t t = 0; t < data.window; ++t)
        for (int64_t i = 0; i < width; ++i)
          target.set((t * settings.batch + b) * width + i, states.at((from + t) * width + i));
      for (int64_t i = 0; i < width; ++i) start.set(b * width + i, states.at(from * width + i));
    }
    backend->upload(y0.view.data, start.bytes.data(), static_cast<int64_t>(start.bytes.size()));
    odeon_gradient_forward_args f{};
    f.y0 = &y0.view;
    f.times = window.data();
    f.n_times = data.window;
    f.ys = &ys.view;
    problem->counters = &forward;
    Gradient::Pass pass(gradient, *problem, f);
    backend->download(found.bytes.data(), ys.view.data, static_cast<int64_t>(found.bytes.size()));
    loss = mean_absolute_difference(found, target);
    Array cotangent = Array::zeros(e.dtype, ys_shape);  // of the mean absolute error
    for (int64_t i = 0; i < found.size(); ++i) {
      const double d = found.at(i) - target.at(i);
      cotangent.set(i, (d > 0) ? 1.0 / static_cast<double>(found.size())
                       : d < 0 ? -1.0 / static_cast<double>(found.size())
                               : 0);
    }
    backend->upload(gys.view.data, cotangent.bytes.data(), static_cast<int64_t>(cotangent.bytes.size()));
    backend->fill(gtheta.view, 0);
    odeon_gradient_backward_args b{};
    b.gys = &gys.view;
    b.gy0 = &gy0.view;
    b.gtheta = &gtheta.view;
    problem->counters = &backward;
    pass.backward(b);
    optimizer.step(fitted.theta.view, gtheta.view,
                   optimizer_settings.learning_rate * settings.factor(iteration));
    char line[96];
    std::snprintf(line, sizeof line, "%lld,%.9g,%.4g\n", static_cast<long long>(iteration + 1), loss,
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    history += line;
    progress.advance();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  backend->download(fitted.parameters.flat.bytes.data(), fitted.theta.view.data,
                    static_cast<int64_t>(fitted.parameters.flat.bytes.size()));
  const Array found = fitted.solve(data.initial, data.times);
  const double trajectory_error = mean_absolute_difference(found, states);

  RunResult result;
  result.record = record_head(e);
  result.record["components"]["field"] = component_json(field.component);
  result.record["counters"] = {
      {"forward", to_json(forward)}, {"backward", to_json(backward)}, {"tape_peak_bytes", tape.peak}};
  result.record["metrics"] = {{"final_loss", loss},
                              {"trajectory_error", trajectory_error},
                              {"parameters", fitted.parameters.flat.size()},
                              {"seconds", seconds}};
  result.arrays.emplace_back("times.npy", Array::of(data.times, {static_cast<int64_t>(data.times.size())}));
  result.arrays.emplace_back("states.npy", found);
  result.tensors.emplace_back("weights.safetensors", fitted.parameters.named());
  result.texts.emplace_back("history.csv", history);
  if (width == 2) result.texts.emplace_back("phase_portrait.svg", picture(fitted, states, found));
  char text[200];
  std::snprintf(text, sizeof text,
                "%lld iterations in %.3g s, last loss %.4g, mean error of the whole trajectory %.4g\n",
                static_cast<long long>(settings.epochs), seconds, loss, trajectory_error);
  result.summary = text;
  return result;
}

}  // namespace odeon::host
