#include "engine/dominant_eigenvalue.hpp"

#include <cmath>

#include "engine/round_off.hpp"
#include "engine/workspace.hpp"

namespace odeon::host {
namespace {

constexpr int kIterations = 8;  // enough for a size; the few digits of a converged one are not needed
constexpr double kReal = 0.9;   // cosine between a vector and its image, for a real eigenvalue

}  // namespace

double dominant_real_eigenvalue(odeon_problem& p, StepArithmetic& math, double t, const odeon_tensor& y,
                                const PowerScratch& w) {
  const double delta = std::sqrt(unit_round_off(p.dtype) * math.dot(y, y));
  if (!(delta > 0)) return 0;
  p.rhs->eval(t, y, w.f, nullptr);
  // v is the direction in which y is shifted, first along f; `image` is J v.
  const odeon_tensor &image = w.f_shifted, &v = w.shifted;
  p.backend->copy(image, w.f);
  for (int i = 0; i < kIterations; ++i) {
    const double length = std::sqrt(math.dot(image, image));
    if (!(length > 0) || !std::isfinite(length)) return 0;
    const double scale[] = {delta / length}, difference[] = {1, -1};
    p.backend->lincomb(v, &y, 1, scale, {&image, 1});
    p.rhs->eval(t, v, image, nullptr);
    const odeon_tensor from_y[] = {v, y}, from_f[] = {image, w.f};
    p.backend->lincomb(v, nullptr, 1 / delta, difference, from_y);
    p.backend->lincomb(image, nullptr, 1 / delta, difference, from_f);
  }
  const double along = math.dot(v, image), of_v = math.dot(v, v), of_image = math.dot(image, image);
  return std::abs(along) >= kReal * std::sqrt(of_v * of_image) ? along / of_v : 0;
}

}  // namespace odeon::host
