#include "train/trajectory_picture.hpp"

#include "report/svg_plot.hpp"

namespace odeon::host {
namespace {

// Blue and vermilion of Okabe and Ito's palette, which colour-blind readers tell apart.
const plot::Style kTrue{"#0072b2", 2.2, false}, kFitted{"#d55e00", 1.8, true};

std::vector<double> component(const Array& states, int64_t i) {
  std::vector<double> out;
  for (int64_t t = 0; t < states.shape[0]; ++t) out.push_back(states.at(2 * t + i));
  return out;
}

// At the centres of a grid of cells that fills the panel.
std::vector<plot::Arrow> arrows(plot::Range x, plot::Range y,
                                const std::function<Array(const Array&)>& slopes) {
  constexpr int64_t kCells = 20;
  const auto centre = [](plot::Range r, int64_t cell) {
    return r.low + (r.high - r.low) * (static_cast<double>(cell) + 0.5) / kCells;
  };
  Array points = Array::zeros(ODEON_F64, {kCells * kCells, 2});
  for (int64_t k = 0; k < kCells * kCells; ++k)
    points.set(2 * k, centre(x, k % kCells)), points.set(2 * k + 1, centre(y, k / kCells));
  const Array dy = slopes(points);
  std::vector<plot::Arrow> out;
  for (int64_t k = 0; k < kCells * kCells; ++k)
    out.push_back({points.at(2 * k), points.at(2 * k + 1), dy.at(2 * k), dy.at(2 * k + 1)});
  return out;
}

plot::Panel phase_portrait(const Array& truth, const Array& found,
                           const std::function<Array(const Array&)>& slopes) {
  plot::Panel p{{76, 74, 430, 430}, "Phase portrait, arrows: fitted field", "y₁", "y₂", {}, {}, {}};
  p.curves = {{"true trajectory", component(truth, 0), component(truth, 1), kTrue},
              {"fitted trajectory", component(found, 0), component(found, 1), kFitted}};
  p.arrows = arrows(plot::range_of(p.curves, true), plot::range_of(p.curves, false), slopes);
  p.points = {{"start", truth.at(0), truth.at(1)}};
  return p;
}

plot::Panel over_time(const std::vector<double>& times, const Array& truth, const Array& found, int64_t i) {
  plot::Panel p{{606, i == 0 ? 74.0 : 308.0, 374, 196}, "", "", i == 0 ? "y₁" : "y₂", {}, {}, {}};
  (i == 0 ? p.title : p.x_label) = i == 0 ? "Trajectories" : "t";
  p.curves = {{"true trajectory", times, component(truth, i), kTrue},
              {"fitted trajectory", times, component(found, i), kFitted}};
  return p;
}

}  // namespace

std::string trajectory_picture(const std::vector<double>& times, const Array& truth, const Array& found,
                               const std::function<Array(const Array&)>& slopes) {
  return plot::to_svg({1000,
                       560,
                       {phase_portrait(truth, found, slopes), over_time(times, truth, found, 0),
                        over_time(times, truth, found, 1)}});
}

}  // namespace odeon::host
