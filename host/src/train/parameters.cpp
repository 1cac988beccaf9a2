#include "train/parameters.hpp"

#include <algorithm>

#include "engine/device_arrays.hpp"

namespace odeon::host {

Value Parameters::add(GraphBuilder& graph, const std::string& name, const Shape& shape, int32_t init,
                      double a, double b) {
  slots.push_back({name, shape, init, a, b, {}});
  const Value v = graph.parameter(count, shape);
  count += row_elements(shape);
  return v;
}

void Parameters::add(const Field& field, const std::string& prefix) {
  const odeon_field_info& info = field.info();
  for (int64_t k = 0; k < info.n_slots; ++k) {
    const odeon_parameter_slot& s = *info.slots[k];
    GraphField::Slot slot{
        prefix + std::string(to_view(s.name)), Shape(s.shape, s.shape + s.rank), s.init, s.a, s.b, {}};
    if (s.values) slot.values.assign(s.values, s.values + row_elements(slot.shape));
    slots.push_back(std::move(slot));
  }
  count += field.parameter_count();
}

ParameterSet draw_parameters(std::span<const GraphField::Slot> slots, int32_t dtype, uint64_t seed) {
  std::vector<odeon_parameter_slot> abi_slots;
  std::vector<const odeon_parameter_slot*> pointers;
  for (const GraphField::Slot& s : slots) {
    odeon_parameter_slot slot{};
    slot.struct_size = sizeof slot;
    slot.rank = static_cast<int32_t>(s.shape.size());
    slot.name = to_str(s.name);
    std::copy(s.shape.begin(), s.shape.end(), slot.shape);
    slot.init = s.init, slot.a = s.a, slot.b = s.b, slot.values = s.values.data();
    abi_slots.push_back(slot);
  }
  for (const auto& s : abi_slots) pointers.push_back(&s);
  return initial_parameters(pointers, dtype, seed);
}

DeviceParameters::DeviceParameters(std::shared_ptr<Backend> backend, const Array& flat)
    : theta(backend, flat.dtype, flat.shape), gradient(backend, flat.dtype, flat.shape) {
  upload(*backend, theta.view, flat);
}

odeon_tensor part_of(const odeon_tensor& flat, int64_t offset, int64_t count) {
  return make_tensor(static_cast<char*>(flat.data) + offset * dtype_bytes(flat.dtype), flat.dtype, {count});
}

std::vector<int64_t> with_rows(const Shape& shape, int64_t rows) {
  std::vector<int64_t> out = shape;
  for (int64_t& d : out) d = d == ODEON_BATCH ? rows : d;
  return out;
}

}  // namespace odeon::host
