// Small pictures as SVG: curves and arrow fields with axes and a legend.
#pragma once
#include <string>
#include <vector>

namespace odeon::host::plot {

enum class Style { line, dashed };

struct Curve {
  std::string label;
  std::vector<double> x, y;
  Style style = Style::line;
};
struct Arrow {
  double x, y, dx, dy;  // drawn with unit length, so that direction is seen everywhere
};
struct Figure {
  std::string title, x_label, y_label;
  std::vector<Curve> curves;
  std::vector<Arrow> arrows;
};
struct Range {
  double low, high;
};

// Of the finite points of all curves, widened by a margin.
Range range_of(const Figure& figure, bool x);
std::string to_svg(const Figure& figure);

}  // namespace odeon::host::plot
