// What the elements of a row's state are called: as the field says, else y0, y1, … in C order.
#pragma once
#include "engine/field_program.hpp"

namespace odeon::host {

inline std::vector<std::string> state_names(const Field& field) {
  int64_t n = 1;
  for (int64_t d : field.state_shape()) n *= d;
  std::vector<std::string> names;
  for (int64_t i = 0; i < n; ++i)
    names.push_back(field.info().state_names ? std::string(to_view(field.info().state_names[i]))
                                             : "y" + std::to_string(i));
  return names;
}

}  // namespace odeon::host
