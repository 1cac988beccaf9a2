// A number as a message shows it: the shortest text that reads back as the same double.
#pragma once
#include <charconv>
#include <string>

namespace odeon::host {

inline std::string number_text(double x) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, x).ptr};
}

}  // namespace odeon::host
