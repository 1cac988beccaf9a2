// Kinds of component as the configuration names them.
#pragma once
#include <odeon/plugin.h>

#include <iterator>
#include <string>
#include <string_view>

namespace odeon::host {

inline constexpr std::string_view kKindNames[] = {"backend", "field", "solver", "gradient", "communicator"};
inline constexpr int32_t kKinds[] = {ODEON_KIND_BACKEND, ODEON_KIND_FIELD, ODEON_KIND_SOLVER,
                                     ODEON_KIND_GRADIENT, ODEON_KIND_COMMUNICATOR};

inline bool is_kind(int32_t kind) { return kind >= 1 && kind <= std::ssize(kKinds); }

inline std::string kind_name(int32_t kind) {
  return is_kind(kind) ? std::string(kKindNames[kind - 1]) : "kind " + std::to_string(kind);
}
// "backend, field, … or communicator"
inline std::string kinds_text() {
  std::string text;
  for (int32_t kind : kKinds)
    text += (kind == 1 ? "" : kind < std::ssize(kKinds) ? ", " : " or ") + kind_name(kind);
  return text;
}
// 0 for a word that is no kind.
inline int32_t kind_of(std::string_view name) {
  for (int32_t kind : kKinds)
    if (kKindNames[kind - 1] == name) return kind;
  return 0;
}

}  // namespace odeon::host
