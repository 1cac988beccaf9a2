#include "train/series/series_solve.hpp"

#include "engine/failure.hpp"

namespace odeon::host {

SeriesSolve::SeriesSolve(std::shared_ptr<Backend> backend, const FittedParts& ode, const SeriesData& data,
                         int32_t dtype, int64_t rows, int64_t width, const odeon_tensor& theta)
    : data_(data), backend_(backend), problem_(std::move(backend), ode.field, ode.solver, dtype, rows) {
  const std::vector<int64_t> shape{data.window, rows, width};
  for (DeviceTensor* states : {&ys_, &gys_}) *states = DeviceTensor(backend_, dtype, shape);
  if (element_count(theta) > 0) problem_.set_theta(theta);
  problem_.tape = &tape_;
}

bool SeriesSolve::predict(const odeon_tensor& y0, PassCosts& costs) {
  if (!all_ys_.view.data) {
    std::vector<int64_t> shape(ys_.view.shape, ys_.view.shape + ys_.view.rank);
    shape[0] = data_.points();
    all_ys_ = DeviceTensor(backend_, ys_.view.dtype, shape);
  }
  odeon_solve_args a{};
  a.struct_size = sizeof a;
  a.y0 = &y0;
  a.times = data_.times.data();
  a.n_times = data_.points();
  a.ys = &all_ys_.view;
  problem_.counters = &costs.forward;
  try {
    integrate(problem_, a);
    return true;
  } catch (const SolveFailed&) {
    return false;
  }
}

}  // namespace odeon::host
