#include "experiment/fit.hpp"

#include <algorithm>
#include <odeon/sdk/options.hpp>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "engine/grid.hpp"
#include "engine/second_order.hpp"
#include "experiment/events.hpp"
#include "experiment/hessian_product.hpp"
#include "experiment/session.hpp"
#include "loader/marks.hpp"

namespace odeon::host {
namespace {

[[noreturn]] void bad_option(const odeon_value& options, const char* key, const std::string& message) {
  throw ConfigError(mark_text(Options(&options).at(key).mark) + ": " + message);
}

// Runs check, whose ConfigError gets its place.
template <class Check>
void at(const std::string& where, const Check& check) {
  try {
    check();
  } catch (const ConfigError& e) {
    throw ConfigError(where + ": " + e.what());
  }
}
template <class Check>
void at(const ComponentChoice& choice, const Check& check) {
  at(mark_text(choice.options.value().mark), check);
}

void check_tolerances(const ComponentChoice& solver, const SolverSettings& s, int64_t row_elements) {
  for (const auto& [key, values] : {std::pair("rtol", &s.rtol), std::pair("atol", &s.atol)})
    if (values->size() != 1 && static_cast<int64_t>(values->size()) != row_elements)
      bad_option(solver.options.value(), key,
                 "'" + std::string(key) + "' has " + std::to_string(values->size()) +
                     " numbers, but one row of the state has " + std::to_string(row_elements) +
                     "; give one number, or one per element");
  if (s.control == Control::fixed) return;
  for (int64_t i = 0; i < row_elements; ++i) {
    const auto of = [&](const std::vector<double>& v) { return v[v.size() == 1 ? 0 : size_t(i)]; };
    if (of(s.rtol) == 0 && of(s.atol) == 0)
      bad_option(solver.options.value(), s.atol_given ? "atol" : "rtol",
                 "rtol and atol are both 0, so that no error is allowed; raise one of them");
  }
}

void check_grid_option(const ComponentChoice& solver, const SolverSettings& s,
                       std::span<const double> times) {
  try {
    check_grid(s, times);
  } catch (const RunError& e) {
    bad_option(solver.options.value(), s.grid.empty() ? "step_size" : "grid", e.what());
  }
}

// all: with an empty group where the field brings none.
void check_gradient_of_events(const Experiment& e, std::span<const EventGroup> all, const Field& field) {
  const bool follows = follows_steps(capabilities_of(*e.gradient));
  const std::string who = "gradient '" + e.gradient->component->id + "'";
  std::vector<std::string> names;
  for (const EventGroup& group : all) {
    for (const EventRule& rule : group.rules) names.push_back(rule.name);
    if (follows && !group.rules.empty() && !group.differentiable)
      throw ConfigError(e.root.find("gradient")->where + ": " + who +
                        " needs derivatives of events (capability 'event derivatives'), but " + field.name() +
                        " brings some in code; choose a gradient that only " +
                        "solves, such as finite_difference, or use task solve");
  }
  if (const ConfigNode* tangent = e.root.find("tangent"); tangent && !names.empty())
    throw ConfigError(tangent->key_where +
                      ": no Hessian-vector product goes through events (capability 'second " +
                      "derivatives of events'), but this experiment has some; remove 'tangent' or 'events'");
  const ConfigNode* loss = e.root.find("loss");
  const ConfigNode* of_loss = loss ? loss->find("events") : nullptr;
  if (!of_loss) return;
  for (const auto& [name, list] : of_loss->entries)
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw ConfigError(list.key_where + ": there is no event '" + name + "'" + did_you_mean(name, names) +
                        " Events: " + (names.empty() ? "none" : joined(names)) + ".");
  if (!follows)
    throw ConfigError(of_loss->key_where + ": " + who +
                      " gives no derivatives of the events themselves (capability " +
                      "'event cotangents'); leave them out of the loss, or use gradient direct or adjoint");
}

}  // namespace

FittedParts fit_parts(const FieldChoice& field, const ComponentChoice& solver,
                      const std::vector<int64_t>& row, std::span<const double> times, const std::string& what,
                      const std::string& where) {
  FittedParts parts{Field::create(*field.component.component, &field.component.options.value(), row),
                    make_solver(solver)};
  if (parts.field->state_shape() != row)
    throw ConfigError(where + ": " + what + " must have the shape of the field's state, " +
                      shape_text(parts.field->state_shape()) + "; found " + shape_text(row));
  at(solver, [&] { require_halves(parts.solver, checked_count(row)); });
  check_tolerances(solver, parts.solver.settings, checked_count(row));
  check_grid_option(solver, parts.solver.settings, times);
  return parts;
}

FittedParts fit_parts(const Experiment& e) {
  const std::vector<int64_t> row(e.initial.shape.begin() + 1, e.initial.shape.end());
  FittedParts parts =
      fit_parts(*e.field, *e.solver, row, e.times, "each row of 'initial'", e.root.find("initial")->where);
  const ConfigNode* events = e.root.find("events");
  parts.events = read_events(events, *parts.field);
  std::vector<EventGroup> all = parts.events;
  all.insert(all.begin(), field_events(parts.field));
  check_events(all, parts.solver.settings.stepping == Stepping::per_row ? 1 : e.initial.shape[0]);
  if (e.gradient) {
    check_gradient_of_events(e, all, *parts.field);
    check_gradient(*e.gradient, parts);
  }
  if (const ConfigNode* tangent = e.root.find("tangent")) {
    parts.tangent = read_tangent(*tangent, *parts.field, e);
    at(tangent->key_where, [&] { require_hessian_product(*parts.field, parts.solver, *e.gradient); });
  }
  return parts;
}

void check_gradient(const ComponentChoice& gradient, const FittedParts& parts) {
  SolverChoice of_adjoint = parts.solver;
  const odeon_value& options = gradient.options.value();
  for (int64_t i = 0; i < options.size; ++i) {
    if (options.children[i].type != ODEON_VALUE_COMPONENT) continue;
    const auto& named = *static_cast<const ComponentChoice*>(options.children[i].handle);
    if (named.component->kind == ODEON_KIND_SOLVER) of_adjoint = make_solver(named);
  }
  const Gradient made(gradient);  // its own errors have their places
  at(gradient, [&] {
    made.require_capabilities(parts.solver, *parts.field);
    if (capabilities_of(gradient) & ODEON_GRADIENT_CONTINUOUS) require_first_order(of_adjoint);
  });
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (int64_t d : shape) text += (text.empty() ? "" : ", ") + std::to_string(d);
  return "[" + text + "]";
}

}  // namespace odeon::host
