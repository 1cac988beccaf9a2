// Components and the exported constant, from C++.
#pragma once
#include <odeon/plugin.h>

#include <odeon/sdk/options.hpp>

namespace odeon {

// Texts of a component, for describe and the plugin table.
struct About {
  odeon_str id, title, summary;
  odeon_str version = str("1.0.0");
  odeon_str licence = str("Apache-2.0");
};

constexpr odeon_component make_component(int32_t kind, const About& about, const void* vtable) {
  odeon_component c{};
  c.struct_size = sizeof(odeon_component);
  c.kind = kind;
  c.id = about.id;
  c.version = about.version;
  c.title = about.title;
  c.summary = about.summary;
  c.licence = about.licence;
  c.vtable = vtable;
  return c;
}
template <size_t N>
constexpr odeon_component make_component(int32_t kind, const About& about, const void* vtable,
                                         const odeon_option* const (&options)[N]) {
  odeon_component c = make_component(kind, about, vtable);
  c.options = options;
  c.n_options = N;
  return c;
}

template <size_t N>
constexpr odeon_plugin make_plugin(odeon_str id, const odeon_component* const (&components)[N]) {
  odeon_plugin p{};
  p.struct_size = sizeof(odeon_plugin);
  p.abi_major = ODEON_ABI_MAJOR;
  p.magic = ODEON_PLUGIN_MAGIC;
  p.abi_minor = ODEON_ABI_MINOR;
  p.need_host_minor = 0;
  p.id = id;
  p.version = str("1.0.0");
  p.components = components;
  p.n_components = N;
  return p;
}

}  // namespace odeon

// Exports one component as a plugin of the same id. Use once, at namespace scope.
#define ODEON_PLUGIN_SINGLE(component)                                \
  namespace {                                                         \
  constexpr const odeon_component* kOdeonComponents[] = {&component}; \
  }                                                                   \
  extern "C" ODEON_EXPORT const odeon_plugin odeon_plugin_v1;         \
  const odeon_plugin odeon_plugin_v1 = odeon::make_plugin(component.id, kOdeonComponents);
