// A continuous-depth block for one batch size: from the state at the first time to that at the last, and
// back.
#pragma once
#include <memory>
#include <vector>

#include "experiment/session.hpp"

namespace odeon::host {

class OdeBlock {
 public:
  OdeBlock(std::shared_ptr<Backend> backend, std::shared_ptr<Field> field, SolverChoice solver,
           std::vector<double> times, int32_t dtype, int64_t rows);

  // Of every pass from now on. theta: NULL data where there is none.
  void set_theta(const odeon_tensor& theta) { problem_.theta = theta; }
  void count(Counters& counters) { problem_.counters = &counters; }

  // x, out: [rows, state…]. x stays as it is until backward.
  void solve(const odeon_tensor& x, const odeon_tensor& out);
  void forward(Gradient& gradient, const odeon_tensor& x, const odeon_tensor& out);
  // gx overwritten, gtheta (NULL: there is no θ) accumulated.
  void backward(const odeon_tensor& gout, const odeon_tensor& gx, const odeon_tensor* gtheta);
  int64_t tape_peak() const { return tape_.peak; }  // of the last forward and what followed

 private:
  odeon_tensor last_of(const DeviceTensor& series) const;

  std::shared_ptr<Backend> backend_;
  std::vector<double> times_;
  odeon_problem problem_;
  TapeMeter tape_;
  odeon_tensor x_{};
  DeviceTensor ys_, gys_;  // [times, rows, state…]
  std::unique_ptr<Gradient::Pass> pass_;
};

}  // namespace odeon::host
