// A solver that takes steps by code: Heun's method with the difference to Euler's as its error estimate.
// K. Heun, Z. Math. Phys. 45 (1900) 23-38. A method that is a tableau needs none of this: see solver.cpp.
//
// The host controls the steps: it calls `step` until the error is at most one, then `accept`. All vectors lie
// in the backend's memory and are allocated when a problem is new; a step allocates nothing. What the field
// or the backend return that is not ODEON_OK leaves through the calls of StepProblem by itself.
#include <odeon/sdk/step_solver.hpp>

namespace {

using namespace odeon;

class Heun {
 public:
  Heun(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) vectors_ = StateVectors(problem, 6);
    t_ = t0;
    moved_ = false;
    problem_.copy(begin(), y0);
  }

  // k1 = f(t, y), k2 = f(t + h, y + h k1), y1 = y + h (k1 + k2) / 2.
  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    if (moved_) problem_.copy(begin(), end());
    moved_ = false;
    h_ = h;
    problem_.eval(t_, begin(), k1());
    problem_.add(stage(), begin(), h, k1());
    problem_.eval(t_ + h, stage(), k2());
    combine(y1, h / 2, h / 2);
    problem_.copy(end(), y1);
    const double half[] = {-h / 2, h / 2};
    const odeon_tensor slopes[] = {k1(), k2()};
    problem_.lincomb(difference(), nullptr, 1, half, slopes);
    result.error = problem_.norm(difference(), begin(), &y1);
  }

  void accept() {
    t_ += h_;
    moved_ = true;
  }

  // y + h (x - x^2 / 2) k1 + h x^2 / 2 k2, of order 2.
  void interpolate(double t, const odeon_tensor& out) {
    const double x = (t - (moved_ ? t_ - h_ : t_)) / h_;
    combine(out, h_ * (x - x * x / 2), h_ * x * x / 2);
  }

  // All that a step reads.
  void archive(Archive& a) {
    a.value(t_);
    a.value(h_);
    a.value(moved_);
    a.vector(begin());
    a.vector(end());
  }

 protected:
  // out = the beginning of the step + c1 k1 + c2 k2.
  void combine(const odeon_tensor& out, double c1, double c2) {
    const double c[] = {c1, c2};
    const odeon_tensor k[] = {k1(), k2()};
    problem_.lincomb(out, &begin(), 1, c, k);
  }
  odeon_tensor& begin() { return vectors_[0]; }
  odeon_tensor& end() { return vectors_[1]; }
  odeon_tensor& k1() { return vectors_[2]; }
  odeon_tensor& k2() { return vectors_[3]; }
  odeon_tensor& stage() { return vectors_[4]; }
  odeon_tensor& difference() { return vectors_[5]; }

  StepProblem problem_;
  StateVectors vectors_;
  double t_ = 0, h_ = 0;  // where it stands, and the last step
  bool moved_ = false;    // the last step was accepted: its end is the next one's beginning
};

constexpr odeon_solver_api kApi = StepSolverApi<Heun>::table(ODEON_SOLVER_ESTIMATES, 2);
constexpr odeon_component kComponent =
    make_component(ODEON_KIND_SOLVER,
                   {str("my_heun"), str("Heun 2(1), by code"),
                    str("Order 2 with an estimate of order 1, as an example of steps by code.")},
                   &kApi);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
