#include "report/svg_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace odeon::host::plot {
namespace {

constexpr double kWidth = 640, kHeight = 560, kLeft = 70, kRight = 20, kTop = 40, kBottom = 60;
constexpr const char* kColours[] = {"#1f6fb4", "#d1495b", "#3a8f5b", "#8a63a8"};

template <class... Values>
std::string text(const char* format, Values... values) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, values...);
  return buffer;
}

std::string escaped(const std::string& s) {
  std::string out;
  for (char c : s) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

// 1, 2 or 5 times a power of ten, for about six ticks.
double tick_step(Range r) {
  const double raw = (r.high - r.low) / 6, power = std::pow(10, std::floor(std::log10(raw)));
  return power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
}

struct Axes {
  Range x, y;
  double px(double v) const { return kLeft + (v - x.low) / (x.high - x.low) * (kWidth - kLeft - kRight); }
  double py(double v) const {
    return kHeight - kBottom - (v - y.low) / (y.high - y.low) * (kHeight - kTop - kBottom);
  }
};

std::string axes_svg(const Figure& f, const Axes& a) {
  std::string out = text("<rect x='%g' y='%g' width='%g' height='%g' fill='none' stroke='#444'/>\n", kLeft,
                         kTop, kWidth - kLeft - kRight, kHeight - kTop - kBottom);
  for (double v = std::ceil(a.x.low / tick_step(a.x)) * tick_step(a.x); v <= a.x.high; v += tick_step(a.x))
    out += text(
        "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='#444'/><text x='%.1f' y='%.1f' "
        "text-anchor='middle'>%g</text>\n",
        a.px(v), a.px(v), kHeight - kBottom, kHeight - kBottom + 5, a.px(v), kHeight - kBottom + 20,
        std::abs(v) < 1e-12 ? 0.0 : v);
  for (double v = std::ceil(a.y.low / tick_step(a.y)) * tick_step(a.y); v <= a.y.high; v += tick_step(a.y))
    out += text(
        "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='#444'/><text x='%.1f' y='%.1f' "
        "text-anchor='end'>%g</text>\n",
        kLeft - 5, kLeft, a.py(v), a.py(v), kLeft - 8, a.py(v) + 4, std::abs(v) < 1e-12 ? 0.0 : v);
  out += text("<text x='%g' y='24' text-anchor='middle' font-size='16'>%s</text>\n", kWidth / 2,
              escaped(f.title).c_str());
  out += text("<text x='%g' y='%g' text-anchor='middle'>%s</text>\n", kWidth / 2, kHeight - 18,
              escaped(f.x_label).c_str());
  out += text("<text x='18' y='%g' text-anchor='middle' transform='rotate(-90 18 %g)'>%s</text>\n",
              kHeight / 2, kHeight / 2, escaped(f.y_label).c_str());
  return out;
}

std::string arrow_svg(const Arrow& v, const Axes& a) {
  constexpr double kLength = 14;
  const double sx = v.dx * (a.px(1) - a.px(0)), sy = v.dy * (a.py(1) - a.py(0)), norm = std::hypot(sx, sy);
  if (!(norm > 0) || !std::isfinite(norm)) return "";
  const double ux = sx / norm * kLength, uy = sy / norm * kLength, x = a.px(v.x) - ux / 2,
               y = a.py(v.y) - uy / 2;
  return text("<path d='M%.1f %.1fl%.1f %.1fm%.1f %.1fl%.1f %.1fl%.1f %.1f' fill='none' stroke='#b5b5b5'/>\n",
              x, y, ux, uy, -0.3 * ux - 0.2 * uy, -0.3 * uy + 0.2 * ux, 0.3 * ux + 0.2 * uy,
              0.3 * uy - 0.2 * ux, -0.3 * ux + 0.2 * uy, -0.3 * uy - 0.2 * ux);
}

}  // namespace

Range range_of(const Figure& f, bool x) {
  Range r{INFINITY, -INFINITY};
  for (const Curve& c : f.curves)
    for (double v : x ? c.x : c.y)
      if (std::isfinite(v)) r = {std::min(r.low, v), std::max(r.high, v)};
  if (!(r.low <= r.high)) return {0, 1};
  const double margin = r.high > r.low ? 0.06 * (r.high - r.low) : 0.5;
  return {r.low - margin, r.high + margin};
}

std::string to_svg(const Figure& f) {
  const Axes a{range_of(f, true), range_of(f, false)};
  std::string out = text(
      "<svg xmlns='http://www.w3.org/2000/svg' width='%g' height='%g' font-family='sans-serif' "
      "font-size='12'>\n<rect width='100%%' height='100%%' fill='white'/>\n",
      kWidth, kHeight);
  for (const Arrow& v : f.arrows) out += arrow_svg(v, a);
  for (size_t i = 0; i < f.curves.size(); ++i) {
    const Curve& c = f.curves[i];
    const char* colour = kColours[i % 4];
    const char* dash = c.style == Style::dashed ? " stroke-dasharray='6 4'" : "";
    out +=
        "<polyline fill='none' stroke='" + std::string(colour) + "' stroke-width='1.8'" + dash + " points='";
    for (size_t k = 0; k < c.x.size(); ++k)
      if (std::isfinite(c.x[k]) && std::isfinite(c.y[k]))
        out += text("%.1f,%.1f ", a.px(c.x[k]), a.py(c.y[k]));
    const double y = kTop + 18 + 18 * static_cast<double>(i);
    out += "'/>\n" + text(
                         "<line x1='%g' x2='%g' y1='%g' y2='%g' stroke='%s' stroke-width='2'%s/><text x='%g' "
                         "y='%g'>%s</text>\n",
                         kLeft + 10, kLeft + 40, y, y, colour, dash, kLeft + 46, y + 4,
                         escaped(c.label).c_str());
  }
  return out + axes_svg(f, a) + "</svg>\n";
}

}  // namespace odeon::host::plot
