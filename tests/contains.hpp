#pragma once
#include <doctest/doctest.h>

#include <string>

namespace odeon::test {

inline bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE("'", part, "' is not in:\n", text);
  return found;
}

}  // namespace odeon::test
