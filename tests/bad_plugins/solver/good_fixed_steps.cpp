// In order: velocity Verlet, for fixed steps on second-order systems. L. Verlet, Phys. Rev. 159 (1967)
// 98-103.
#include "heun.hpp"

namespace {

class Verlet {
 public:
  Verlet(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) vectors_ = StateVectors(problem, 3);
    t_ = t0;
    problem_.copy(vectors_[0], y0);
  }

  // Kick, drift, kick; kicks and drifts are halves of f, row by row.
  void step(double h, const odeon_tensor& y1, odeon_step_result&) {
    odeon_tensor &y = vectors_[0], &f = vectors_[1], &masked = vectors_[2];
    const auto move = [&](double t, double by, int half) {
      problem_.eval(t, y, f);
      problem_.fill(masked, 0);
      const int64_t row = element_count(y) / row_count(y), bytes = row / 2 * dtype_bytes(y.dtype);
      for (int64_t r = 0; r < row_count(y); ++r) {
        const int64_t at = (2 * r + half) * bytes;
        odeon_tensor to = make_tensor(data<char>(masked) + at, y.dtype, {row / 2}), from = to;
        from.data = data<char>(f) + at;
        problem_.copy(to, from);
      }
      problem_.add(y, y, by, masked);
    };
    move(t_, h / 2, 1);
    move(t_ + h / 2, h, 0);
    t_ += h;
    move(t_, h / 2, 1);
    problem_.copy(y1, y);
  }

 private:
  StepProblem problem_;
  StateVectors vectors_;
  double t_ = 0;
};

}  // namespace

SPECIMEN_SOLVER(Verlet, ODEON_SOLVER_SECOND_ORDER | ODEON_SOLVER_SYMPLECTIC | ODEON_SOLVER_REVERSIBLE, 2)
