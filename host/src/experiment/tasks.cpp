#include "experiment/tasks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <odeon/sdk/error.hpp>

#include "data/atomic_file.hpp"
#include "data/error.hpp"
#include "data/npy.hpp"
#include "experiment/computation.hpp"
#include "experiment/config_json.hpp"
#include "experiment/fit.hpp"
#include "experiment/hessian_product.hpp"
#include "experiment/state_names.hpp"
#include "loader/host_table.hpp"

namespace odeon::host {
namespace {

using Json = nlohmann::ordered_json;

// The parts that solve and gradient share.
struct Setup {
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Field> field;
  ParameterSet parameters;
  std::unique_ptr<Computation> computation;
  SolverChoice solver;
  std::optional<Tangent> tangent;

  Setup(const Experiment& e, const Registry& registry) : backend(open_backend(e, registry)) {
    FittedParts parts = fit_parts(e);
    field = parts.field;
    parameters = starting_parameters(*field, *e.field, e.dtype, e.seed);
    solver = std::move(parts.solver);
    tangent = std::move(parts.tangent);
    computation = std::make_unique<Computation>(backend, field, solver, e.dtype, e.initial.shape[0],
                                                std::move(parts.events));
    computation->set_parameters(parameters.flat);
  }
};

std::string line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string counts(const Counters& c) {
  const auto number = [](int64_t n) { return std::to_string(n); };
  return number(c.evaluations) +
         (c.explicit_evaluations ? " implicit and " + number(c.explicit_evaluations) + " explicit" : "") +
         " evaluations, " + number(c.accepted) + " accepted and " + number(c.rejected) + " rejected steps";
}

// The first rows of the last state, or of what a terminal event left, so that a run without an output folder
// shows something.
std::string final_state(const Array& states, double t, const EventReport* events = nullptr) {
  const int64_t rows = states.shape[1], row = states.size() / states.shape[0] / rows;
  std::string text = line("state at t = %.10g\n", t);
  constexpr int64_t kRows = 5, kColumns = 8;
  for (int64_t r = 0; r < std::min(rows, kRows); ++r) {
    const EventRecord* end = events ? events->end_of(r) : nullptr;
    text += " ";
    for (int64_t i = 0; i < std::min(row, kColumns); ++i)
      text += line(" %.10g", end ? end->after[size_t(i)] : states.at(states.size() - (rows - r) * row + i));
    text += row > kColumns ? " …" : "";
    text += end ? line(" (ended at t = %.10g by event %s)\n", end->t, end->name.c_str()) : "\n";
  }
  return text + (rows > kRows ? "  …\n" : "");
}

// The gradient of a scalar parameter, one number for each loss.
std::string by_loss(const ParameterSet& gradients, size_t slot) {
  const Array& g = gradients.flat;
  const int64_t losses = g.shape.size() == 1 ? 1 : g.shape[0];
  std::string text;
  for (int64_t i = 0; i < losses; ++i)
    text += line(" %.10g", g.at(i * g.size() / losses + gradients.slots[slot].offset));
  return text;
}

// One array, or one for each slot where they are not all numbers.
void add_by_parameter(RunResult& result, const std::string& name, const ParameterSet& values) {
  const bool scalars =
      std::all_of(values.slots.begin(), values.slots.end(), [](const auto& p) { return p.shape.empty(); });
  if (scalars)
    result.arrays.emplace_back(name + ".npy", values.flat);
  else
    result.tensors.emplace_back(name + ".safetensors", values.named());
}

constexpr size_t kShownParameters = 8;

void add_hessian_product(const Experiment& e, const Setup& s, RunResult& result) {
  HessianArrays h = hessian_product({s.backend, s.field, s.solver, e.dtype, s.parameters.flat}, *e.gradient,
                                    e.times, e.initial, e.cotangent ? &*e.cotangent : nullptr, *s.tangent);
  const std::vector<double> loss = h.loss.to_doubles();
  result.record["tangent"]["loss"] = h.loss.shape.empty() ? Json(loss[0]) : Json(loss);
  result.record["counters"]["tangent"] = {{"steps", to_json(h.steps)},
                                          {"forward", to_json(h.forward)},
                                          {"backward", to_json(h.backward)},
                                          {"tape_peak_bytes", h.tape_peak_bytes}};
  result.summary += "along the tangent:\ndL       ";
  for (double l : loss) result.summary += line(" %.10g", l);
  const ParameterSet products{s.parameters.slots, std::move(h.parameters)};
  result.summary += "\n";
  for (size_t i = 0; i < std::min(kShownParameters, products.slots.size()); ++i)
    if (products.slots[i].shape.empty())
      result.summary += "(H v)_" + line("%-6s", products.slots[i].name.c_str()) + by_loss(products, i) + "\n";
  result.arrays.emplace_back("tangent_states.npy", std::move(h.states));
  result.arrays.emplace_back("hvp_initial.npy", std::move(h.initial));
  result.arrays.emplace_back("hvp_times.npy", std::move(h.times));
  add_by_parameter(result, "hvp_parameters", products);
}

void add_events(const Setup& s, RunResult& result) {
  const auto rules = s.computation->event_rules();
  if (rules.empty()) return;
  const EventReport& events = result.events.emplace(EventReport{rules, s.computation->events()});
  result.record["events"] = events.json();
  result.texts.emplace_back("events.csv", events.csv(state_names(*s.field)));
}

void report_failed_rows(const SolveFailed& error, RunResult& result) {
  result.failure = error.failure();
  result.failure_text = error.what();
  result.record["status"] = "failed";
  result.record["message"] = error.what();
  for (const Failure& f : error.rows()) result.record["failures"].push_back(to_json(f));
}

}  // namespace

Json to_json(const Failure& f) {
  Json out{{"reason", f.reason}, {"remedy", f.remedy}, {"t", f.t},
           {"h", f.h},           {"error", f.error},   {"steps", f.steps}};
  if (f.row >= 0) out["row"] = f.row;
  return out;
}

Json to_json(const Counters& c) {
  return {{"evaluations", c.evaluations},
          {"explicit_evaluations", c.explicit_evaluations},
          {"vjps", c.vjps},
          {"jvps", c.jvps},
          {"accepted", c.accepted},
          {"rejected", c.rejected},
          {"jacobians", c.jacobians},
          {"factorizations", c.factorizations},
          {"linear_solves", c.linear_solves}};
}

std::string to_text(const Json& record) {
  return record.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
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
  Json record{{"odeon", 1},       {"version", ODEON_VERSION},  {"status", "done"},
              {"config", e.path}, {"task", task_name(e.task)}, {"precision", dtype_name(e.dtype)},
              {"seed", e.seed}};
  Json& components = record["components"] = Json::object();
  if (e.backend.component) components["backend"] = component_json(e.backend);
  if (e.communicator) {
    components["communicator"] = component_json(*e.communicator);
    record["ranks"] = e.ranks->size();
  }
  if (e.field) components["field"] = component_json(e.field->component);
  if (e.solver) components["solver"] = component_json(*e.solver);
  if (e.gradient) components["gradient"] = component_json(*e.gradient);
  record["configuration"] = to_json(e.root);
  return record;
}

// Those that were taken because none were given; fixed steps have none.
void record_tolerances(Json& record, const SolverSettings& s) {
  if (!s.steps_are_chosen()) return;
  Json& options = record["components"]["solver"]["options"];
  if (!s.rtol_given) options["rtol"] = s.rtol[0];
  if (!s.atol_given) options["atol"] = s.atol[0];
}

void record_backend(Json& record, const Backend& backend) {
  Json& entry = record["components"]["backend"];
  entry["id"] = backend.id();
  entry["device"] = std::string(to_view(backend.info().device));
  if (!backend.passed_over.empty()) entry["passed_over"] = backend.passed_over;
}

RunResult run_solve(const Experiment& e, const Registry& registry) {
  RunResult result;
  result.record = record_head(e);
  const Setup s(e, registry);
  Computation& c = *s.computation;
  record_backend(result.record, *s.backend);
  record_tolerances(result.record, s.solver.settings);
  try {
    if (e.dense)
      result.dense = c.solve_dense(e.times, e.initial);
    else
      c.solve(e.times, e.initial);
  } catch (const SolveFailed& error) {
    if (error.rows().empty()) throw;
    report_failed_rows(error, result);  // the other rows are worth having
  }
  result.record["counters"]["forward"] = to_json(c.forward.counters);
  result.record["seconds"]["forward"] = c.forward.seconds;
  Array states = c.states();
  add_events(s, result);
  result.summary = final_state(states, e.times.back(), result.events ? &*result.events : nullptr) +
                   (result.events ? result.events->summary() : "") + counts(c.forward.counters) +
                   line(", %.3g s\n", c.forward.seconds);
  result.arrays.emplace_back("times.npy", Array::of(e.times, {static_cast<int64_t>(e.times.size())}));
  result.arrays.emplace_back("states.npy", std::move(states));
  return result;
}

// The states may be finite where derivatives of them are not.
void warn_where_not_finite(const std::string& what, const Array& gradient) {
  const std::vector<double> values = gradient.to_doubles();
  if (std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); })) return;
  log(ODEON_LOG_WARNING,
      what + " is not finite: derivatives overflow, as along solutions that grow or are chaotic; " +
          "use precision: float64, a shorter time or a smaller loss");
}

RunResult run_gradient(const Experiment& e, const Registry& registry) {
  RunResult result;
  result.record = record_head(e);
  const Setup s(e, registry);
  Computation& c = *s.computation;
  c.differentiate(*e.gradient, e.times, e.initial, e.cotangent ? &*e.cotangent : nullptr,
                  e.event_cotangents.empty() ? nullptr : &e.event_cotangents);
  const Counters &forward = c.forward.counters, &backward = c.backward.counters;
  record_backend(result.record, *s.backend);
  record_tolerances(result.record, s.solver.settings);
  result.record["counters"] = {
      {"forward", to_json(forward)}, {"backward", to_json(backward)}, {"tape_peak_bytes", c.tape.peak}};
  result.record["seconds"] = {{"forward", c.forward.seconds}, {"backward", c.backward.seconds}};
  add_events(s, result);
  Array states = c.states();
  const int64_t n_times = static_cast<int64_t>(e.times.size());
  result.summary =
      final_state(states, e.times.back(), result.events ? &*result.events : nullptr) +
      (result.events ? result.events->summary() : "") + "forward:  " + counts(forward) +
      line(", %.3g s\n", c.forward.seconds) +
      "backward: " + line("%lld vjps, ", static_cast<long long>(backward.vjps)) + counts(backward) +
      line(", %.3g s, tape %.3g KiB\n", c.backward.seconds, static_cast<double>(c.tape.peak) / 1024);
  const ParameterSet gradients{s.parameters.slots, c.grad_parameters()};
  for (size_t i = 0; i < std::min(kShownParameters, gradients.slots.size()); ++i)
    if (gradients.slots[i].shape.empty())
      result.summary += "dL/d" + line("%-8s", gradients.slots[i].name.c_str()) + by_loss(gradients, i) + "\n";
  result.arrays.emplace_back("times.npy", Array::of(e.times, {n_times}));
  result.arrays.emplace_back("states.npy", std::move(states));
  Array grad_initial = c.grad_initial();
  warn_where_not_finite("dL/dy0", grad_initial);
  warn_where_not_finite("dL/dθ", gradients.flat);
  result.arrays.emplace_back("grad_initial.npy", std::move(grad_initial));
  result.arrays.emplace_back("grad_times.npy", c.grad_times());
  add_by_parameter(result, "grad_parameters", gradients);
  if (s.tangent) add_hessian_product(e, s, result);
  return result;
}

void write_outputs(RunResult& result, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw RunError(folder + ": the output folder cannot be made: " + error.message() +
                   "; choose another with --output");
  // Without it, what stands here is not of one run.
  const std::string record = folder + "/record.json";
  std::filesystem::remove(record, error);
  Json files = Json::array();
  const auto path = [&](const std::string& name) {
    files.push_back(name);
    return folder + "/" + name;
  };
  for (const auto& [name, array] : result.arrays) write_npy(path(name), array);
  for (const auto& [name, tensors] : result.tensors) write_safetensors(path(name), tensors);
  for (const auto& [name, text] : result.texts) write_file_atomically(path(name), text);
  if (result.dense) result.dense->write(path("dense.safetensors"));
  result.record["files"] = files;
  write_file_atomically(record, to_text(result.record));
}

}  // namespace odeon::host
