// Small pictures as SVG: panels of curves, points, densities and arrow fields with axes, and one legend for
// all.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace odeon::host::plot {

struct Style {
  std::string colour;
  double width = 1.6;  // pixels
  bool dashed = false;
};
struct Curve {
  std::string label;  // curves of the same label share their line of the legend; empty: none
  std::vector<double> x, y;
  Style style;
};
struct Point {
  std::string label;  // beside it
  double x, y;
};
struct Arrow {
  double x, y, dx, dy;  // drawn with unit length, so that direction is seen everywhere
};
struct Dot {
  double x, y;
};
// A function's values at the centres of equal cells that fill the panel, row by row from below; drawn from
// white for zero to dark for `most`.
struct Cells {
  int64_t columns = 0, rows = 0;
  double most = 1;
  std::vector<double> values;
};
struct Range {
  double low, high;
};
struct Frame {
  double left, top, width, height;  // of the axes' box, in pixels
};
struct Panel {
  Frame frame;
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  std::vector<Arrow> arrows;
  std::vector<Point> points;
  bool log_x = false, log_y = false;  // then numbers that are not positive leave a gap
  Cells cells = {};
  std::vector<Dot> dots = {};
  std::optional<Range> x_range = {}, y_range = {};  // without them: that of curves and points
};
struct Figure {
  double width, height;  // pixels
  std::vector<Panel> panels;
};

// Of the finite points of all curves, widened by a margin.
Range range_of(const std::vector<Curve>& curves, bool x);
std::string to_svg(const Figure& figure);

}  // namespace odeon::host::plot
