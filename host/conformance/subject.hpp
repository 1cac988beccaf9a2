// The component under check as the process of one check sees it.
#pragma once
#include <odeon/field.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/device.hpp"
#include "experiment/component_handle.hpp"
#include "experiment/config_node.hpp"
#include "loader/registry.hpp"

namespace odeon::host::conformance {

// What the user of the kit says about the plugin.
struct Given {
  std::string path;
  ConfigNode options;          // a map, for `create`
  std::vector<int64_t> state;  // shape of one row, for fields that leave it open; may be empty
  std::string helper;          // library of the backend that the checks compute on
};

struct Subject {
  Registry registry;  // the plugin, the helper, and the kit's own solver
  const LoadedComponent* component;
  Given given;
  int threads_at_start;  // of the process, before anything was loaded

  // Loads both libraries. Throws PluginError.
  static Subject load(const Given& given, int32_t kind, const std::string& id);

  std::string name() const;  // "solver 'dopri5'"
  template <class Api>
  const Api& api() const {
    return *static_cast<const Api*>(component->descriptor->vtable);
  }
  // The options of the schema with those that were given; more: further ones, as YAML "{step_size: 0.1}".
  ComponentChoice choice(const std::string& more = "{}") const;
  // The checked backend, or the helper.
  std::shared_ptr<Backend> open_backend() const;
  // The checked solver, or the kit's classical Runge-Kutta method of order 4, or its steps of order 2 that
  // can be taken back for a strategy that needs such; options as above.
  ComponentChoice solver(const std::string& options) const;
  bool needs_reversible() const;  // it is such a strategy
  odeon_field_context field_context() const;
};

// An installed backend for the checks of other components: one of host memory, with few threads where there
// is a choice. Null when none opens.
const LoadedComponent* find_helper(const Registry& registry);

}  // namespace odeon::host::conformance
