// The plugins of api/template as what specimens depart from: included behind this, they export nothing.
#pragma once
#include <odeon/sdk/plugin.hpp>

#undef ODEON_PLUGIN_SINGLE
#define ODEON_PLUGIN_SINGLE(component)

// The last arguments: the options, if any.
#define SPECIMEN_EXPORT(kind, api, ...)                                                                  \
  namespace {                                                                                            \
  constexpr odeon_component kSpecimen = odeon::make_component(                                           \
      kind, {odeon::str("specimen"), odeon::str("A specimen"), odeon::str("For the tests of the kit.")}, \
      &api __VA_OPT__(,) __VA_ARGS__);                                                                  \
  constexpr const odeon_component* kSpecimens[] = {&kSpecimen};                                          \
  }                                                                                                      \
  extern "C" ODEON_EXPORT const odeon_plugin odeon_plugin_v1;                                            \
  const odeon_plugin odeon_plugin_v1 = odeon::make_plugin(odeon::str("specimen"), kSpecimens);
