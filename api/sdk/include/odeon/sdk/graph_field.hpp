// A field that is a graph: the boilerplate of the C table for C++ classes.
#pragma once
#include <odeon/ext/split.h>
#include <odeon/field.h>

#include <memory>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/graph.hpp>
#include <odeon/sdk/plugin.hpp>
#include <optional>
#include <string>
#include <vector>

namespace odeon {

// What a graph field consists of; filled by its maker and constant afterwards.
struct GraphField {
  struct Slot {
    std::string name;
    Shape shape;
    int32_t init = ODEON_INIT_CONSTANT;
    double a = 0, b = 0;
    std::vector<double> values;  // for ODEON_INIT_VALUES
  };
  Shape state_shape;  // without the batch
  Graph graph;        // one INPUT [batch, state…], one output of the same shape
  std::vector<Slot> slots;
  std::vector<std::string> state_names;
  struct Halves {
    Graph implicit_half, explicit_half;
  };
  std::optional<Halves> halves;  // of the form of `graph`, which is their sum (ext/split.h)
};

// A graph field behind the C table's pointer.
class GraphFieldInstance {
 public:
  static odeon_field* create(GraphField field) {
    auto instance = std::make_unique<GraphFieldInstance>();
    instance->field_ = std::move(field);
    for (const GraphField::Slot& s : instance->field_.slots) {
      odeon_parameter_slot slot{};
      slot.struct_size = sizeof slot;
      slot.rank = static_cast<int32_t>(s.shape.size());
      slot.name = to_str(s.name);
      for (size_t i = 0; i < s.shape.size(); ++i) slot.shape[i] = s.shape[i];
      slot.init = s.init;
      slot.a = s.a;
      slot.b = s.b;
      slot.values = s.values.data();
      instance->slots_.push_back(slot);
    }
    for (const odeon_parameter_slot& s : instance->slots_) instance->pointers_.push_back(&s);
    for (const std::string& n : instance->field_.state_names) instance->names_.push_back(to_str(n));
    return reinterpret_cast<odeon_field*>(instance.release());
  }

  // Without `create`, which differs.
  static constexpr odeon_field_api table() {
    odeon_field_api api{};
    api.struct_size = sizeof api;
    api.destroy = destroy;
    api.info = info;
    api.lower = lower;
    api.get_ext = get_ext;
    return api;
  }

 private:
  static GraphFieldInstance& self(odeon_field* field) {
    return *reinterpret_cast<GraphFieldInstance*>(field);
  }
  static void destroy(odeon_field* field) { delete &self(field); }
  static odeon_status info(odeon_field* field, odeon_field_info* out) {
    GraphFieldInstance& i = self(field);
    out->state_rank = static_cast<int32_t>(i.field_.state_shape.size());
    for (size_t d = 0; d < i.field_.state_shape.size(); ++d) out->state_shape[d] = i.field_.state_shape[d];
    out->slots = i.pointers_.data();
    out->n_slots = static_cast<int64_t>(i.pointers_.size());
    out->state_names = i.names_.empty() ? nullptr : i.names_.data();
    return ODEON_OK;
  }
  static odeon_status lower(odeon_field* field, odeon_graph* out) {
    *out = self(field).field_.graph.view();
    return ODEON_OK;
  }
  static odeon_status lower_halves(odeon_field* field, odeon_graph* implicit_half,
                                   odeon_graph* explicit_half) {
    const GraphField::Halves& halves = *self(field).field_.halves;
    *implicit_half = halves.implicit_half.view();
    *explicit_half = halves.explicit_half.view();
    return ODEON_OK;
  }
  static const void* get_ext(odeon_field* field, odeon_str id) {
    static constexpr odeon_field_split_api kSplit{sizeof(odeon_field_split_api), 0, lower_halves};
    return self(field).field_.halves && to_view(id) == ODEON_EXT_FIELD_SPLIT ? &kSplit : nullptr;
  }

  GraphField field_;
  std::vector<odeon_parameter_slot> slots_;
  std::vector<const odeon_parameter_slot*> pointers_;
  std::vector<odeon_str> names_;
};

// Make: GraphField(const Options&, const odeon_field_context&), may throw odeon::Error.
template <auto Make>
class GraphFieldApi {
  static odeon_status create(const odeon_host* host, const odeon_value* options,
                             const odeon_field_context* context, odeon_field** out) {
    return barrier(host, [&] { *out = GraphFieldInstance::create(Make(Options(options), *context)); });
  }

 public:
  static constexpr odeon_field_api table() {
    odeon_field_api api = GraphFieldInstance::table();
    api.create = create;
    return api;
  }
};

}  // namespace odeon
