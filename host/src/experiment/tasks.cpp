#include "experiment/tasks.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <odeon/sdk/error.hpp>

#include "data/atomic_file.hpp"
#include "data/error.hpp"
#include "data/npy.hpp"

namespace odeon::host {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The parts that solve and gradient share.
struct Setup {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Field> field;
  ParameterSet parameters;
  DeviceTensor theta, y0, ys;
  std::unique_ptr<odeon_problem> problem;

  Setup(const Experiment& e, const Registry& registry) : backend(open_backend(e, registry)) {
    const std::vector<int64_t> row(e.initial.shape.begin() + 1, e.initial.shape.end());
    field = Field::create(*e.field->component.component, &e.field->component.options.value(), row);
    if (field->state_shape() != row) {
      const auto text = [](const std::vector<int64_t>& s) {
        std::string t;
        for (int64_t d : s) t += (t.empty() ? "" : ", ") + std::to_string(d);
        return "[" + t + "]";
      };
      throw ConfigError(e.root.find("initial")->where +
                        ": each row of 'initial' must have the shape of the field's state, " +
                        text(field->state_shape()) + "; found " + text(row));
    }
    parameters = initial_parameters({field->info().slots, static_cast<size_t>(field->info().n_slots)},
                                    e.dtype, e.seed);
    if (!e.field->weights.empty()) load_weights(parameters, e.field->weights);
    problem = std::make_unique<odeon_problem>(backend, field,
                                              make_solver(*e.solver->component, e.solver->options.value()),
                                              e.dtype, e.initial.shape[0]);
    const auto upload = [&](DeviceTensor& to, const Array& a) {
      to = DeviceTensor(backend, e.dtype, a.shape);
      const Array cast = a.cast(e.dtype);
      backend->upload(to.view.data, cast.bytes.data(), static_cast<int64_t>(cast.bytes.size()));
    };
    upload(theta, parameters.flat);
    if (parameters.flat.size() > 0) problem->set_theta(theta.view);
    upload(y0, e.initial);
    std::vector<int64_t> shape = e.initial.shape;
    shape.insert(shape.begin(), static_cast<int64_t>(e.times.size()));
    ys = DeviceTensor(backend, e.dtype, shape);
  }

  Array download(const odeon_tensor& x) const {
    Array a = Array::zeros(x.dtype, {x.shape, x.shape + x.rank});
    backend->download(a.bytes.data(), x.data, byte_count(x));
    return a;
  }
};

std::string line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string counts(const Counters& c) {
  return line("%lld evaluations, %lld accepted and %lld rejected steps",
              static_cast<long long>(c.evaluations), static_cast<long long>(c.accepted),
              static_cast<long long>(c.rejected));
}

// The first rows of the last state, so that a run without an output folder shows something.
std::string final_state(const Array& states, double t) {
  const int64_t rows = states.shape[1], row = states.size() / states.shape[0] / rows;
  std::string text = line("state at t = %.10g\n", t);
  constexpr int64_t kRows = 5, kColumns = 8;
  for (int64_t r = 0; r < std::min(rows, kRows); ++r) {
    text += " ";
    for (int64_t i = 0; i < std::min(row, kColumns); ++i)
      text += line(" %.10g", states.at(states.size() - (rows - r) * row + i));
    text += row > kColumns ? " …\n" : "\n";
  }
  return text + (rows > kRows ? "  …\n" : "");
}

}  // namespace

Json to_json(const Counters& c) {
  return {
      {"evaluations", c.evaluations}, {"vjps", c.vjps}, {"accepted", c.accepted}, {"rejected", c.rejected}};
}

Json component_json(const ComponentChoice& choice) {
  const LoadedComponent& c = *choice.component;
  return {
      {"id", c.id},
      {"version", std::string(c.descriptor->version.data, static_cast<size_t>(c.descriptor->version.size))},
      {"sha256", c.plugin->sha256},
      {"options", choice.options.resolved()}};
}

Json record_head(const Experiment& e) {
  static constexpr const char* kTasks[] = {"solve", "gradient", "train", "evaluate", "sweep"};
  Json record{{"odeon", 1},
              {"status", "done"},
              {"config", e.path},
              {"task", kTasks[size_t(e.task)]},
              {"precision", dtype_name(e.dtype)},
              {"seed", e.seed}};
  Json& components = record["components"] = Json::object();
  if (e.backend.component) components["backend"] = component_json(e.backend);
  if (e.field) components["field"] = component_json(e.field->component);
  if (e.solver) components["solver"] = component_json(*e.solver);
  if (e.gradient) components["gradient"] = component_json(*e.gradient);
  return record;
}

RunResult run_solve(const Experiment& e, const Registry& registry) {
  RunResult result;
  result.record = record_head(e);
  Setup s(e, registry);
  result.record["components"]["backend"]["device"] = std::string(to_view(s.backend->info().device));
  odeon_solve_args args{};
  args.struct_size = sizeof args;
  args.y0 = &s.y0.view;
  args.times = e.times.data();
  args.n_times = static_cast<int64_t>(e.times.size());
  args.ys = &s.ys.view;
  const auto start = Clock::now();
  integrate(*s.problem, args);
  const double seconds = seconds_since(start);
  result.record["counters"]["forward"] = to_json(*s.problem->counters);
  result.record["seconds"]["forward"] = seconds;
  Array states = s.download(s.ys.view);
  result.summary =
      final_state(states, e.times.back()) + counts(*s.problem->counters) + line(", %.3g s\n", seconds);
  result.arrays.emplace_back("times.npy", Array::of(e.times, {static_cast<int64_t>(e.times.size())}));
  result.arrays.emplace_back("states.npy", std::move(states));
  return result;
}

RunResult run_gradient(const Experiment& e, const Registry& registry) {
  RunResult result;
  result.record = record_head(e);
  Setup s(e, registry);
  Gradient gradient(*e.gradient);
  Counters forward, backward;
  TapeMeter tape;
  s.problem->counters = &forward;
  s.problem->tape = &tape;
  odeon_gradient_forward_args f{};
  f.y0 = &s.y0.view;
  f.times = e.times.data();
  f.n_times = static_cast<int64_t>(e.times.size());
  f.ys = &s.ys.view;
  auto start = Clock::now();
  Gradient::Pass pass(gradient, *s.problem, f);
  const double forward_seconds = seconds_since(start);

  DeviceTensor gys(s.backend, e.dtype, {s.ys.view.shape, static_cast<size_t>(s.ys.view.rank)});
  s.backend->fill(gys.view, 1);
  if (e.cotangent) {
    const Array cast = e.cotangent->cast(e.dtype);
    s.backend->upload(gys.view.data, cast.bytes.data(), static_cast<int64_t>(cast.bytes.size()));
  }
  DeviceTensor gy0(s.backend, e.dtype, e.initial.shape), gtheta(s.backend, e.dtype, s.parameters.flat.shape);
  s.backend->fill(gtheta.view, 0);
  std::vector<double> gtimes(e.times.size());
  odeon_gradient_backward_args b{};
  b.gys = &gys.view;
  b.gy0 = &gy0.view;
  b.gtheta = s.parameters.flat.size() > 0 ? &gtheta.view : nullptr;
  b.gtimes = gtimes.data();
  s.problem->counters = &backward;
  start = Clock::now();
  pass.backward(b);
  const double backward_seconds = seconds_since(start);

  result.record["components"]["backend"]["device"] = std::string(to_view(s.backend->info().device));
  result.record["counters"] = {
      {"forward", to_json(forward)}, {"backward", to_json(backward)}, {"tape_peak_bytes", tape.peak}};
  result.record["seconds"] = {{"forward", forward_seconds}, {"backward", backward_seconds}};
  Array states = s.download(s.ys.view);
  const int64_t n_times = static_cast<int64_t>(e.times.size());
  result.summary = final_state(states, e.times.back()) + "forward:  " + counts(forward) +
                   line(", %.3g s\n", forward_seconds) +
                   "backward: " + line("%lld vjps, ", static_cast<long long>(backward.vjps)) +
                   counts(backward) +
                   line(", %.3g s, tape %.3g KiB\n", backward_seconds, static_cast<double>(tape.peak) / 1024);
  ParameterSet gradients{s.parameters.slots, s.download(gtheta.view)};
  constexpr size_t kShown = 8;
  for (size_t i = 0; i < std::min(kShown, gradients.slots.size()); ++i)
    if (gradients.slots[i].shape.empty())
      result.summary += line("dL/d%-8s %.10g\n", gradients.slots[i].name.c_str(),
                             gradients.flat.at(gradients.slots[i].offset));
  result.arrays.emplace_back("times.npy", Array::of(e.times, {n_times}));
  result.arrays.emplace_back("states.npy", std::move(states));
  result.arrays.emplace_back("grad_initial.npy", s.download(gy0.view));
  result.arrays.emplace_back("grad_times.npy", Array::of(gtimes, {n_times}));
  const bool scalars = std::all_of(gradients.slots.begin(), gradients.slots.end(),
                                   [](const auto& p) { return p.shape.empty(); });
  if (scalars)
    result.arrays.emplace_back("grad_parameters.npy", gradients.flat);
  else
    result.tensors.emplace_back("grad_parameters.safetensors", gradients.named());
  return result;
}

void write_outputs(const RunResult& result, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw RunError(folder + ": the output folder cannot be made: " + error.message() +
                   "; choose another with --output");
  for (const auto& [name, array] : result.arrays) write_npy(folder + "/" + name, array);
  for (const auto& [name, tensors] : result.tensors) write_safetensors(folder + "/" + name, tensors);
  for (const auto& [name, text] : result.texts) write_file_atomically(folder + "/" + name, text);
  write_file_atomically(folder + "/record.json", result.record.dump(2) + "\n");
}

}  // namespace odeon::host
