// A parameter that no weights file can name.
#include "spring.hpp"

namespace {
struct Nameless : specimen::Spring {
  using Spring::Spring;
  void info(odeon_field_info& out) const {
    static constexpr odeon_parameter_slot kSlot = [] {
      odeon_parameter_slot slot{};
      slot.struct_size = sizeof slot;
      return slot;
    }();
    static constexpr const odeon_parameter_slot* kSlots[] = {&kSlot};
    Spring::info(out);
    out.slots = kSlots;
  }
};
}  // namespace

SPECIMEN_SPRING(Nameless)
