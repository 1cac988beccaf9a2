#include "data/csv.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "data/atomic_file.hpp"
#include "data/error.hpp"

namespace odeon::host {
namespace {

std::string_view trimmed(std::string_view s) {
  const size_t from = s.find_first_not_of(" \t\r"), to = s.find_last_not_of(" \t\r");
  return from == s.npos ? "" : s.substr(from, to - from + 1);
}

// The text before the next separator, which goes with it; `rest` keeps what follows.
std::string_view next(std::string_view& rest, char separator) {
  const size_t at = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return part;
}

enum class Cell { number, missing, not_finite, word };

Cell read_cell(std::string_view cell, double& value) {
  value = std::numeric_limits<double>::quiet_NaN();
  if (cell.empty()) return Cell::missing;
  if (cell.starts_with('+')) cell.remove_prefix(1);
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (end != cell.data() + cell.size() || error == std::errc::invalid_argument) return Cell::word;
  if (error == std::errc() && std::isnan(value)) return Cell::missing;
  return error == std::errc() && std::isfinite(value) ? Cell::number : Cell::not_finite;
}

std::string rule_of(std::string_view wrong) {
  const bool other = wrong.find_first_of("; \t") != wrong.npos;
  return "every cell must be a finite number; found " + std::string(wrong.empty() ? "nothing" : wrong) +
         (other ? " (columns are separated by commas)" : "");
}

}  // namespace

Array parse_csv(std::string_view text, const std::string& name, Missing missing) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<double> values;
  int64_t line = 0, rows = 0, columns = 0;
  const auto bad = [&](const std::string& what) {
    throw RunError(name + ":" + std::to_string(line) + ": " + what);
  };
  while (!text.empty()) {
    ++line;
    std::string_view rest = trimmed(next(text, '\n'));
    if (rest.empty()) continue;
    const size_t before = values.size();
    std::optional<std::string_view> wrong;
    bool names = false, numbers = false;
    for (bool more = true; more;) {
      more = rest.find(',') != rest.npos;
      const std::string_view cell = trimmed(next(rest, ','));
      double value = 0;
      const Cell kind = read_cell(cell, value);
      names |= kind == Cell::word;
      numbers |= kind == Cell::number || kind == Cell::not_finite;
      if (kind != Cell::number && !(kind == Cell::missing && missing == Missing::nan) && !wrong) wrong = cell;
      values.push_back(value);
    }
    if (line == 1 && names && !numbers) {
      values.clear();
      continue;
    }
    if (wrong) bad(rule_of(*wrong));
    const int64_t here = static_cast<int64_t>(values.size() - before);
    if (rows++ == 0) columns = here;
    if (here != columns)
      bad("every line must have as many numbers as the first, " + std::to_string(columns) + "; found " +
          std::to_string(here));
  }
  if (rows == 0) throw RunError(name + ": holds no row of numbers");
  return Array::of(values, {rows, columns});
}

Array read_csv(const std::string& path, Missing missing) {
  const std::vector<std::byte> bytes = read_file(path);
  return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, missing);
}

}  // namespace odeon::host
