// The halves q and v of every row of a state [q, v], as kicks and drifts of a second-order system use them.
#pragma once
#include <cmath>
#include <odeon/sdk/step_solver.hpp>
#include <string>
#include <vector>

namespace odeon {

// A state of B rows is seen as 2 B rows of half the length: q_0, v_0, q_1, v_1, ... A mask over these takes
// out one half of every row on any backend. A copy that begins half a row later has v_i in the place of q_i.
class Halves {
 public:
  Halves() = default;
  explicit Halves(const StepProblem& problem)
      : problem_(problem),
        rows_(2 * row_count(problem.api().state)),
        width_(element_count(problem.api().state) / std::max<int64_t>(1, rows_)),
        work_(problem, 3),
        is_velocity_(problem, rows_) {
    std::vector<uint8_t> mask(static_cast<size_t>(rows_));
    for (size_t i = 1; i < mask.size(); i += 2) mask[i] = 1;
    upload(is_velocity_.data(), mask.data(), rows_);
    problem_.fill(zero(), 0);
  }

  // to = [0, x_v]; to may be x.
  void velocity(const odeon_tensor& to, const odeon_tensor& x) const { select(to, x, zero()); }
  // to = [x_q, 0]; to may be x.
  void position(const odeon_tensor& to, const odeon_tensor& x) const { select(to, zero(), x); }
  // to = [x_v, 0]; to is not x.
  void velocity_as_position(const odeon_tensor& to, const odeon_tensor& x) const {
    const int64_t offset = width_ * dtype_bytes(x.dtype);
    if (rows_ > 0)
      check(problem_.api().backend_api->copy(problem_.api().queue, to.data,
                                             static_cast<char*>(x.data) + offset, byte_count(x) - offset,
                                             ODEON_COPY_ON_DEVICE));
    position(to, to);
  }

  // q += h v
  void drift(const odeon_tensor& y, double h) const {
    velocity_as_position(work_[1], y);
    problem_.add(y, y, h, work_[1]);
  }
  // v += h a with dy = [., a]
  void kick(const odeon_tensor& y, double h, const odeon_tensor& dy) const {
    velocity(work_[1], dy);
    problem_.add(y, y, h, work_[1]);
  }

  // Throws unless the field is of second order at (t, y) and at another velocity: dq/dt = v, and the same
  // dv/dt. Nothing is said where the field is not a number: the run will say so.
  void require_second_order(double t, const odeon_tensor& y) const {
    const StateVectors x(problem_, 6);
    const odeon_tensor &moved = x[0], &f0 = x[1], &f1 = x[2], &expected = x[3], &found = x[4];
    problem_.eval(t, y, f0);
    velocity_as_position(expected, y);
    position(found, f0);
    const LargestDifference largest(problem_);
    // What rounding may do to a field's arithmetic.
    const double tolerance = y.dtype == ODEON_F32 ? 1e-4 : 1e-10;
    const auto difference = [&] { return largest(found, expected, tolerance, tolerance); };
    const double at_start = difference();
    perturbation(x[5]);
    velocity(x[5], x[5]);
    problem_.add(moved, y, 1, x[5]);
    problem_.eval(t, moved, f1);
    velocity_as_position(expected, moved);
    position(found, f1);
    if (at_start > 1 || difference() > 1)
      throw Error(
          "this method is for systems dq/dt = v, dv/dt = a(t, q), but the first half of a row's derivative "
          "is "
          "not the second half of its state; order the state so, or choose a solver for any system");
    velocity(expected, f0);
    velocity(found, f1);
    if (difference() > 1)
      throw Error(
          "this method is for systems dq/dt = v, dv/dt = a(t, q), but here dv/dt changes with v, as damping "
          "does; choose a solver for any system");
  }

 private:
  const odeon_tensor& zero() const { return work_[0]; }
  odeon_tensor by_halves(const odeon_tensor& x) const {
    return make_tensor(x.data, x.dtype, {rows_, width_});
  }

  // to = velocities of a and positions of b.
  void select(const odeon_tensor& to, const odeon_tensor& a, const odeon_tensor& b) const {
    const odeon_tensor z = by_halves(to), if_velocity = by_halves(a), if_position = by_halves(b);
    check(problem_.api().backend_api->select(problem_.api().queue, &z,
                                             static_cast<const uint8_t*>(is_velocity_.data()), &if_velocity,
                                             &if_position));
  }
  void upload(void* to, const void* from, int64_t bytes) const {
    check(problem_.api().backend_api->copy(problem_.api().queue, to, from, bytes, ODEON_COPY_TO_DEVICE));
    check(problem_.api().backend_api->queue_wait(problem_.api().queue));  // `from` may go
  }
  // Of about 1, and different in every element, so that no two differences cancel.
  void perturbation(const odeon_tensor& to) const {
    constexpr double kGoldenRatio = 0.6180339887498949;
    std::vector<double> x(static_cast<size_t>(element_count(to)));
    for (size_t i = 0; i < x.size(); ++i) x[i] = 0.5 + std::fmod(double(i) * kGoldenRatio, 1.);
    const std::vector<float> single(x.begin(), x.end());
    upload(to.data, to.dtype == ODEON_F32 ? static_cast<const void*>(single.data()) : x.data(),
           byte_count(to));
  }
  StepProblem problem_;
  int64_t rows_ = 0, width_ = 0;
  StateVectors work_;  // zeros; scratch
  BackendMemory is_velocity_;
};

}  // namespace odeon
