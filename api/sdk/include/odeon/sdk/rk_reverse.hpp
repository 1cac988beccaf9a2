// The exact reverse of Runge-Kutta steps, for gradient strategies that are discrete-exact.
// For a step  Y_i = y0 + h sum_j a_ij k_j,  k_i = f(t0 + c_i h, Y_i),  y1 = y0 + h sum_i b_i k_i,
// an observation at x is  y0 + h sum_i w_i(x) k_i.  With L = dL/dy1 and v = dL/d(observation):
//   K_i = h b_i L + h w_i(x) v + h sum_j a_ji M_j,   M_i = K_i^T df/dy (Y_i),   dL/dy0 = L + v + sum_i M_i,
// and dL/dtheta += K_i^T df/dtheta. For an explicit method the K follow one after the other from the last;
// for an implicit one they are the solution of a linear system, which is the derivative of the stages as
// functions and not of the iteration that found them. E. Hairer, G. Wanner, C. Lubich, Geometric Numerical
// Integration VI.4; step sizes are constants, as in torchdiffeq, except where a fixed grid makes them
// functions of the times.
#pragma once
#include <algorithm>
#include <odeon/sdk/gradient.hpp>

namespace odeon {

// What a step's reverse needs. k has entries without data where the step used none.
struct RecordedStep {
  double t0, h;
  int64_t t0_anchor, t1_anchor;
  int32_t begin_derivative, end_derivative;  // indices in k of f(t0, y0) and f(t1, y1), or -1
  bool shares_begin;                         // k[begin_derivative] is the previous step's f(t1, y1)
  odeon_tensor y0;
  std::vector<odeon_tensor> k;
  std::vector<odeon_residuals*> residuals;  // like k, NULL where there are none; or empty
  std::vector<odeon_observation> observations;

  RecordedStep(const odeon_step_record& r, bool first)
      : t0(r.t0),
        h(r.h),
        t0_anchor(r.t0_anchor),
        t1_anchor(r.t1_anchor),
        begin_derivative(r.begin_derivative),
        end_derivative(r.end_derivative),
        shares_begin(r.first_same_as_last && !first),
        y0(*r.y0),
        k(r.k, r.k + r.n_k),
        observations(r.observations, r.observations + r.n_observations) {}
};

inline bool is_explicit(const odeon_tableau& m) {
  for (int32_t i = 0; i < m.stages; ++i)
    for (int32_t j = i; j < m.stages; ++j)
      if (m.a[i * m.stages + j] != 0) return false;
  return true;
}

// The reverse sweep over the steps, from the last to the first; all of its state.
class RungeKuttaReverse {
 public:
  // most_k: the most entries of k that a step has.
  RungeKuttaReverse(const Engine& engine, const odeon_gradient_backward_args& args, size_t most_k)
      : e_(engine),
        args_(args),
        m_(*engine.info().tableau),
        stages_(static_cast<size_t>(m_.stages)),
        explicit_(is_explicit(m_)),
        dot_(engine),
        memory_(engine, bytes_needed(engine, most_k)) {
    char* at = memory_.bytes();
    const auto next = [&] {
      const odeon_tensor x = e_.state(at);
      at += e_.state_bytes();
      return x;
    };
    lambda_ = next(), carry_ = next(), stage_ = next(), slope_ = next();
    for (size_t i = 0; i < most_k; ++i) cotangent_.push_back(next());
    for (size_t i = 0; i < most_k; ++i) mu_.push_back(next());
    gt_ = make_tensor(at, engine.info().dtype, {engine.info().state.shape[0]});
    e_.fill(lambda_, 0);
    if (args_.gtimes) std::fill_n(args_.gtimes, args_.gys->shape[0], 0.0);
  }

  // dL/dy0, when all steps are reversed.
  void finish() const {
    e_.copy(*args_.gy0, lambda_);
    e_.add(*args_.gy0, e_.at(*args_.gys, 0));
  }

  void reverse(const RecordedStep& s) {
    double g_t0 = 0, g_h = 0;
    has_.assign(s.k.size(), false);
    moved_.assign(s.k.size(), false);
    observations(s, g_t0, g_h);
    if (carried_) accumulate(static_cast<size_t>(s.end_derivative), 1, carry_);
    carried_ = false;
    if (stages_ < s.k.size() && has_[stages_]) {  // f(t1, y1) beside the stages
      combine(s, m_.b, stages_, s.h, &s.y0);
      const double tau = vjp(s, s.t0 + s.h, stages_);
      e_.add(lambda_, mu_[stages_]);
      g_t0 += tau, g_h += tau;
    }
    if (args_.gtimes) g_h += slope_product(s, m_.b, stages_, lambda_);
    for (size_t i = 0; i < stages_; ++i)
      if (m_.b[i] != 0) accumulate(i, s.h * m_.b[i], lambda_);
    if (explicit_)
      for (size_t i = stages_; i-- > 0;) {
        for (size_t j = i + 1; j < stages_; ++j)
          if (moved_[j] && m_.a[j * stages_ + i] != 0) accumulate(i, s.h * m_.a[j * stages_ + i], mu_[j]);
        reverse_stage(s, i, g_t0, g_h);
      }
    else
      reverse_coupled(s, g_t0, g_h);
    if (stages_ + 1 < s.k.size() && has_[stages_ + 1] &&
        !hand_on(s, stages_ + 1)) {  // f(t0, y0) beside the stages
      e_.copy(stage_, s.y0);
      g_t0 += vjp(s, s.t0, stages_ + 1);
      moved_[stages_ + 1] = true;
    }
    for (size_t i = 0; i < s.k.size(); ++i)
      if (moved_[i]) e_.add(lambda_, mu_[i]);
    for (const odeon_observation& o : s.observations)
      if (!o.at_end) e_.add(lambda_, e_.at(*args_.gys, o.index));
    if (args_.gtimes) {  // h = t1 - t0
      if (s.t1_anchor >= 0) args_.gtimes[s.t1_anchor] += g_h;
      if (s.t0_anchor >= 0) args_.gtimes[s.t0_anchor] += g_t0 - g_h;
    }
  }

 private:
  static int64_t bytes_needed(const Engine& engine, size_t most_k) {
    return engine.state_bytes() * (4 + 2 * static_cast<int64_t>(most_k)) + engine.info().state.shape[0] * 8;
  }

  // M_i, where K_i is complete.
  void reverse_stage(const RecordedStep& s, size_t i, double& g_t0, double& g_h) {
    if (!has_[i] || hand_on(s, i)) return;
    const double* row = m_.a + i * stages_;
    combine(s, row, stages_, s.h, &s.y0);
    const double tau = vjp(s, s.t0 + m_.c[i] * s.h, i);
    moved_[i] = true;
    g_t0 += tau;
    g_h += m_.c[i] * tau;
    if (args_.gtimes) g_h += slope_product(s, row, stages_, mu_[i]);
  }

  void reverse_coupled(const RecordedStep& s, double& g_t0, double& g_h) {
    for (size_t i = 0; i < stages_; ++i)
      if (!has_[i]) e_.fill(cotangent_[i], 0);
    odeon_stage_cotangents_args a{};
    a.struct_size = sizeof a;
    a.t0 = s.t0, a.h = s.h;
    a.y0 = &s.y0;
    a.k = s.k.data();
    a.r = a.kappa = cotangent_.data();
    check(e_.api().stage_cotangents(e_.problem(), &a));
    for (size_t i = stages_; i-- > 0;) {
      has_[i] = true;
      reverse_stage(s, i, g_t0, g_h);
    }
  }

  // The step before evaluated this derivative, and is where it is differentiated.
  bool hand_on(const RecordedStep& s, size_t i) {
    if (!s.shares_begin || static_cast<int32_t>(i) != s.begin_derivative) return false;
    e_.copy(carry_, cotangent_[i]);
    carried_ = true;
    return true;
  }

  // Cotangents of y1 (at_end) or of the stages through the dense output.
  void observations(const RecordedStep& s, double& g_t0, double& g_h) {
    for (const odeon_observation& o : s.observations) {
      const odeon_tensor v = e_.at(*args_.gys, o.index);
      if (o.at_end) {
        e_.add(lambda_, v);
        continue;
      }
      weights_.resize(s.k.size());
      check(e_.api().dense_weights(e_.problem(), o.x, 0, static_cast<int32_t>(s.k.size()), weights_.data()));
      for (size_t i = 0; i < s.k.size(); ++i)
        if (weights_[i] != 0) accumulate(i, s.h * weights_[i], v);
      if (!args_.gtimes) continue;
      g_h += slope_product(s, weights_.data(), s.k.size(), v);
      check(e_.api().dense_weights(e_.problem(), o.x, 1, static_cast<int32_t>(s.k.size()), weights_.data()));
      const double d = slope_product(s, weights_.data(), s.k.size(), v);  // d/dt of the observation
      args_.gtimes[o.index] += d;
      g_t0 -= d;
      g_h -= o.x * d;
    }
  }

  // cotangent_i += factor * x.
  void accumulate(size_t i, double factor, const odeon_tensor& x) {
    const odeon_tensor* base = has_[i] ? &cotangent_[i] : nullptr;
    e_.lincomb(cotangent_[i], base, 1, {&factor, 1}, {&x, 1});
    has_[i] = true;
  }

  // stage_ = base + h sum_{j<n} w_j k_j.
  void combine(const RecordedStep& s, const double* w, size_t n, double h, const odeon_tensor* base) {
    coefficients_.clear();
    terms_.clear();
    for (size_t j = 0; j < n; ++j)
      if (w[j] != 0) coefficients_.push_back(w[j]), terms_.push_back(s.k[j]);
    e_.lincomb(base ? stage_ : slope_, base, h, coefficients_, terms_);
  }

  // v . sum_{j<n} w_j k_j.
  double slope_product(const RecordedStep& s, const double* w, size_t n, const odeon_tensor& v) {
    combine(s, w, n, 1, nullptr);
    return dot_(v, slope_);
  }

  // mu_i = cotangent_i^T df/dy at stage_; returns the derivative by t.
  double vjp(const RecordedStep& s, double t, size_t i) {
    odeon_vjp_args v{};
    v.struct_size = sizeof v;
    v.gy_mode = ODEON_WRITE_OVERWRITE;
    v.gtheta_mode = args_.gtheta ? ODEON_WRITE_ACCUMULATE : ODEON_WRITE_SKIP;
    v.gt_mode = args_.gtimes ? ODEON_WRITE_OVERWRITE : ODEON_WRITE_SKIP;
    v.t = host_scalar(t);
    v.y = &stage_;
    v.v = &cotangent_[i];
    v.gy = &mu_[i];
    v.gtheta = args_.gtheta;
    v.gt = &gt_;
    if (i < s.residuals.size() && s.residuals[i])
      check(e_.api().residuals_vjp(e_.problem(), s.residuals[i], &v));
    else
      e_.vjp(v);
    return args_.gtimes ? dot_.sum(gt_) : 0;
  }

  const Engine& e_;
  const odeon_gradient_backward_args& args_;
  const odeon_tableau& m_;
  size_t stages_;
  bool explicit_;
  Dot dot_;
  TapeMemory memory_;
  odeon_tensor lambda_{}, carry_{}, stage_{}, slope_{}, gt_{};
  std::vector<odeon_tensor> cotangent_, mu_;  // K_i and M_i
  std::vector<bool> has_, moved_;             // K_i is not zero; M_i is there
  bool carried_ = false;                      // carry_ holds a cotangent of the step's last k
  std::vector<double> weights_, coefficients_;
  std::vector<odeon_tensor> terms_;
};

}  // namespace odeon
