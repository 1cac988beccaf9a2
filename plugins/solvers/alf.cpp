// Asynchronous leapfrog: a velocity v runs beside z, and the midpoint of a step reflects it,
//   k = z0 + h/2 v0,  u = f(t0 + h/2, k),  v1 = v0 + 2 eta (u - v0),  z1 = k + h/2 v1,
// which algebra undoes: v0 = (v1 - 2 eta u) / (1 - 2 eta). U. Mutze, An asynchronous leapfrog method II,
// arXiv:1311.6602 (2013); damped by eta < 1: J. Zhuang, N. C. Dvornek, S. Tatikonda, J. S. Duncan, MALI: A
// memory efficient and reverse accurate integrator for Neural ODEs, ICLR 2021. On y' = s y with x = h s the
// step's eigenvalues are 1 + eta (x - 1) +- sqrt(2 eta x + eta^2 (x - 1)^2): for eta = 1 on the unit circle
// where x lies between -i and i, and outside of it elsewhere. v lags behind f by (1 - eta) / (2 eta) h f', so
// that damping costs the second order.
#include <odeon/sdk/step_solver.hpp>
#include <utility>

namespace {

using namespace odeon;

constexpr odeon_option kEta = ranged(
    make_option(
        ODEON_OPTION_REAL, str("eta"), str("1"),
        str("Of the reflection. Below 1 decaying components are damped; the order is then 1, and taking "
            "a step back magnifies round-off by 1 / (2 eta - 1).")),
    0.5, 1, ODEON_OPTION_MIN_EXCLUSIVE);
constexpr const odeon_option* kOptions[] = {&kEta};

class AsynchronousLeapfrog {
 public:
  AsynchronousLeapfrog(const odeon_host*, const Options& options) : eta_(options.real("eta")) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) vectors_ = StateVectors(problem, 6);
    t_ = t0;
    problem_.copy(z(), y0);
    problem_.eval(t0, y0, v());
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    h_ = h;
    problem_.add(k(), z(), h / 2, v());
    problem_.eval(t_ + h / 2, k(), u());
    const double reflect[] = {1 - 2 * eta_, 2 * eta_}, change[] = {-h / 2, h / 2};
    const odeon_tensor of_v[] = {v(), u()}, velocities[] = {v(), next_v()};
    problem_.lincomb(next_v(), nullptr, 1, reflect, of_v);
    problem_.add(next_z(), k(), h / 2, next_v());
    problem_.lincomb(u(), nullptr, 1, change, velocities);  // against z0 + h v0
    result.error = problem_.norm(u(), z(), &next_z());
    problem_.copy(y1, next_z());
    accepted_ = false;
  }

  void accept() {
    for (size_t i = 0; i < 2; ++i) std::swap(vectors_[i], vectors_[2 + i]);
    t_ += h_;
    accepted_ = true;
  }

  std::array<odeon_tensor, 2> carried() { return {z(), v()}; }
  void stand_at(double t) { t_ = t; }
  void step_back(double t0, double h) {
    problem_.add(k(), z(), -h / 2, v());
    problem_.eval(t0 + h / 2, k(), u());
    const double reflect[] = {1 / (1 - 2 * eta_), 2 * eta_ / (2 * eta_ - 1)};
    const odeon_tensor of_v[] = {v(), u()};
    problem_.lincomb(v(), nullptr, 1, reflect, of_v);
    problem_.add(z(), k(), -h / 2, v());
    t_ = t0;
  }

  // Cubic Hermite with the velocities, which are slopes up to O(h^2).
  void interpolate(double t, const odeon_tensor& out) {
    const double x = (accepted_ ? t - t_ + h_ : t - t_) / h_, value = x * x * (3 - 2 * x);
    const double weights[] = {1 - value, value, h_ * x * (1 - x) * (1 - x), h_ * x * x * (x - 1)};
    odeon_tensor terms[] = {z(), next_z(), v(), next_v()};
    if (accepted_) std::swap(terms[0], terms[1]), std::swap(terms[2], terms[3]);
    problem_.lincomb(out, nullptr, 1, weights, terms);
  }

  void archive(Archive& a) {
    a.value(t_);
    for (const odeon_tensor& x : carried()) a.vector(x);
  }

 private:
  odeon_tensor& z() { return vectors_[0]; }
  odeon_tensor& v() { return vectors_[1]; }
  // Of the step tried; after `accept`, where it began.
  odeon_tensor& next_z() { return vectors_[2]; }
  odeon_tensor& next_v() { return vectors_[3]; }
  odeon_tensor& k() { return vectors_[4]; }
  odeon_tensor& u() { return vectors_[5]; }

  double eta_;
  StepProblem problem_;
  StateVectors vectors_;
  double t_ = 0, h_ = 0;
  bool accepted_ = false;
};

constexpr odeon_solver_api kSolver =
    StepSolverApi<AsynchronousLeapfrog>::table(ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_REVERSIBLE, 2);
constexpr odeon_component kComponent = make_component(
    ODEON_KIND_SOLVER,
    {str("alf"), str("Asynchronous leapfrog"),
     str("Order 2 with an estimate by order 1; steps can be taken back by algebra, with gradient "
         "reversible in constant memory. One evaluation a step, without damping not stable for "
         "decaying components. Mutze (2013); Zhuang et al. (MALI, 2021).")},
    &kSolver, kOptions);

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
