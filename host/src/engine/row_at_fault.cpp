#include "engine/row_at_fault.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/device_arrays.hpp"

namespace odeon::host {
namespace {

int64_t row_at_fault(const odeon_problem& p, const odeon_tensor& y0, const odeon_tensor& y1) {
  const Array from = download(*p.backend, y0), to = download(*p.backend, y1);
  const int64_t row_elements = to.size() / (p.parts * p.batch);
  const SolverSettings& s = p.solver.settings;
  const auto of = [](const std::vector<double>& x, int64_t i) { return x[x.size() == 1 ? 0 : size_t(i)]; };
  std::vector<double> change(static_cast<size_t>(p.batch), 0.0);  // the largest of each row
  for (int64_t i = 0; i < to.size(); ++i) {
    const double a = from.at(i), b = to.at(i);
    const int64_t element = i % row_elements;
    const double scale = of(s.atol, element) + of(s.rtol, element) * std::max(std::abs(a), std::abs(b));
    double& most = change[size_t(i / row_elements % p.batch)];
    const double by = std::abs(b - a) / scale;  // NaN of a state of zero where nothing is allowed
    most = std::isfinite(by) ? std::max(most, by) : std::numeric_limits<double>::infinity();
  }
  return std::max_element(change.begin(), change.end()) - change.begin();
}

}  // namespace

Failure with_row_at_fault(Failure failure, const odeon_problem& problem, const odeon_tensor& y0,
                          const odeon_tensor& y1) {
  if (problem.batch < 2) return failure;
  failure.row = row_at_fault(problem, y0, y1);
  failure.remedy += "; with stepping: per_row the other rows go on without it";
  return failure;
}

}  // namespace odeon::host
