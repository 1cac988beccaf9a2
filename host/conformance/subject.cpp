#include "conformance/subject.hpp"

#include <odeon/gradient.h>

#include <algorithm>
#include <odeon/sdk/explicit_rk.hpp>

#include "conformance/reversible_steps.hpp"
#include "conformance/threads.hpp"
#include "data/error.hpp"
#include "loader/kinds.hpp"

namespace odeon::host::conformance {
namespace {

// W. Kutta (1901), the classical method.
constexpr Tableau<4> kTableau{
    .order = 4,
    .c = {0, 0.5, 0.5, 1},
    .a = {{{}, {0.5}, {0, 0.5}, {0, 0, 1}}},
    .b = {1. / 6, 1. / 3, 1. / 3, 1. / 6},
};
constexpr odeon_tableau kRungeKutta = to_abi(kTableau);
constexpr odeon_solver_api kSolver = tableau_solver(&kRungeKutta);
constexpr odeon_component kSolverComponent = make_component(
    ODEON_KIND_SOLVER, {str("conformance"), str("Runge-Kutta 4"), str("Of the conformance kit.")}, &kSolver);

LoadedComponent own_solver(const odeon_component& component) {
  return {ODEON_KIND_SOLVER, std::string(to_view(component.id)), &component,
          std::make_shared<LoadedPlugin>()};
}

std::shared_ptr<Backend> open(const LoadedComponent& component) {
  const odeon_component& c = *component.descriptor;
  const BoundOptions options = bind_options({c.options, c.options + c.n_options}, ConfigNode{},
                                            {nullptr, "backend '" + component.id + "'", {}});
  return Backend::open(component, &options.value());
}

}  // namespace

Subject Subject::load(const Given& given, int32_t kind, const std::string& id) {
  const int threads = thread_count();
  LoaderOptions options;
  options.files = {given.path};
  if (!given.helper.empty()) options.files.push_back(given.helper);
  options.built_in_roots = false;
  Subject s{Registry::discover(options), nullptr, given, threads};
  s.registry.add(own_solver(kSolverComponent));
  s.registry.add(own_solver(kReversibleSteps));
  s.component = &s.registry.require(kind, id, "");
  return s;
}

std::string Subject::name() const { return kind_name(component->kind) + " '" + component->id + "'"; }

ComponentChoice Subject::choice(const std::string& more) const {
  ConfigNode node = parse_config(more, "the kit's options", ".");
  if (!given.options.is_null()) merge(node, given.options);
  set_value(node, "plugin=" + component->id);
  return bind_component(component->kind, node, registry);
}

std::shared_ptr<Backend> Subject::open_backend() const {
  if (component->kind == ODEON_KIND_BACKEND) return Backend::open(*component, &choice().options.value());
  for (const LoadedComponent* c : registry.components(ODEON_KIND_BACKEND))
    if (c->plugin->path == given.helper) return open(*c);
  throw PluginError("the backend of " + given.helper + ", on which the checks compute, is gone");
}

ComponentChoice Subject::solver(const std::string& options) const {
  if (component->kind == ODEON_KIND_SOLVER) return choice(options);
  ConfigNode node = parse_config(options, "the kit's options", ".");
  set_value(node, needs_reversible() ? "plugin=conformance_reversible" : "plugin=conformance");
  return bind_component(ODEON_KIND_SOLVER, node, registry);
}

bool Subject::needs_reversible() const {
  return component->kind == ODEON_KIND_GRADIENT &&
         (api<odeon_gradient_api>().capabilities & ODEON_GRADIENT_NEEDS_REVERSIBLE);
}

odeon_field_context Subject::field_context() const {
  odeon_field_context c{};
  c.struct_size = sizeof c;
  c.state_rank = given.state.empty() ? -1 : static_cast<int32_t>(given.state.size());
  std::copy(given.state.begin(), given.state.end(), c.state_shape);
  return c;
}

const LoadedComponent* find_helper(const Registry& registry) {
  std::vector<const LoadedComponent*> backends = registry.components(ODEON_KIND_BACKEND);
  // The plainest ones first: those of devices take long to open.
  std::stable_sort(backends.begin(), backends.end(), [](const auto* a, const auto* b) {
    return a->descriptor->n_options < b->descriptor->n_options;
  });
  const LoadedComponent* found = nullptr;
  for (const LoadedComponent* c : backends) {
    try {
      const odeon_backend_info info = open(*c)->info();
      if (info.host_memory && info.threads <= 1) return c;
      if (info.host_memory) found = c;
    } catch (const Error&) {  // such a machine has no such device
    }
  }
  return found;
}

}  // namespace odeon::host::conformance
