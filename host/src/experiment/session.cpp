#include "experiment/session.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <random>
#include <set>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "engine/method.hpp"
#include "engine/problem.hpp"
#include "engine/reversible_stepper.hpp"
#include "experiment/fit.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

std::shared_ptr<Backend> open_backend(const Experiment& e, const Registry& registry) {
  if (!e.backend_auto) return Backend::open(*e.backend.component, &e.backend.options.value());
  // Devices before host memory, compiled graphs before interpreted ones: no backend is known by name.
  std::shared_ptr<Backend> best;
  int best_rank = -1;
  std::vector<std::string> reasons;
  for (const LoadedComponent* c : registry.components(ODEON_KIND_BACKEND)) {
    try {
      ConfigNode id;
      id.kind = ConfigNode::Kind::scalar;
      id.text = c->id;
      const ComponentChoice choice = bind_component(ODEON_KIND_BACKEND, id, registry);
      const auto b = Backend::open(*c, &choice.options.value());
      const int rank =
          (b->info().host_memory ? 0 : 4) + (b->info().threads > 0 ? 2 : 0) + (b->graph_api() ? 1 : 0);
      if (rank > best_rank) best = b, best_rank = rank;
    } catch (const Error& error) {
      reasons.emplace_back(error.what());
      log(ODEON_LOG_INFO, "backend auto: " + c->id + " is not used: " + error.what());
    }
  }
  if (!best)
    throw PluginError("backend auto found no backend that opens" +
                      (reasons.empty() ? "; `odeon plugins -v` says why" : ": " + joined(reasons)));
  best->passed_over = reasons;
  log(ODEON_LOG_INFO, "backend auto: using '" + best->id() + "'");
  return best;
}

std::vector<NamedArray> ParameterSet::named() const {
  std::vector<NamedArray> out;
  const int64_t item = dtype_bytes(flat.dtype), sets = flat.shape.size() == 1 ? 1 : flat.shape[0];
  for (const Slot& s : slots) {
    Array one = Array::zeros(flat.dtype, s.shape);
    std::vector<int64_t> shape = s.shape;
    if (flat.shape.size() > 1) shape.insert(shape.begin(), sets);
    Array a = Array::zeros(flat.dtype, shape);
    for (int64_t i = 0; i < sets && !one.bytes.empty(); ++i)
      std::memcpy(a.bytes.data() + size_t(i) * one.bytes.size(),
                  flat.bytes.data() + (i * (flat.size() / sets) + s.offset) * item, one.bytes.size());
    out.push_back({s.name, std::move(a)});
  }
  return out;
}

ParameterSet initial_parameters(std::span<const odeon_parameter_slot* const> slots, int32_t dtype,
                                uint64_t seed) {
  ParameterSet p;
  std::vector<double> values;
  std::mt19937_64 engine(seed);
  // Own mapping to doubles: the standard's distributions differ between libraries.
  const auto uniform = [&] { return static_cast<double>(engine() >> 11) * 0x1p-53; };
  for (const odeon_parameter_slot* s : slots) {
    std::vector<int64_t> shape(s->shape, s->shape + s->rank);
    const int64_t n = checked_count(shape);
    p.slots.push_back({std::string(s->name.data, static_cast<size_t>(s->name.size)), shape,
                       static_cast<int64_t>(values.size()), s->init == ODEON_INIT_VALUES});
    for (int64_t i = 0; i < n; ++i) {
      double v = s->a;
      if (s->init == ODEON_INIT_UNIFORM) v = s->a + (s->b - s->a) * uniform();
      if (s->init == ODEON_INIT_NORMAL) {  // Box-Muller, the cosine half
        const double u = 1 - uniform(), angle = 6.283185307179586 * uniform();
        v = s->a + s->b * std::sqrt(-2 * std::log(u)) * std::cos(angle);
      }
      if (s->init == ODEON_INIT_VALUES) v = s->values[i];
      values.push_back(v);
    }
  }
  const int64_t n = static_cast<int64_t>(values.size());
  p.flat = Array::of(values, {n}).cast(dtype);
  return p;
}

namespace {

[[noreturn]] void bad_weights(const FieldChoice& field, const std::string& message) {
  throw ConfigError(field.weights_where + ": 'weights': " + message);
}

// Checking an experiment and running it both read its weights.
void warn_once(const std::string& text) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard lock(mutex);
  if (said.insert(text).second) log(ODEON_LOG_WARNING, text);
}

// Of a file's names, one that would be `wanted` behind the name of the part that it was saved from.
std::string rename_of(const std::string& wanted, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (wanted.ends_with("." + name)) return "; rename '" + name + "' to '" + wanted + "', and so on";
  return "";
}

}  // namespace

void load_weights(ParameterSet& p, const FieldChoice& field) {
  std::vector<NamedArray> file;
  try {
    file = read_safetensors(field.weights);
  } catch (const RunError& e) {
    bad_weights(field, e.what());
  }
  std::vector<std::string> names, wanted, kept;
  for (const NamedArray& a : file) names.push_back(a.name);
  for (const ParameterSet::Slot& slot : p.slots) {
    wanted.push_back(slot.name);
    const auto at =
        std::find_if(file.begin(), file.end(), [&](const NamedArray& a) { return a.name == slot.name; });
    if (at == file.end() && slot.configured && !names.empty()) {
      kept.push_back(slot.name);
      continue;
    }
    if (at == file.end())
      bad_weights(field, field.weights + " lacks the parameter '" + slot.name + "'; it has " +
                             (names.empty() ? "none" : joined(names)) + rename_of(slot.name, names));
    if (at->array.shape != slot.shape)
      bad_weights(field, "'" + slot.name + "' of " + field.weights + " has the shape " +
                             shape_text(at->array.shape) + ", but the field needs " + shape_text(slot.shape) +
                             "; change the layer or the file");
    for (int64_t i = 0; i < at->array.size(); ++i) p.flat.set(slot.offset + i, at->array.at(i));
  }
  for (const std::string& name : names)
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end())
      bad_weights(field, field.weights + " has '" + name +
                             "', which the field does not; its parameters are " +
                             (wanted.empty() ? "none" : joined(wanted)));
  if (!kept.empty())
    warn_once(field.weights_where + ": 'weights': " + field.weights + " has no value of " + joined(kept) +
              ": what the configuration says stays");
}

ParameterSet starting_parameters(const Field& field, const FieldChoice& choice, int32_t dtype,
                                 uint64_t seed) {
  ParameterSet p =
      initial_parameters({field.info().slots, static_cast<size_t>(field.info().n_slots)}, dtype, seed);
  if (!choice.weights.empty()) load_weights(p, choice);
  return p;
}

uint32_t capabilities_of(const ComponentChoice& gradient) {
  return static_cast<const odeon_gradient_api*>(gradient.component->descriptor->vtable)->capabilities;
}

Gradient::Gradient(const ComponentChoice& choice)
    : name_("gradient '" + choice.component->id + "'"),
      keep_alive_(choice.component->plugin),
      options_(choice.options),
      api_(static_cast<const odeon_gradient_api*>(choice.component->descriptor->vtable)) {
  engine_table();  // strategies ask for it
  call(name_, api_->create, &host_table(), &options_.value(), &handle_);
}

Gradient::~Gradient() {
  if (handle_) call_release(name_, api_->destroy, handle_);
}

void Gradient::require_capabilities(const odeon_problem& problem) const {
  if (problem.has_events() && follows_steps(api_->capabilities))
    for (const EventGroup& group : problem.all_events())
      if (!group.differentiable)
        throw ConfigError(name_ + " needs derivatives of events (capability 'event derivatives'), but '" +
                          group.rules[0].name +
                          "' is a function in code; write it as a formula in 'events', or " +
                          "choose a gradient that only solves, such as finite_difference");
  require_capabilities(problem.solver, problem.field->field());
}

void Gradient::require_capabilities(const SolverChoice& solver, const Field& field) const {
  const auto needs = [&](uint32_t capability) { return (api_->capabilities & capability) != 0; };
  if (needs(ODEON_GRADIENT_NEEDS_EXPLICIT) && !(solver.method && solver.method->is_explicit()))
    throw ConfigError(name_ +
                      " takes steps again from their beginning, which needs a solver that is an explicit " +
                      "tableau (capability explicit tableau), but solver '" + solver.id() +
                      "' is none; use gradient direct, or an explicit method");
  if (needs(ODEON_GRADIENT_NEEDS_TABLEAU) && !solver.method)
    throw ConfigError(name_ + " works on the tableau of a method (capability tableau), but solver '" +
                      solver.id() + "' has none; use gradient direct, or a Runge-Kutta method");
  if (needs(ODEON_GRADIENT_NEEDS_REVERSIBLE) && solver.method)
    throw not_reversible("solver '" + solver.id() + "'");
  if (needs(ODEON_GRADIENT_NEEDS_VJP) && !field.differentiable())
    throw ConfigError(name_ + " needs derivative products of the field (capability 'vjp'), which field '" +
                      field.id() +
                      "' lacks; give it a vjp, write it as a graph, or choose a gradient that needs none");
}

}  // namespace odeon::host
