#include "report/svg_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace odeon::host::plot {
namespace {

constexpr double kTick = 5, kFontHeight = 12;
constexpr const char* kInk = "#333333";
constexpr const char* kArrowInk = "#b4bac0";
constexpr const char* kDotInk = "#d55e00";

template <class... Values>
std::string text(const char* format, Values... values) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, format, values...);
  return buffer;
}

std::string escaped(const std::string& s) {
  std::string out;
  for (char c : s)
    out += c == '<'    ? "&lt;"
           : c == '&'  ? "&amp;"
           : c == '>'  ? "&gt;"
           : c == '\'' ? "&#39;"
                       : std::string(1, c);
  return out;
}

std::string label_svg(double x, double y, const char* attributes, const std::string& label) {
  return text("<text x='%.1f' y='%.1f' %s>", x, y, attributes) + escaped(label) + "</text>\n";
}

// 1, 2 or 5 times a power of ten, for about `count` ticks.
double tick_step(Range r, double count) {
  const double raw = (r.high - r.low) / count, power = std::pow(10, std::floor(std::log10(raw)));
  return power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
}

// With a minus sign in place of the hyphen.
std::string tick_text(double v) {
  const std::string digits = text("%g", std::abs(v));
  return v < 0 ? "\u2212" + digits : digits;
}

struct Tick {
  double at;  // in the units of the axis
  std::string label;
};

// Whole decades of a logarithmic axis, every n-th so that they fit; the range is one of logarithms. Within
// less than a decade, 1, 2 and 5 times its power.
std::vector<Tick> log_ticks(Range r, double count) {
  std::vector<Tick> out;
  const double each = std::max(1.0, std::ceil((r.high - r.low) / count));
  for (double k = std::floor(r.low / each); k * each <= r.high; ++k)
    for (double digit : {1, 2, 5}) {
      const double at = k * each + std::log10(digit);
      if ((digit == 1 || r.high - r.low < 1.2) && at >= r.low && at <= r.high)
        out.push_back({at, text("%g", std::pow(10, at))});
    }
  return out;
}

std::vector<Tick> ticks(Range r, double pixels, bool logarithmic) {
  const double count = std::clamp(pixels / 70, 3.0, 8.0);
  if (logarithmic) return log_ticks(r, count);
  const double step = tick_step(r, count);
  std::vector<Tick> out;
  for (double k = std::ceil(r.low / step); k * step <= r.high; ++k)
    out.push_back({k * step, tick_text(k * step)});
  return out;
}

struct Axes {
  Frame f;
  Range x, y;
  bool log_x, log_y;
  double px(double v) const { return f.left + (v - x.low) / (x.high - x.low) * f.width; }
  double py(double v) const { return f.top + f.height - (v - y.low) / (y.high - y.low) * f.height; }
};

std::string axes_svg(const Panel& p, const Axes& a) {
  const Frame& f = p.frame;
  const double bottom = f.top + f.height, middle = f.top + f.height / 2;
  std::string out = text("<rect x='%g' y='%g' width='%g' height='%g' fill='none' stroke='%s'/>\n", f.left,
                         f.top, f.width, f.height, kInk);
  for (const Tick& v : ticks(a.x, f.width, a.log_x)) {
    out += text("<path d='M%.1f %gv%g' stroke='%s'/>", a.px(v.at), bottom, kTick, kInk);
    out += label_svg(a.px(v.at), bottom + kTick + kFontHeight, "text-anchor='middle'", v.label);
  }
  for (const Tick& v : ticks(a.y, f.height, a.log_y)) {
    out += text("<path d='M%g %.1fh%g' stroke='%s'/>", f.left, a.py(v.at), -kTick, kInk);
    out += label_svg(f.left - kTick - 4, a.py(v.at) + 4, "text-anchor='end'", v.label);
  }
  out += label_svg(f.left + f.width / 2, f.top - 10, "text-anchor='middle' font-size='14'", p.title);
  out += label_svg(f.left + f.width / 2, bottom + 38, "text-anchor='middle' font-size='14'", p.x_label);
  const std::string turned =
      text("text-anchor='middle' font-size='14' transform='rotate(-90 %g %g)'", f.left - 46, middle);
  return out + label_svg(f.left - 46, middle, turned.c_str(), p.y_label);
}

// A panel whose numbers on logarithmic axes are their logarithms.
Panel in_axis_units(Panel p) {
  const auto convert = [](bool logarithmic, double& v) {
    if (logarithmic) v = v > 0 ? std::log10(v) : std::nan("");
  };
  for (Curve& c : p.curves) {
    for (double& v : c.x) convert(p.log_x, v);
    for (double& v : c.y) convert(p.log_y, v);
  }
  for (Point& v : p.points) convert(p.log_x, v.x), convert(p.log_y, v.y);
  return p;
}

// Of a panel's curves and points.
Range whole_range(const Panel& p, bool x) {
  std::vector<Curve> all = p.curves;
  for (const Point& v : p.points)
    if (std::isfinite(v.x) && std::isfinite(v.y)) all.push_back({"", {v.x}, {v.y}, {}});
  return range_of(all, x);
}

// A shaft with a filled head, centred at its point.
std::string arrow_svg(const Arrow& v, const Axes& a) {
  constexpr double kLength = 13, kHead = 5, kHalfHead = 2.2;
  const double sx = v.dx * (a.px(1) - a.px(0)), sy = v.dy * (a.py(1) - a.py(0)), norm = std::hypot(sx, sy);
  if (!(norm > 0) || !std::isfinite(norm)) return "";
  const double ux = sx / norm, uy = sy / norm, tip_x = a.px(v.x) + ux * kLength / 2,
               tip_y = a.py(v.y) + uy * kLength / 2, neck_x = tip_x - ux * kHead, neck_y = tip_y - uy * kHead;
  return text("<path d='M%.1f %.1fL%.1f %.1f' stroke='%s'/>", tip_x - ux * kLength, tip_y - uy * kLength,
              neck_x, neck_y, kArrowInk) +
         text("<path d='M%.1f %.1fL%.1f %.1fL%.1f %.1fz' fill='%s'/>\n", tip_x, tip_y,
              neck_x - uy * kHalfHead, neck_y + ux * kHalfHead, neck_x + uy * kHalfHead,
              neck_y - ux * kHalfHead, kArrowInk);
}

// White to a dark blue over Okabe and Ito's; the steps are what an eye can tell apart.
constexpr int kShades = 32;
std::string shade(int step) {
  constexpr double kRamp[3][3] = {{255, 255, 255}, {0, 114, 178}, {0, 22, 48}};
  const double at = 2.0 * step / kShades;
  const int from = at < 1 ? 0 : 1;
  int rgb[3];
  for (int c = 0; c < 3; ++c)
    rgb[c] =
        static_cast<int>(std::lround(kRamp[from][c] + (at - from) * (kRamp[from + 1][c] - kRamp[from][c])));
  return text("#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
}

// Neighbours of a row with one shade are one rectangle; white is not drawn.
std::string cells_svg(const Cells& c, const Axes& a) {
  const double width = a.f.width / static_cast<double>(c.columns),
               height = a.f.height / static_cast<double>(c.rows);
  const auto step_of = [&](int64_t row, int64_t column) {
    const double share = c.values[static_cast<size_t>(row * c.columns + column)] / c.most;
    return std::isfinite(share) ? static_cast<int>(std::lround(kShades * std::clamp(share, 0.0, 1.0))) : 0;
  };
  std::string out = "<g shape-rendering='crispEdges'>\n";
  for (int64_t row = 0; row < c.rows; ++row)
    for (int64_t from = 0, to = 0; from < c.columns; from = to) {
      const int step = step_of(row, from);
      for (to = from + 1; to < c.columns && step_of(row, to) == step;) ++to;
      if (step == 0) continue;
      out += text("<rect x='%.2f' y='%.2f' width='%.2f' height='%.2f' fill='%s'/>\n",
                  a.f.left + width * static_cast<double>(from),
                  a.f.top + a.f.height - height * static_cast<double>(row + 1),
                  width * static_cast<double>(to - from), height, shade(step).c_str());
    }
  return out + "</g>\n";
}

std::string dots_svg(const std::vector<Dot>& dots, const Axes& a) {
  std::string out = text("<g fill='%s' fill-opacity='0.5'>\n", kDotInk);
  for (const Dot& d : dots)
    if (std::isfinite(d.x) && std::isfinite(d.y))
      out += text("<circle cx='%.1f' cy='%.1f' r='1.6'/>\n", a.px(d.x), a.py(d.y));
  return out + "</g>\n";
}

std::string stroke(const Style& s) {
  return text("fill='none' stroke='%s' stroke-width='%g' stroke-linejoin='round'%s", s.colour.c_str(),
              s.width, s.dashed ? " stroke-dasharray='5 3'" : "");
}

// Non-finite points leave a gap.
std::string curve_svg(const Curve& c, const Axes& a) {
  std::string path;
  bool drawing = false;
  for (size_t k = 0; k < c.x.size(); ++k) {
    const bool finite = std::isfinite(c.x[k]) && std::isfinite(c.y[k]);
    if (finite) path += text("%s%.1f %.1f", drawing ? "L" : "M", a.px(c.x[k]), a.py(c.y[k]));
    drawing = finite;
  }
  return "<path d='" + path + "' " + stroke(c.style) + "/>\n";
}

std::string point_svg(const Point& p, const Axes& a) {
  const double x = a.px(p.x), y = a.py(p.y);
  if (!std::isfinite(x) || !std::isfinite(y)) return "";
  const bool near_left = x < a.f.left + a.f.width / 3;  // where a label on that side would be cut off
  const std::string halo = "stroke='white' stroke-width='4' paint-order='stroke' text-anchor=";
  return text("<circle cx='%.1f' cy='%.1f' r='4' fill='%s'/>\n", x, y, kInk) +
         label_svg(near_left ? x + 8 : x - 8, y + 4, (halo + (near_left ? "'start'" : "'end'")).c_str(),
                   p.label);
}

// One line for each label, in the order of first use, above all panels.
std::string legend_svg(const Figure& f) {
  constexpr double kSample = 34, kGap = 8, kColumn = 170, kY = 22;
  std::vector<const Curve*> shown;
  for (const Panel& p : f.panels)
    for (const Curve& c : p.curves)
      if (!c.label.empty() &&
          std::none_of(shown.begin(), shown.end(), [&](const Curve* s) { return s->label == c.label; }))
        shown.push_back(&c);
  double x = (f.width - kColumn * static_cast<double>(shown.size())) / 2;
  std::string out;
  for (const Curve* c : shown) {
    out += text("<path d='M%g %gh%g' ", x, kY, kSample) + stroke(c->style) + "/>" +
           label_svg(x + kSample + kGap, kY + 4, "font-size='13'", c->label);
    x += kColumn;
  }
  return out;
}

std::string panel_svg(const Panel& given, size_t index) {
  const Panel p = in_axis_units(given);
  const Axes a{p.frame, p.x_range ? *p.x_range : whole_range(p, true),
               p.y_range ? *p.y_range : whole_range(p, false), p.log_x, p.log_y};
  std::string out = text(
      "<clipPath id='panel%zu'><rect x='%g' y='%g' width='%g' height='%g'/></clipPath>\n"
      "<g clip-path='url(#panel%zu)'>\n",
      index, p.frame.left, p.frame.top, p.frame.width, p.frame.height, index);
  if (!p.cells.values.empty()) out += cells_svg(p.cells, a);
  for (const Arrow& v : p.arrows) out += arrow_svg(v, a);
  if (!p.dots.empty()) out += dots_svg(p.dots, a);
  for (const Curve& c : p.curves) out += curve_svg(c, a);
  for (const Point& v : p.points) out += point_svg(v, a);
  return out + "</g>\n" + axes_svg(p, a);
}

}  // namespace

Range range_of(const std::vector<Curve>& curves, bool x) {
  Range r{INFINITY, -INFINITY};
  for (const Curve& c : curves)
    for (double v : x ? c.x : c.y)
      if (std::isfinite(v)) r = {std::min(r.low, v), std::max(r.high, v)};
  if (!(r.low <= r.high)) return {0, 1};
  const double margin = r.high > r.low ? 0.06 * (r.high - r.low) : 0.5;
  return {r.low - margin, r.high + margin};
}

std::string to_svg(const Figure& f) {
  std::string out = text(
      "<svg xmlns='http://www.w3.org/2000/svg' width='%g' height='%g' viewBox='0 0 %g %g' "
      "font-family='Helvetica, Arial, sans-serif' font-size='%g' fill='%s'>\n"
      "<rect width='100%%' height='100%%' fill='white'/>\n",
      f.width, f.height, f.width, f.height, kFontHeight, kInk);
  out += legend_svg(f);
  for (size_t i = 0; i < f.panels.size(); ++i) out += panel_svg(f.panels[i], i);
  return out + "</svg>\n";
}

}  // namespace odeon::host::plot
