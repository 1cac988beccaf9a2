// Kinds of component as the configuration names them.
#pragma once
#include <odeon/plugin.h>

#include <string>
#include <string_view>

namespace odeon::host {

inline constexpr std::string_view kKindNames[] = {"backend", "field", "solver", "gradient"};

inline std::string kind_name(int32_t kind) {
  return kind >= 1 && kind <= 4 ? std::string(kKindNames[kind - 1]) : "kind " + std::to_string(kind);
}
// 0 for a word that is no kind.
inline int32_t kind_of(std::string_view name) {
  for (int32_t k = 0; k < 4; ++k)
    if (kKindNames[k] == name) return k + 1;
  return 0;
}

}  // namespace odeon::host
