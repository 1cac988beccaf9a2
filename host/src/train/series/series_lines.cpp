#include "train/series/series_lines.hpp"

#include <cmath>
#include <map>

#include "data/number_text.hpp"
#include "experiment/experiment.hpp"
#include "experiment/literals.hpp"

namespace odeon::host {
namespace {

// Columns 0 and 1 of the lines: which series and times there are, and their places in the order of their
// values.
struct Places {
  std::map<double, int64_t> series, times;

  explicit Places(const Array& lines) {
    const int64_t columns = lines.shape[1];
    for (int64_t r = 0; r < lines.shape[0]; ++r)
      series.emplace(lines.at(r * columns), 0), times.emplace(lines.at(r * columns + 1), 0);
    for (auto* index : {&series, &times})
      for (int64_t next = 0; auto& [value, at] : *index) at = next++;
  }
};

}  // namespace

void read_series_lines(SeriesData& d, const ConfigNode& file) {
  const Array lines = read_array_file(file, "'file'", Missing::nan);
  const int64_t rows = lines.shape[0], columns = lines.shape[1], width = columns - 2;
  const auto fail = [&](const std::string& what) {
    bad(file, "'file': " + resolve_path(file) + ": " + what);
  };
  const auto fail_row = [&](int64_t row, const std::string& what) {
    fail("row " + std::to_string(row) + " of numbers " + what);
  };
  if (width < 1)
    fail("has " + std::to_string(columns) +
         " columns; give those of the series, the time, and one or more numbers");
  for (int64_t r = 0; r < rows; ++r)
    if (std::isnan(lines.at(r * columns)) || std::isnan(lines.at(r * columns + 1)))
      fail_row(r, "has no series or no time; give both, or remove the row");
  Places places(lines);
  for (const auto& [t, at] : places.times) d.times.push_back(t);
  if (d.times.size() < 2) fail("has one time; give two or more");
  d.values = Array::zeros(ODEON_F64, {std::ssize(places.series), std::ssize(d.times), width});
  for (int64_t i = 0; i < d.values.size(); ++i) d.values.set(i, std::nan(""));
  std::vector<bool> seen(places.series.size() * d.times.size(), false);
  for (int64_t r = 0; r < rows; ++r) {
    const double series = lines.at(r * columns), t = lines.at(r * columns + 1);
    const int64_t at = d.at(places.series[series], places.times[t]);
    if (seen[size_t(at / width)])
      fail_row(r, "has the series " + number_text(series) + " and the time " + number_text(t) +
                      " of another row; remove one");
    seen[size_t(at / width)] = true;
    for (int64_t k = 0; k < width; ++k) d.values.set(at + k, lines.at(r * columns + 2 + k));
  }
}

}  // namespace odeon::host
