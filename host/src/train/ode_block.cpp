#include "train/ode_block.hpp"

namespace odeon::host {

OdeBlock::OdeBlock(std::shared_ptr<Backend> backend, std::shared_ptr<Field> field, SolverChoice solver,
                   std::vector<double> times, int32_t dtype, int64_t rows)
    : backend_(std::move(backend)),
      times_(std::move(times)),
      problem_(backend_, std::move(field), std::move(solver), dtype, rows) {
  problem_.tape = &tape_;
  std::vector<int64_t> shape = problem_.state_shape;
  shape.insert(shape.begin(), static_cast<int64_t>(times_.size()));
  ys_ = DeviceTensor(backend_, dtype, shape), gys_ = DeviceTensor(backend_, dtype, shape);
  backend_->fill(gys_.view, 0);
}

odeon_tensor OdeBlock::last_of(const DeviceTensor& series) const {
  odeon_tensor last = problem_.state_view(series.view.data);
  last.data =
      static_cast<char*>(series.view.data) + (static_cast<int64_t>(times_.size()) - 1) * byte_count(last);
  return last;
}

void OdeBlock::solve(const odeon_tensor& x, const odeon_tensor& out) {
  odeon_solve_args a{};
  a.struct_size = sizeof a;
  a.y0 = &x;
  a.times = times_.data();
  a.n_times = static_cast<int64_t>(times_.size());
  a.ys = &ys_.view;
  integrate(problem_, a);
  backend_->copy(out, last_of(ys_));
}

void OdeBlock::forward(Gradient& gradient, const odeon_tensor& x, const odeon_tensor& out) {
  pass_.reset();
  tape_ = {};
  x_ = x;
  odeon_gradient_forward_args f{};
  f.y0 = &x_;
  f.times = times_.data();
  f.n_times = static_cast<int64_t>(times_.size());
  f.ys = &ys_.view;
  pass_ = std::make_unique<Gradient::Pass>(gradient, problem_, f);
  backend_->copy(out, last_of(ys_));
}

void OdeBlock::backward(const odeon_tensor& gout, const odeon_tensor& gx, const odeon_tensor* gtheta) {
  backend_->copy(last_of(gys_), gout);
  odeon_gradient_backward_args b{};
  b.gys = &gys_.view;
  b.gy0 = &gx;
  b.gtheta = gtheta;
  pass_->backward(b);
  pass_.reset();
}

}  // namespace odeon::host
