// A line of text by a printf format; shorter than 256 characters.
#pragma once
#include <cstdio>
#include <string>

namespace odeon::host {

std::string text_line(const char* format, auto... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

}  // namespace odeon::host
