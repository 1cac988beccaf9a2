// A number as a message shows it: the shortest text that reads back as the same double.
#pragma once
#include <charconv>
#include <string>

namespace odeon::host {

inline std::string number_text(double x) {
  if (x != x) return "nan";  // whose sign says nothing
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

}  // namespace odeon::host
