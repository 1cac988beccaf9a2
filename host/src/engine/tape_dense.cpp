#include "engine/tape_dense.hpp"

#include <algorithm>

#include "engine/chebyshev.hpp"

using namespace odeon;
using namespace odeon::host;

odeon_dense::odeon_dense(odeon_problem& p)
    : backend_(p.backend),
      tape_(p.tape),
      state_(p.state_view(nullptr)),
      dense_(smooth_dense_of(p)),
      degree_(dense_degree(p, dense_)),
      weights_(static_cast<size_t>(degree_) + 1) {}

odeon_dense::~odeon_dense() {
  for (const Buffer& b : memory_) tape_->add(-b.bytes());
}

// Buffers grow with what there is, so that their number is that of its digits, and an eighth at most is
// unused.
odeon_tensor& odeon_dense::next_node() {
  const int64_t bytes = byte_count(state_);
  if (free_states_ == 0) {
    free_states_ = degree_ + static_cast<int64_t>(values_.size()) / 8;
    memory_.emplace_back(backend_, free_states_ * bytes);
    tape_->add(memory_.back().bytes());
  }
  odeon_tensor next = state_;
  next.data = static_cast<char*>(memory_.back().data()) + memory_.back().bytes() - free_states_-- * bytes;
  return values_.emplace_back(next);
}

void odeon_dense::begin(double t, const odeon_tensor& y) {
  times_.push_back(t);
  backend_->copy(next_node(), y);
}

void odeon_dense::add(Stepper& stepper, double x, double t1) {
  const Dense before = stepper.interpolate_by(dense_);
  stepper.prepare_interpolation();
  for (int j = 1; j <= degree_; ++j) stepper.interpolate(x * chebyshev_node(degree_, j), next_node());
  stepper.interpolate_by(before);
  times_.push_back(t1);
}

void odeon_dense::eval(double t, const odeon_tensor& out) {
  if (times_.size() == 1) return backend_->copy(out, values_[0]);
  const size_t step = step_at(times_, t);
  // Difference quotients by t and trial steps reach beyond the ends, where any smooth continuation will do.
  const double x = std::clamp((t - times_[step]) / (times_[step + 1] - times_[step]), -1.0, 2.0);
  chebyshev_weights(degree_, x, weights_);
  backend_->lincomb(out, nullptr, 1, weights_,
                    {&values_[step * static_cast<size_t>(degree_)], weights_.size()});
}
