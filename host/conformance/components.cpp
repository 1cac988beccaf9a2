#include "conformance/components.hpp"

#include <odeon/communicator.h>
#include <odeon/field.h>
#include <odeon/gradient.h>

#include <odeon/sdk/error.hpp>

#include "data/error.hpp"
#include "engine/problem.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

constexpr int kDepth = 4;  // schemas may be recursive

// The first option that breaks a rule of documentation, as "'key' has …".
std::string undocumented(const odeon_option* const* options, int64_t count, int depth) {
  for (int64_t i = 0; i < count && depth < kDepth; ++i) {
    const odeon_option& o = *options[i];
    const std::string key = "'" + std::string(to_view(o.key)) + "'";
    if (to_view(o.doc).empty()) return key + " has no doc";
    if ((o.flags & ODEON_OPTION_REQUIRED) && o.default_yaml.data)
      return key + " is required and has a default, which nobody would see";
    if (const std::string inner = undocumented(o.children, o.n_children, depth + 1); !inner.empty())
      return key + ": " + inner;
  }
  return "";
}

// Two instances, given back in the other order. Throws what comes out of the slots.
template <class Instance, class Create>
void create_twice(const Subject& s, void (*destroy)(Instance*), const Create& create) {
  Instance *first = nullptr, *second = nullptr;
  create(&first);
  create(&second);
  if (!first || !second) throw PluginError(s.name() + ": create returned ODEON_OK and no instance");
  try {
    destroy(second);
    destroy(first);
  } catch (...) {
    throw_escaped(s.name() + ": destroy");
  }
}

// No failure of the plugin, but nothing else can be looked at here.
Finding no_device(const Subject& s, odeon_status status) {
  try {
    check_call(status, s.name());
  } catch (const Error& e) {
    return {Verdict::skip, e.what(), true};
  }
  return skip("");
}

}  // namespace

Finding options_are_documented(const Subject& s) {
  const odeon_component& c = *s.component->descriptor;
  const std::string found = undocumented(c.options, c.n_options, 0);
  if (!found.empty()) return fail(found);
  return c.n_options == 0 ? skip("it has none") : pass(std::to_string(c.n_options));
}

Finding creates(const Subject& s) {
  const ComponentChoice choice = s.choice();
  const odeon_value* options = &choice.options.value();
  switch (s.component->kind) {
    case ODEON_KIND_BACKEND: {
      const auto& api = s.api<odeon_backend_api>();
      odeon_backend* first = nullptr;
      const odeon_status status = call_slot(s.name(), api.create, &host_table(), options, &first);
      if (status == ODEON_E_NO_DEVICE) return no_device(s, status);
      check_call(status, s.name());
      call_release(s.name(), api.destroy, first);
      create_twice(s, api.destroy,
                   [&](auto** out) { call(s.name(), api.create, &host_table(), options, out); });
      break;
    }
    case ODEON_KIND_FIELD: {
      const auto& api = s.api<odeon_field_api>();
      const odeon_field_context context = s.field_context();
      create_twice(s, api.destroy,
                   [&](auto** out) { call(s.name(), api.create, &host_table(), options, &context, out); });
      break;
    }
    case ODEON_KIND_SOLVER: {
      const auto& api = s.api<odeon_solver_api>();
      if (api.tableau) return skip("a tableau has no instances");
      create_twice(s, api.destroy,
                   [&](auto** out) { call(s.name(), api.create, &host_table(), options, out); });
      break;
    }
    case ODEON_KIND_COMMUNICATOR: {
      const auto& api = s.api<odeon_communicator_api>();
      create_twice(s, api.destroy,
                   [&](auto** out) { call(s.name(), api.create, &host_table(), options, out); });
      break;
    }
    default: {
      const auto& api = s.api<odeon_gradient_api>();
      engine_table();  // strategies ask for it
      create_twice(s, api.destroy,
                   [&](auto** out) { call(s.name(), api.create, &host_table(), options, out); });
    }
  }
  return pass("");
}

}  // namespace odeon::host::conformance
