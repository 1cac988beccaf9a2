#include "experiment/scalars.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/error.hpp"
#include "data/nearest.hpp"

namespace odeon::host {

bool parse_real(const std::string& text, double& out) {
  std::string t = text;
  if (t.starts_with('+') && !t.starts_with("+-")) t.erase(0, 1);
  const bool negative = !t.empty() && t[0] == '-';
  const std::string magnitude = negative ? t.substr(1) : t;
  if (magnitude == ".inf" || magnitude == ".Inf" || magnitude == "inf") {
    out = negative ? -INFINITY : INFINITY;
    return true;
  }
  const auto [end, error] = std::from_chars(t.data(), t.data() + t.size(), out);
  return error == std::errc() && end == t.data() + t.size() && std::isfinite(out);
}

bool parse_integer(const std::string& text, int64_t& out) {
  const char* from = text.data() + (text.starts_with('+') && !text.starts_with("+-"));
  const auto [end, error] = std::from_chars(from, text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

namespace {
// A number as it is written, but beyond its type.
template <class Number>
bool is_beyond(const ConfigNode& node) {
  Number value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [at, error] = std::from_chars(node.text.data(), end, value);
  return !node.quoted && error == std::errc::result_out_of_range && at == end;
}
}  // namespace

double read_real(const ConfigNode& node, const std::string& what) {
  double value = 0;
  if (node.kind != ConfigNode::Kind::scalar || node.quoted || !parse_real(node.text, value))
    bad(node, what + " must be a number" + (is_beyond<double>(node) ? " that a double can hold" : "") +
                  "; found " + describe(node));
  return value;
}

int64_t read_integer(const ConfigNode& node, const std::string& what) {
  int64_t value = 0;
  if (node.kind != ConfigNode::Kind::scalar || node.quoted || !parse_integer(node.text, value))
    bad(node, what + " must be a whole number" + (is_beyond<int64_t>(node) ? " between -2^63 and 2^63" : "") +
                  "; found " + describe(node));
  return value;
}

bool read_boolean(const ConfigNode& node, const std::string& what) {
  if (node.kind == ConfigNode::Kind::scalar && !node.quoted && (node.text == "true" || node.text == "false"))
    return node.text == "true";
  bad(node, what + " must be true or false; found " + describe(node));
}

const std::string& read_text(const ConfigNode& node, const std::string& what) {
  if (node.kind != ConfigNode::Kind::scalar) bad(node, what + " must be text; found " + describe(node));
  return node.text;
}

size_t read_choice(const ConfigNode& node, const std::string& what, const std::vector<std::string>& words) {
  const std::string& text = read_text(node, what);
  const auto at = std::find(words.begin(), words.end(), text);
  if (at == words.end())
    bad(node,
        what + " must be one of " + joined(words) + "; found '" + text + "'" + did_you_mean(text, words));
  return static_cast<size_t>(at - words.begin());
}

}  // namespace odeon::host
