#include "loader/descriptor_rules.hpp"

#include <odeon/communicator.h>
#include <odeon/gradient.h>

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <odeon/sdk/error.hpp>
#include <set>

#include "data/error.hpp"
#include "experiment/option_binding.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {
namespace {

// 1.0 sizes: what a reader may rely on. They never change, whatever the headers grow to.
constexpr uint32_t kPluginSize = 96, kComponentSize = 112, kOptionSize = 128, kBackendSize = 136,
                   kFieldSize = 72, kSolverSize = 96, kTableauSize = 64, kGradientSize = 48,
                   kCommunicatorSize = 64;
static_assert(sizeof(odeon_plugin) >= kPluginSize && sizeof(odeon_component) >= kComponentSize);

constexpr const char* kRebuild = "rebuild the plugin with the headers of this Odeon";

bool good_id(odeon_str id) {
  if (!id.data || id.size < 1 || id.size > 64 || id.data[0] < 'a' || id.data[0] > 'z') return false;
  for (int64_t i = 0; i < id.size; ++i) {
    const char c = id.data[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

Broken too_small(const std::string& what, uint32_t size, uint32_t least) {
  return {what + " must be at least " + std::to_string(least) + " bytes",
          "struct_size " + std::to_string(size), kRebuild};
}

Broken missing(const std::string& slots) {
  return {"these slots are required: " + slots, "at least one that is NULL", "fill them in"};
}

// Absent, or a length that a reader can trust.
Broken check_text(odeon_str text, const std::string& what) {
  constexpr int64_t kLongest = 1 << 20;
  if (text.data ? text.size >= 0 && text.size <= kLongest : text.size == 0) return {};
  return {"a text has data and a length to match", what + " of length " + std::to_string(text.size),
          "use ODEON_STR, or ODEON_NO_STR for an absent one"};
}

Broken check_texts(std::initializer_list<std::pair<const char*, odeon_str>> texts) {
  for (const auto& [what, text] : texts)
    if (const Broken b = check_text(text, what)) return b;
  return {};
}

Broken check_option(const odeon_option& o, int depth);

// The default goes the way of a value from a configuration; one that names a component depends on what is
// installed and is checked when it is used.
Broken check_default(const odeon_option& o) {
  if (!o.default_yaml.data || o.type >= ODEON_OPTION_COMPONENT) return {};
  try {
    bind_options({&o}, ConfigNode{}, {nullptr, "this plugin's", {}});
    return {};
  } catch (const ConfigError& e) {
    return {"a default obeys the option's own schema", e.what(), "correct the default"};
  }
}

Broken check_options(const odeon_option* const* options, int64_t count, int depth) {
  std::set<std::string> keys;
  if (count < 0 || count > 4096 || (count > 0 && !options))
    return {"options must be an array of n_options pointers", "n_options " + std::to_string(count),
            "correct the table"};
  for (int64_t i = 0; i < count; ++i) {
    if (!options[i])
      return {"options must not be NULL", "entry " + std::to_string(i) + " is NULL", "correct the table"};
    if (const Broken b = check_option(*options[i], depth)) return b;
    if (!keys.insert(std::string(to_view(options[i]->key))).second)
      return {"option keys are unique", "'" + std::string(to_view(options[i]->key)) + "' twice",
              "rename one"};
  }
  return {};
}

Broken check_option(const odeon_option& o, int depth) {
  if (o.struct_size < kOptionSize) return too_small("an option", o.struct_size, kOptionSize);
  if (const Broken b =
          check_texts({{"key", o.key}, {"default_yaml", o.default_yaml}, {"unit", o.unit}, {"doc", o.doc}}))
    return b;
  const std::string key(to_view(o.key));
  if (key.empty()) return {"every option has a key", "an empty one", "name it"};
  if (o.type < ODEON_OPTION_BOOL || o.type > ODEON_OPTION_TREE)
    return {"option types are those of options.h", "type " + std::to_string(o.type) + " of '" + key + "'",
            kRebuild};
  if ((o.type == ODEON_OPTION_CHOICE || o.type == ODEON_OPTION_COMPONENT) && (o.n_choices < 1 || !o.choices))
    return {"a choice names its choices", "none for '" + key + "'", "list them"};
  for (int64_t i = 0; i < o.n_choices; ++i)
    if (const Broken b = check_text(o.choices[i], "choice")) return b;
  if (!(o.minimum <= o.maximum))
    return {"an option's minimum is not above its maximum",
            std::to_string(o.minimum) + " and " + std::to_string(o.maximum) + " for '" + key + "'",
            "correct the range"};
  if (const Broken b = check_default(o)) return b;
  constexpr int kDepth =
      4;  // schemas may be recursive (layers inside layers); this many levels are looked at
  return depth > kDepth ? Broken{} : check_options(o.children, o.n_children, depth + 1);
}

// The explicit companion of an additive method.
Broken check_companion(const odeon_tableau& t) {
  const auto a = [&](int i, int j) { return t.a[i * t.stages + j]; };
  const auto e = [&](int i, int j) { return t.a_explicit[i * t.stages + j]; };
  bool solves = false;
  for (int32_t i = 0; i < t.stages; ++i) {
    double sum = 0;
    for (int32_t j = 0; j < t.stages; ++j) {
      if ((j > i && a(i, j) != 0) || (j >= i && e(i, j) != 0))
        return {"a_explicit is strictly lower triangular, and a beside it is lower triangular",
                "another entry in row " + std::to_string(i), "correct it, or leave a_explicit out"};
      sum += e(i, j);
    }
    if (!(std::abs(sum - t.c[i]) < 1e-10))
      return {
          "row i of a_explicit sums to c[i]",
          "row " + std::to_string(i) + " sums to " + std::to_string(sum) + ", c is " + std::to_string(t.c[i]),
          "check the coefficients against the paper"};
    solves |= a(i, i) != 0;
  }
  if (!solves)
    return {"a_explicit stands beside an implicit a", "an a without a diagonal", "leave a_explicit out"};
  return {};
}

Broken check_tableau(const odeon_tableau& t) {
  if (t.struct_size < kTableauSize) return too_small("a tableau", t.struct_size, kTableauSize);
  constexpr int kMaxStages = 64;
  if (t.stages < 1 || t.stages > kMaxStages || !t.a || !t.b || !t.c)
    return {"a tableau has 1 to 64 stages and a, b, c", std::to_string(t.stages) + " stages", "correct it"};
  if (t.order < 1 || t.order > 20)
    return {"a tableau states its order", std::to_string(t.order), "correct it"};
  double weights = 0;
  for (int32_t i = 0; i < t.stages; ++i) {
    double sum = 0;
    for (int32_t j = 0; j < t.stages; ++j) sum += t.a[i * t.stages + j];
    if (!(std::abs(sum - t.c[i]) < 1e-10))
      return {
          "row i of a sums to c[i]",
          "row " + std::to_string(i) + " sums to " + std::to_string(sum) + ", c is " + std::to_string(t.c[i]),
          "check the coefficients against the paper"};
    weights += t.b[i];
  }
  if (!(std::abs(weights - 1) < 1e-10))
    return {"b sums to 1", std::to_string(weights), "check the coefficients"};
  return ODEON_HAS(&t, a_explicit) && t.a_explicit ? check_companion(t) : Broken{};
}

// Of a solver that takes steps by code.
Broken check_stepping(const odeon_solver_api& v) {
  const bool estimates = v.capabilities & ODEON_SOLVER_ESTIMATES,
             own = v.capabilities & ODEON_SOLVER_OWN_STEPS;
  if (v.order < 1 || v.order > 20 || v.first_order < 0 || v.first_order > v.order)
    return {"a solver states its order, from 1 to 20, and a first_order not above it",
            std::to_string(v.order) + " and " + std::to_string(v.first_order), "correct it"};
  if (estimates && own)
    return {"either the host controls the steps or the solver does", "ESTIMATES together with OWN_STEPS",
            "keep one of the capabilities"};
  if (estimates && !v.accept)
    return {"a solver with ESTIMATES has accept, because the host may reject its step", "NULL", "fill it in"};
  return {};
}

template <class Api>
const Api& as(const void* vtable) {
  return *static_cast<const Api*>(vtable);
}

Broken check_vtable(const odeon_component& c) {
  const uint32_t size = *static_cast<const uint32_t*>(c.vtable);
  switch (c.kind) {
    case ODEON_KIND_BACKEND: {
      if (size < kBackendSize) return too_small("odeon_backend_api", size, kBackendSize);
      const auto& v = as<odeon_backend_api>(c.vtable);
      const bool all = v.create && v.destroy && v.info && v.queue_create && v.queue_destroy && v.queue_wait &&
                       v.alloc && v.release && v.copy && v.fill && v.lincomb && v.error_norm && v.reduce &&
                       v.dot && v.select;
      return all ? Broken{} : missing("all of odeon_backend_api but get_ext");
    }
    case ODEON_KIND_FIELD: {
      if (size < kFieldSize) return too_small("odeon_field_api", size, kFieldSize);
      const auto& v = as<odeon_field_api>(c.vtable);
      return v.create && v.destroy && v.info && (v.lower || v.eval)
                 ? Broken{}
                 : missing("create, destroy, info, and lower or eval");
    }
    case ODEON_KIND_SOLVER: {
      if (size < kSolverSize) return too_small("odeon_solver_api", size, kSolverSize);
      const auto& v = as<odeon_solver_api>(c.vtable);
      if (v.tableau) return check_tableau(*v.tableau);
      if (!(v.create && v.destroy && v.start && v.step))
        return missing("tableau, or create, destroy, start and step");
      return check_stepping(v);
    }
    case ODEON_KIND_COMMUNICATOR: {
      if (size < kCommunicatorSize) return too_small("odeon_communicator_api", size, kCommunicatorSize);
      const auto& v = as<odeon_communicator_api>(c.vtable);
      return v.create && v.destroy && v.info && v.sum && v.broadcast && v.barrier && v.abort
                 ? Broken{}
                 : missing("all of odeon_communicator_api");
    }
    default: {
      if (size < kGradientSize) return too_small("odeon_gradient_api", size, kGradientSize);
      const auto& v = as<odeon_gradient_api>(c.vtable);
      return v.create && v.destroy && v.forward && v.backward && v.tape_destroy
                 ? Broken{}
                 : missing("all of odeon_gradient_api");
    }
  }
}

}  // namespace

Broken check_plugin(const odeon_plugin& p) {
  if (p.struct_size < kPluginSize) return too_small("odeon_plugin", p.struct_size, kPluginSize);
  if (p.magic != ODEON_PLUGIN_MAGIC)
    return {"the magic number must be ODEON_PLUGIN_MAGIC", std::to_string(p.magic),
            "this is not an Odeon plugin, or it is damaged"};
  if (p.abi_major != ODEON_ABI_MAJOR)
    return {"the ABI major must be " + std::to_string(ODEON_ABI_MAJOR), std::to_string(p.abi_major),
            kRebuild};
  if (p.need_host_minor > ODEON_ABI_MINOR)
    return {"this host offers ABI minor " + std::to_string(ODEON_ABI_MINOR),
            "a plugin that needs " + std::to_string(p.need_host_minor), "update Odeon"};
  if (const Broken b = check_text(p.version, "version")) return b;
  if (!good_id(p.id))
    return {"plugin ids match [a-z][a-z0-9_]*", "'" + std::string(to_view(p.id)) + "'", "rename it"};
  if (p.n_components < 1 || p.n_components > 4096 || !p.components)
    return {"a plugin has components", std::to_string(p.n_components), "list them"};
  for (int64_t i = 0; i < p.n_components; ++i) {
    if (!p.components[i])
      return {"components must not be NULL", "entry " + std::to_string(i), "correct the table"};
    if (const Broken b = check_component(*p.components[i])) return b;
  }
  return {};
}

Broken check_component(const odeon_component& c) {
  if (c.struct_size < kComponentSize) return too_small("odeon_component", c.struct_size, kComponentSize);
  if (!is_kind(c.kind)) return {"the kind is " + kinds_text(), std::to_string(c.kind), kRebuild};
  if (!good_id(c.id))
    return {"component ids match [a-z][a-z0-9_]*", "'" + std::string(to_view(c.id)) + "'", "rename it"};
  if (const Broken b = check_texts(
          {{"version", c.version}, {"title", c.title}, {"summary", c.summary}, {"licence", c.licence}}))
    return b;
  if (!c.vtable) return {"a component has a vtable", "NULL", "set it"};
  if (const Broken b = check_options(c.options, c.n_options, 0)) return b;
  return check_vtable(c);
}

}  // namespace odeon::host
