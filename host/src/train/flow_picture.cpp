#include "train/flow_picture.hpp"

#include <algorithm>
#include <cmath>

#include "report/svg_plot.hpp"

namespace odeon::host {
namespace {

constexpr int64_t kCells = 80, kShownSamples = 1000;
constexpr double kLeft = 70, kTop = 56, kWidth = 300, kGap = 76;

std::vector<double> column(const FlowData& data, int64_t i) {
  std::vector<double> out;
  for (int64_t r = 0; r < data.train.shape[0]; ++r)
    out.push_back(data.in_data_units(data.train, r)[size_t(i)]);
  return out;
}

// Centres of the cells, row by row from below.
Array centres(plot::Range x, plot::Range y) {
  const auto centre = [](plot::Range r, int64_t cell) {
    return r.low + (r.high - r.low) * (static_cast<double>(cell) + 0.5) / kCells;
  };
  Array out = Array::zeros(ODEON_F64, {kCells * kCells, 2});
  for (int64_t k = 0; k < kCells * kCells; ++k)
    out.set(2 * k, centre(x, k % kCells)), out.set(2 * k + 1, centre(y, k / kCells));
  return out;
}

std::vector<plot::Dot> dots(const Array& points) {
  std::vector<plot::Dot> out;
  for (int64_t r = 0; r < std::min(points.shape[0], kShownSamples); ++r)
    out.push_back({points.at(2 * r), points.at(2 * r + 1)});
  return out;
}

}  // namespace

std::string flow_picture(const FlowData& data, const Array& samples,
                         const std::function<std::vector<double>(const Array&)>& density) {
  const std::vector<plot::Curve> seen{{"", column(data, 0), column(data, 1), {}}};
  const plot::Range x = plot::range_of(seen, true), y = plot::range_of(seen, false);
  const Array points = centres(x, y);
  const std::vector<double> found = density(points);
  std::vector<double> truth;
  for (int64_t k = 0; data.log_density && k < points.shape[0]; ++k)
    truth.push_back(std::exp(data.log_density({points.at(2 * k), points.at(2 * k + 1)})));
  double most = *std::max_element(found.begin(), found.end());
  if (!truth.empty()) most = std::max(most, *std::max_element(truth.begin(), truth.end()));

  const double height = kWidth * std::clamp((y.high - y.low) / (x.high - x.low), 0.5, 1.2);
  plot::Figure figure{0, kTop + height + 56, {}};
  const auto add = [&](const std::string& title) -> plot::Panel& {
    const double left = kLeft + static_cast<double>(figure.panels.size()) * (kWidth + kGap);
    figure.width = left + kWidth + 24;
    plot::Panel& p = figure.panels.emplace_back();
    p.frame = {left, kTop, kWidth, height};
    p.title = title, p.x_label = "x₁", p.y_label = figure.panels.size() == 1 ? "x₂" : "";
    p.x_range = x, p.y_range = y;
    return p;
  };
  if (!truth.empty()) add("True density").cells = {kCells, kCells, most, truth};
  add("Density of the flow").cells = {kCells, kCells, most, found};
  if (samples.shape[0] > 0) add("Samples of the flow").dots = dots(samples);
  return plot::to_svg(figure);
}

}  // namespace odeon::host
