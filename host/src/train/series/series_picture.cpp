#include "train/series/series_picture.hpp"

#include <algorithm>
#include <cmath>

#include "report/svg_plot.hpp"

namespace odeon::host {
namespace {

// Of Okabe and Ito's palette, which colour-blind readers tell apart.
const plot::Style kTruth{"#999999", 4, false}, kWithin{"#0072b2", 1.8, false}, kBeyond{"#d55e00", 1.8, true};

// Of points [from, to) of series n of an array [.., T, D], those that have a value: one of the D numbers
// against another, or against time where x is -1.
plot::Curve curve_of(const SeriesData& d, const Array& a, int64_t n, int64_t x, int64_t y, int64_t from,
                     int64_t to) {
  plot::Curve c;
  for (int64_t i = from; i < to; ++i) {
    const int64_t at = (n * d.points() + i) * d.width();
    if (!std::isfinite(a.at(at + y))) continue;
    c.x.push_back(x < 0 ? d.times[size_t(i)] : a.at(at + x));
    c.y.push_back(a.at(at + y));
  }
  return c;
}

plot::Panel panel_of(const SeriesData& d, const Array& predictions, int64_t first, int64_t n,
                     plot::Frame frame) {
  const bool plane = d.width() == 2;
  const int64_t x = plane ? 0 : -1, y = plane ? 1 : 0;
  plot::Panel p{frame, "", plane ? "x₁" : "t", plane ? "x₂" : "x₁", {}, {}, {}};
  const auto add = [&](const char* label, const Array& a, int64_t series, int64_t from, int64_t to,
                       const plot::Style& style) {
    plot::Curve c = curve_of(d, a, series, x, y, from, to);
    c.label = label, c.style = style;
    p.curves.push_back(std::move(c));
  };
  add("truth", d.truth, first + n, 0, d.points(), kTruth);
  add("prediction, window", predictions, n, 0, d.window, kWithin);
  add("prediction, beyond", predictions, n, d.window - 1, d.points(), kBeyond);
  for (int64_t i : d.observed[size_t(first + n)]) {
    const int64_t at = d.at(first + n, i);
    constexpr double kRadius = 2;
    p.points.push_back({"", plane ? d.values.at(at) : d.times[size_t(i)], d.values.at(at + y), kRadius});
  }
  return p;
}

}  // namespace

std::string series_picture(const SeriesData& d, const Array& predictions, int64_t first) {
  constexpr int64_t kColumns = 3, kRows = 2;
  constexpr double kWidth = 270, kHeight = 230, kStepX = 350, kStepY = 310;
  plot::Figure figure{kColumns * kStepX + 30, kRows * kStepY + 50, {}};
  for (int64_t n = 0; n < std::min(predictions.shape[0], kColumns * kRows); ++n)
    figure.panels.push_back(panel_of(d, predictions, first, n,
                                     {76 + kStepX * static_cast<double>(n % kColumns),
                                      60 + kStepY * static_cast<double>(n / kColumns), kWidth, kHeight}));
  return plot::to_svg(figure);
}

}  // namespace odeon::host
