// Pictures are checked as XML documents: what a reader would see, by its elements and coordinates.
#include "report/svg_plot.hpp"

#include <doctest/doctest.h>

#include <boost/property_tree/xml_parser.hpp>
#include <cmath>
#include <limits>
#include <sstream>

using namespace odeon::host::plot;
using boost::property_tree::ptree;

namespace {

const Style kPlain{"#000000", 1, false};

Figure one_panel(std::vector<Curve> curves) {
  return {300, 200, {{{50, 40, 200, 100}, "Title", "x", "y", std::move(curves), {}, {}}}};
}

ptree parsed(const Figure& figure) {
  std::istringstream in(to_svg(figure));
  ptree tree;
  boost::property_tree::read_xml(in, tree);
  return tree;
}

// Every element of the name, at any depth, in the order of the file.
std::vector<ptree> elements(const ptree& tree, const std::string& name) {
  std::vector<ptree> out;
  for (const auto& [key, child] : tree) {
    if (key == name) out.push_back(child);
    for (ptree& inner : elements(child, name)) out.push_back(inner);
  }
  return out;
}

std::vector<std::string> texts(const ptree& tree) {
  std::vector<std::string> out;
  for (const ptree& t : elements(tree, "text")) out.push_back(t.data());
  return out;
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// The path data inside the clipped group: curves and arrows.
std::vector<std::string> drawn(const ptree& tree) {
  std::vector<std::string> out;
  for (const ptree& g : elements(tree, "g"))
    for (const ptree& p : elements(g, "path")) out.push_back(p.get<std::string>("<xmlattr>.d"));
  return out;
}

}  // namespace

TEST_CASE("a curve's ends keep the margin inside the frame, and y grows upwards") {
  const auto paths = drawn(parsed(one_panel({{"line", {0, 10}, {0, 5}, kPlain}})));
  REQUIRE(paths.size() == 1);
  double x0, y0, x1, y1;
  REQUIRE(std::sscanf(paths[0].c_str(), "M%lf %lfL%lf %lf", &x0, &y0, &x1, &y1) == 4);
  // 6 % of the range on either side: 0.06 / 1.12 of the frame, to a tenth of a pixel.
  const double dx = 200 * 0.06 / 1.12, dy = 100 * 0.06 / 1.12;
  CHECK(x0 == doctest::Approx(50 + dx).epsilon(1e-3));
  CHECK(x1 == doctest::Approx(250 - dx).epsilon(1e-3));
  CHECK(y0 == doctest::Approx(140 - dy).epsilon(1e-3));
  CHECK(y1 == doctest::Approx(40 + dy).epsilon(1e-3));
}

TEST_CASE("title, axes and legend are written, curves of one label once, and hostile text stays text") {
  Figure f = one_panel({{"a < b & 'c'", {0, 1}, {0, 1}, kPlain},
                        {"second", {0, 1}, {1, 0}, kPlain},
                        {"second", {0, 1}, {0, 0}, kPlain}});
  f.panels[0].title = "</svg><script>";
  const auto all = texts(parsed(f));
  CHECK(has(all, "</svg><script>"));
  CHECK(has(all, "a < b & 'c'"));
  CHECK(std::count(all.begin(), all.end(), "second") == 1);
  CHECK(has(all, "x"));
  CHECK(has(all, "y"));
}

TEST_CASE("ticks are round numbers inside the range, with 0 as 0 and a true minus") {
  const auto all = texts(parsed(one_panel({{"", {-2, 2}, {-0.3, 0.3}, kPlain}})));
  for (const char* tick : {"−2", "−1", "0", "1", "2", "−0.2", "0.2"}) CHECK(has(all, tick));
  CHECK(!has(all, "−0"));
  CHECK(!has(all, "3"));
}

TEST_CASE("points that are not finite leave a gap and do not move the axes") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const Figure broken = one_panel({{"", {0, 1, 2, 3, 4}, {0, 1, kNan, INFINITY, 4}, kPlain}}),
               whole = one_panel({{"", {0, 1, 4}, {0, 1, 4}, kPlain}});
  const std::string path = drawn(parsed(broken)).at(0);
  CHECK(std::count(path.begin(), path.end(), 'M') == 2);
  CHECK(path.find("nan") == std::string::npos);
  CHECK(path.find("inf") == std::string::npos);
  CHECK(texts(parsed(broken)) == texts(parsed(whole)));
}

TEST_CASE("an arrow points along its direction as seen, whatever its length") {
  Figure f = one_panel({{"", {-1, 1}, {-1, 1}, kPlain}});
  for (double length : {1e-12, 1.0, 1e12}) {
    f.panels[0].arrows = {{0, 0, 0, length}};
    const auto paths = drawn(parsed(f));
    REQUIRE(paths.size() == 3);  // shaft, head, curve
    double x0, y0, x1, y1, tip_x, tip_y;
    REQUIRE(std::sscanf(paths[0].c_str(), "M%lf %lfL%lf %lf", &x0, &y0, &x1, &y1) == 4);
    REQUIRE(std::sscanf(paths[1].c_str(), "M%lf %lf", &tip_x, &tip_y) == 2);
    CHECK(x0 == doctest::Approx(150));
    CHECK(tip_x == doctest::Approx(150));
    CHECK(y0 > y1);     // upwards on the screen
    CHECK(y1 > tip_y);  // the head is at its end
  }
}

TEST_CASE("an arrow without a direction is left out") {
  Figure f = one_panel({{"", {-1, 1}, {-1, 1}, kPlain}});
  f.panels[0].arrows = {{0, 0, 0, 0}, {0, 0, INFINITY, 0}, {0, 0, std::nan(""), 1}};
  CHECK(drawn(parsed(f)).size() == 1);
}

TEST_CASE("a figure without a finite point has axes from 0 to 1, one of a constant has it in the middle") {
  const auto empty = texts(parsed(one_panel({})));
  CHECK(has(empty, "0"));
  CHECK(has(empty, "1"));
  CHECK(has(texts(parsed(one_panel({{"", {0, 1}, {7, 7}, kPlain}}))), "7"));
}

TEST_CASE("on logarithmic axes a factor of ten is the same length everywhere, and ticks are powers of ten") {
  Figure f = one_panel({{"", {1e-6, 1e-4, 1e-2}, {1, 10, 100}, kPlain}});
  f.panels[0].log_x = f.panels[0].log_y = true;
  const ptree tree = parsed(f);
  double x[3], y[3];
  REQUIRE(std::sscanf(drawn(tree).at(0).c_str(), "M%lf %lfL%lf %lfL%lf %lf", x, y, x + 1, y + 1, x + 2,
                      y + 2) == 6);
  CHECK(x[1] - x[0] == doctest::Approx(x[2] - x[1]).epsilon(0.01));
  CHECK(y[0] - y[1] == doctest::Approx(y[1] - y[2]).epsilon(0.01));
  for (const char* tick : {"1e-06", "0.0001", "0.01", "1", "10", "100"}) CHECK(has(texts(tree), tick));
}

TEST_CASE("zero on a logarithmic axis leaves a gap, and points alone make the axes") {
  Figure f = one_panel({});
  f.panels[0].log_x = f.panels[0].log_y = true;
  f.panels[0].points = {{"left", 1e-3, 1e-9}, {"right", 1, 1e-3}, {"nowhere", 0, 1}};
  const auto all = texts(parsed(f));
  for (const char* seen : {"left", "right", "0.001", "1e-09"}) CHECK(has(all, seen));
  CHECK(!has(all, "nowhere"));
}
