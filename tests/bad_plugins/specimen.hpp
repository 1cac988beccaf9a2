// A correct plugin with one solver, from which each specimen departs in one point.
#pragma once
#include <odeon/solver.h>

#include <odeon/sdk/plugin.hpp>

namespace specimen {

using odeon::str;

constexpr double kOne[] = {1}, kZero[] = {0};

constexpr odeon_tableau euler() {
  odeon_tableau t{};
  t.struct_size = sizeof t;
  t.stages = t.order = 1;
  t.a = t.c = kZero;
  t.b = kOne;
  return t;
}

constexpr odeon_solver_api solver(const odeon_tableau* tableau) {
  odeon_solver_api api{};
  api.struct_size = sizeof api;
  api.tableau = tableau;
  return api;
}

constexpr odeon_tableau kEuler = euler();
constexpr odeon_solver_api kSolver = solver(&kEuler);

constexpr odeon_component component(int32_t kind, odeon_str id, const void* vtable) {
  return odeon::make_component(kind, {id, str("A specimen"), str("For the loader's tests.")}, vtable);
}

template <class Struct, class Change>
constexpr Struct changed(Struct good, Change change) {
  change(good);
  return good;
}

}  // namespace specimen

// The exported constant around a component; the last argument changes it: [](odeon_plugin& p) { … }.
#define SPECIMEN_PLUGIN(component, change)                       \
  constexpr const odeon_component* kComponents[] = {&component}; \
  extern "C" ODEON_EXPORT const odeon_plugin odeon_plugin_v1;    \
  const odeon_plugin odeon_plugin_v1 =                           \
      specimen::changed(odeon::make_plugin(specimen::str("specimen"), kComponents), change);

// A plugin that is in order, but for its component.
#define SPECIMEN_COMPONENT(kind, vtable, change)                                               \
  constexpr odeon_component kComponent =                                                       \
      specimen::changed(specimen::component(kind, specimen::str("specimen"), vtable), change); \
  SPECIMEN_PLUGIN(kComponent, [](odeon_plugin&) {})
