// A whole Rosenbrock plugin from one constexpr table (rosenbrock_table.hpp): linearly implicit steps, one
// Jacobian and one factorisation each.
#pragma once
#include <algorithm>
#include <odeon/sdk/rosenbrock_order.hpp>
#include <odeon/sdk/step_solver.hpp>

namespace odeon {

template <auto& kTable>
class RosenbrockSolver {
  static constexpr size_t S = kTable.m.size(), D = kTable.dense[0].size();
  // The last stage is evaluated at y1: its derivative is the next step's first.
  static constexpr bool kFsal = kTable.a[S - 1] == kTable.m && kTable.alpha[S - 1] == 1;

 public:
  RosenbrockSolver(const odeon_host*, const Options&) {}

  void start(const StepProblem& problem, bool again, double t0, double, const odeon_tensor& y0) {
    problem_ = problem;
    if (!again) {
      vectors_ = StateVectors(problem, kU + S);
      for (size_t i = 0; i < kRoles; ++i) at_[i] = i;
    }
    problem_.copy(of(kY), y0);
    t_ = t0;
    have_derivative_ = linearized_ = false;
  }

  void step(double h, const odeon_tensor& y1, odeon_step_result& result) {
    begin();
    h_ = h;
    for (size_t i = 0; i < S; ++i) solve_stage(i);
    combine(of(kY1), &of(kY), 1, kTable.m);
    problem_.copy(y1, of(kY1));
    Row<S> difference{};
    for (size_t i = 0; i < S; ++i) difference[i] = kTable.m[i] - kTable.m_hat[i];
    combine(of(kScratch), nullptr, 1, difference);
    result.error = problem_.norm(of(kScratch), of(kY), &of(kY1));
    accepted_ = false;
  }

  void accept() {
    std::swap(at_[kY], at_[kY1]);
    if (kFsal) std::swap(at_[kF0], at_[kF]);
    have_derivative_ = kFsal;
    linearized_ = false;
    accepted_ = true;
    t_ += h_;
  }

  void interpolate(double t, const odeon_tensor& out) {
    const double x = (accepted_ ? t - t_ + h_ : t - t_) / h_;
    Row<S> w{};
    for (size_t i = 0; i < S; ++i)
      for (size_t d = D; d-- > 0;) w[i] = (w[i] + kTable.dense[i][d]) * x;
    combine(out, &of(accepted_ ? kY1 : kY), 1, w);
  }

  void archive(Archive& a) {
    a.value(t_);
    a.value(have_derivative_);
    a.vector(of(kY));
    a.vector(of(kF0));
    linearized_ = false;
  }

 private:
  // What stands in which vector changes with every step; the stages stay.
  enum Role : size_t { kY, kY1, kF0, kF, kFt, kScratch, kRoles };
  static constexpr size_t kU = kRoles;
  odeon_tensor& of(Role role) { return vectors_[at_[role]]; }
  odeon_tensor& u(size_t i) { return vectors_[kU + i]; }

  // What the step from here needs whatever its size.
  void begin() {
    if (!have_derivative_) problem_.eval(t_, of(kY), of(kF0));
    have_derivative_ = true;
    if (linearized_) return;
    problem_.linearize(t_, of(kY));
    problem_.time_derivative(t_, of(kY), of(kFt));
    linearized_ = true;
  }

  // u_i = (I - h g J)^-1 (h g f_i + g sum_j c_ij u_j + h^2 g gamma_i f_t)
  void solve_stage(size_t i) {
    const double g = kTable.g;
    Role f = kF0;
    if (i > 0) {
      combine(of(kScratch), &of(kY), 1, kTable.a[i]);
      problem_.eval(t_ + kTable.alpha[i] * h_, of(kScratch), of(f = kF));
    }
    const double weights[] = {h_ * g, h_ * h_ * g * kTable.gamma[i]};
    const odeon_tensor terms[] = {of(f), of(kFt)};
    problem_.lincomb(of(kScratch), nullptr, 1, weights, terms);
    combine(of(kScratch), &of(kScratch), g, kTable.c[i]);
    problem_.solve_shifted(h_ * g, of(kScratch), u(i));
  }

  // z = base + scale sum_i w_i u_i without the terms of weight zero.
  void combine(const odeon_tensor& z, const odeon_tensor* base, double scale, const Row<S>& w) {
    double weights[S];
    odeon_tensor terms[S];
    size_t n = 0;
    for (size_t i = 0; i < S; ++i)
      if (w[i] != 0) weights[n] = w[i], terms[n++] = u(i);
    problem_.lincomb(z, base, scale, {weights, n}, {terms, n});
  }

  StepProblem problem_;
  StateVectors vectors_;
  size_t at_[kRoles]{};
  double t_ = 0, h_ = 0;
  bool have_derivative_ = false;  // kF0 is f(t, y)
  bool linearized_ = false;       // the problem's J and kFt belong to (t, y)
  bool accepted_ = false;         // the last step: then kY1 is where it began
};

}  // namespace odeon

// id: string literal; table: a constexpr odeon::RosenbrockTable; title and summary: string literals. A table
// that breaks its own orders (checked up to 5) does not compile.
#define ODEON_PLUGIN_ROSENBROCK(id_, table_, title_, summary_)                                            \
  static_assert(odeon::sums_hold(table_), id_ ": alpha or gamma are not the row sums of their matrices"); \
  static_assert(odeon::order_holds(table_), id_ ": m or m_hat does not have the stated order");           \
  static_assert(odeon::dense_holds(table_), id_ ": the dense output does not have the stated order");     \
  namespace {                                                                                             \
  constexpr odeon_solver_api kOdeonSolver = odeon::StepSolverApi<odeon::RosenbrockSolver<table_>>::table( \
      ODEON_SOLVER_STIFF | ODEON_SOLVER_ESTIMATES, (table_).order, 0,                                     \
      std::min((table_).order, (table_).embedded_order) + 1);                                             \
  constexpr odeon_component kOdeonSolverComponent = odeon::make_component(                                \
      ODEON_KIND_SOLVER, {odeon::str(id_), odeon::str(title_), odeon::str(summary_)}, &kOdeonSolver);     \
  }                                                                                                       \
  ODEON_PLUGIN_SINGLE(kOdeonSolverComponent)
