// The solve of a field over the times of a batch of series, with its gradient: what models of series that
// have an ODE share.
#pragma once
#include "experiment/fit.hpp"
#include "experiment/session.hpp"
#include "train/pass_costs.hpp"
#include "train/series/series_data.hpp"

namespace odeon::host {

class SeriesSolve {
 public:
  // States are [times, rows, width]. theta: the field's; without elements where it has none.
  SeriesSolve(std::shared_ptr<Backend> backend, const FittedParts& ode, const SeriesData& data, int32_t dtype,
              int64_t rows, int64_t width, const odeon_tensor& theta);

  // Over the window. loss(ys, gys) writes dL/dys from the states. gy0: overwritten; gtheta: added to, unless
  // it has no elements.
  template <class Loss>
  void differentiate(Gradient& gradient, const odeon_tensor& y0, const odeon_tensor& gy0,
                     const odeon_tensor& gtheta, PassCosts& costs, Loss&& loss) {
    odeon_gradient_forward_args f{};
    f.y0 = &y0;
    f.times = data_.times.data();
    f.n_times = data_.window;
    f.ys = &ys_.view;
    problem_.counters = &costs.forward;
    tape_ = {};
    Gradient::Pass pass(gradient, problem_, f);
    loss(ys_.view, gys_.view);
    odeon_gradient_backward_args b{};
    b.gys = &gys_.view;
    b.gy0 = &gy0;
    b.gtheta = element_count(gtheta) > 0 ? &gtheta : nullptr;
    problem_.counters = &costs.backward;
    pass.backward(b);
    costs.tape_peak = std::max(costs.tape_peak, tape_.peak);
  }

  // At all times, into all_ys. False where it failed, of a field that is not trained enough for the times
  // beyond, which the next batch may change.
  bool predict(const odeon_tensor& y0, PassCosts& costs);
  const odeon_tensor& all_ys() const { return all_ys_.view; }

 private:
  const SeriesData& data_;
  std::shared_ptr<Backend> backend_;
  odeon_problem problem_;
  TapeMeter tape_;
  DeviceTensor ys_, gys_;  // at the times of the window
  DeviceTensor all_ys_;    // made by the first prediction
};

}  // namespace odeon::host
