#include "train/series/sequences.hpp"

#include <algorithm>

namespace odeon::host {
namespace {

Sequences empty_sequences(const SeriesData& d, int64_t rows, bool gaps, int32_t dtype) {
  const int64_t steps = d.most_observed();
  return {Array::zeros(dtype, {steps, rows, d.width() + gaps}), Array::zeros(dtype, {steps, rows, 1})};
}

// Step k of row r reads `point` of series n; gap: to what is read next.
void put_step(Sequences& s, const SeriesData& d, int64_t k, int64_t r, int64_t n, int64_t point, double gap) {
  const int64_t width = s.inputs.shape[2], at = k * s.inputs.shape[1] + r;
  for (int64_t i = 0; i < d.width(); ++i) s.inputs.set(at * width + i, d.values.at(d.at(n, point) + i));
  if (width > d.width()) s.inputs.set(at * width + d.width(), gap);
  s.mask.set(at, 1);
}

void put_target(Targets& t, const SeriesData& d, int64_t at, int64_t n, int64_t point) {
  for (int64_t i = 0; i < d.width(); ++i) t.values.set(at * d.width() + i, d.values.at(d.at(n, point) + i));
  t.weight.set(at, 1);
  t.count += d.width();
}

Targets empty_targets(const SeriesData& d, int64_t rows, int32_t dtype) {
  return {Array::zeros(dtype, {rows, d.width()}), Array::zeros(dtype, {rows, 1}), 0};
}

}  // namespace

Sequences read_backwards(const SeriesData& d, std::span<const int64_t> series, bool gaps, int32_t dtype) {
  const int64_t rows = static_cast<int64_t>(series.size());
  Sequences s = empty_sequences(d, rows, gaps, dtype);
  for (int64_t r = 0; r < rows; ++r) {
    const std::vector<int64_t>& points = d.observed[size_t(series[size_t(r)])];
    const size_t count = points.size();
    for (size_t k = 0; k < count; ++k) {
      const size_t i = count - 1 - k;
      const double before = d.times[i > 0 ? size_t(points[i - 1]) : 0];
      put_step(s, d, static_cast<int64_t>(k), r, series[size_t(r)], points[i],
               d.times[size_t(points[i])] - before);
    }
  }
  return s;
}

Sequences read_forwards(const SeriesData& d, std::span<const int64_t> series, bool gaps, int32_t dtype) {
  const int64_t rows = static_cast<int64_t>(series.size());
  Sequences s = empty_sequences(d, rows, gaps, dtype);
  for (int64_t r = 0; r < rows; ++r) {
    const std::vector<int64_t>& points = d.observed[size_t(series[size_t(r)])];
    for (size_t k = 0; k < points.size(); ++k) {
      const double here = d.times[size_t(points[k])];
      double next = here;
      if (k + 1 < points.size())
        next = d.times[size_t(points[k + 1])];
      else if (d.window < d.points())
        next = d.times[size_t(d.window)];
      put_step(s, d, static_cast<int64_t>(k), r, series[size_t(r)], points[k], next - here);
    }
  }
  return s;
}

Targets observed_targets(const SeriesData& d, std::span<const int64_t> series, int32_t dtype) {
  const int64_t rows = static_cast<int64_t>(series.size());
  Targets t = empty_targets(d, d.window * rows, dtype);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t point : d.observed[size_t(series[size_t(r)])])
      put_target(t, d, point * rows + r, series[size_t(r)], point);
  return t;
}

Targets next_targets(const SeriesData& d, std::span<const int64_t> series, int32_t dtype) {
  const int64_t rows = static_cast<int64_t>(series.size());
  Targets t = empty_targets(d, d.most_observed() * rows, dtype);
  for (int64_t r = 0; r < rows; ++r) {
    const std::vector<int64_t>& points = d.observed[size_t(series[size_t(r)])];
    for (size_t k = 0; k + 1 < points.size(); ++k)
      put_target(t, d, static_cast<int64_t>(k) * rows + r, series[size_t(r)], points[k + 1]);
  }
  return t;
}

}  // namespace odeon::host
