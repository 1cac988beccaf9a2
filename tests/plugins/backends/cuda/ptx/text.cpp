#include "ptx/text.hpp"

#include <cctype>

namespace odeon::ptx {
namespace {

bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
}
bool in_name(char c) { return begins_name(c) || std::isdigit(static_cast<unsigned char>(c)); }

}  // namespace

// What cuModuleLoadData takes ends with its first 0.
Text::Text(const std::string& source) {
  const std::string text = source.c_str();
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines_.push_back(text.substr(begin, end - begin));
    split(lines_.back(), uint32_t(lines_.size()));
    begin = end + 1;
  }
}

void Text::split(const std::string& line, uint32_t number) {
  for (size_t i = 0; i < line.size();) {
    if (std::isspace(static_cast<unsigned char>(line[i]))) {
      ++i;
      continue;
    }
    if (line.compare(i, 2, "//") == 0) return;
    if (line.compare(i, 2, "/*") == 0) fail(number, "a comment of several lines");
    size_t end = i + 1;
    if (line[i] == '"') {
      end = line.find('"', end);
      if (end == std::string::npos) fail(number, "a text without an end");
      ++end;
    } else if (in_name(line[i])) {
      while (end < line.size() && in_name(line[end])) ++end;
    }
    words_.push_back({line.substr(i, end - i), number});
    i = end;
  }
}

std::string Text::place(uint32_t line) const {
  std::string text = line >= 1 && line <= lines_.size() ? lines_[line - 1] : "";
  const size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t\r");
  text = begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
  return "line " + std::to_string(line) + " `" + text + "`";
}

void Text::fail(uint32_t line, const std::string& what) const {
  throw Error("PTX " + place(line) + ": " + what);
}

}  // namespace odeon::ptx
