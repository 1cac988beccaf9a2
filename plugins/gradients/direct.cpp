// The exact derivative of the discrete program: reverse mode through every accepted Runge-Kutta step.
// For a step  Y_i = y0 + h sum_j a_ij k_j,  k_i = f(t0 + c_i h, Y_i),  y1 = y0 + h sum_i b_i k_i,
// an observation at x is  y0 + h sum_i w_i(x) k_i.  With L = dL/dy1 and v = dL/d(observation):
//   K_i = h b_i L + h w_i(x) v + h sum_{j>i} a_ji M_j,   M_i = K_i^T df/dy (Y_i),   dL/dy0 = L + v + sum_i
//   M_i,
// and dL/dtheta += K_i^T df/dtheta. E. Hairer, G. Wanner, C. Lubich, Geometric Numerical Integration VI.4;
// step sizes are constants, as in torchdiffeq, except where a fixed grid makes them functions of the times.
#include <odeon/sdk/gradient.hpp>

namespace {

using namespace odeon;

struct Step {
  double t0, h;
  int64_t t0_anchor, t1_anchor;
  bool shares_first;       // k[0] is the previous step's last k
  int32_t end_derivative;  // index in k, or -1
  odeon_tensor y0;
  std::vector<odeon_tensor> k;
  std::vector<odeon_observation> observations;
};

bool explicit_tableau(const odeon_tableau& m) {
  for (int32_t i = 0; i < m.stages; ++i)
    for (int32_t j = i; j < m.stages; ++j)
      if (m.a[i * m.stages + j] != 0) return false;
  return true;
}

class Direct {
 public:
  struct Tape {
    odeon_gradient_forward_args forward;
    std::vector<Step> steps;
    std::vector<TapeMemory> memory;
  };

  Direct(const odeon_host*, const Options&) {}

  std::unique_ptr<Tape> forward(const Engine& engine, const odeon_gradient_forward_args& args) {
    if (!engine.info().differentiable)
      throw Error(
          "gradient 'direct' needs a field with derivative products (capability vjp), which this one lacks",
          ODEON_E_UNSUPPORTED);
    if (!engine.info().tableau)
      throw Error(
          "gradient 'direct' needs a solver that is a tableau (capability tableau), which this one is not",
          ODEON_E_UNSUPPORTED);
    if (engine.info().additive)
      throw Error(
          "gradient 'direct' does not go through additive steps, which take the halves of the field apart; "
          "use "
          "gradient adjoint, or write the field without halves",
          ODEON_E_UNSUPPORTED);
    if (!explicit_tableau(*engine.info().tableau))
      throw Error(
          "gradient 'direct' needs a solver that is an explicit tableau (capability explicit tableau), but "
          "this "
          "one is implicit; use gradient adjoint, or an explicit method",
          ODEON_E_UNSUPPORTED);
    auto tape = std::make_unique<Tape>(Tape{args, {}, {}});
    Recorder recorder{engine, *tape};
    odeon_solve_args solve{};
    solve.struct_size = sizeof solve;
    solve.y0 = args.y0;
    solve.times = args.times;
    solve.n_times = args.n_times;
    solve.ys = args.ys;
    solve.on_step = Recorder::on_step;
    solve.user = &recorder;
    engine.solve(solve);
    return tape;
  }

  void backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args);

 private:
  // Copies what a step's reverse needs; a shared first stage is already there.
  struct Recorder {
    const Engine& engine;
    Tape& tape;

    static odeon_status on_step(void* user, const odeon_step_record* r) {
      const auto& self = *static_cast<Recorder*>(user);
      return barrier(nullptr, [&] { self.record(*r); });
    }

    void record(const odeon_step_record& r) const {
      const bool shares = r.first_same_as_last && !tape.steps.empty();
      const int64_t bytes = engine.state_bytes();
      tape.memory.emplace_back(engine, bytes * (1 + r.n_k - shares));
      char* at = tape.memory.back().bytes();
      const auto keep = [&](const odeon_tensor& x) {
        const odeon_tensor kept = engine.state(at);
        engine.copy(kept, x);
        at += bytes;
        return kept;
      };
      Step s{r.t0, r.h, r.t0_anchor, r.t1_anchor, shares, r.end_derivative, keep(*r.y0), {}, {}};
      for (int32_t i = 0; i < r.n_k; ++i)
        s.k.push_back(i == 0 && shares ? tape.steps.back().k[size_t(tape.steps.back().end_derivative)]
                                       : keep(r.k[i]));
      s.observations.assign(r.observations, r.observations + r.n_observations);
      tape.steps.push_back(std::move(s));
    }
  };
};

// The reverse sweep over the steps; all of its state.
class Sweep {
 public:
  Sweep(const Engine& engine, const odeon_gradient_backward_args& args, size_t most_k)
      : e_(engine),
        args_(args),
        m_(*engine.info().tableau),
        dot_(engine),
        memory_(engine, bytes_needed(engine, most_k)) {
    char* at = memory_.bytes();
    const auto next = [&] {
      const odeon_tensor x = e_.state(at);
      at += e_.state_bytes();
      return x;
    };
    lambda_ = next(), carry_ = next(), stage_ = next(), slope_ = next();
    for (size_t i = 0; i < most_k; ++i) cotangent_.push_back(next()), mu_.push_back(next());
    gt_ = make_tensor(at, engine.info().dtype, {engine.info().state.shape[0]});
    e_.fill(lambda_, 0);
  }

  const odeon_tensor& lambda() const { return lambda_; }

  void reverse(const Step& s) {
    const size_t stages = static_cast<size_t>(m_.stages), n_k = s.k.size();
    double g_t0 = 0, g_h = 0;
    has_.assign(n_k, false);
    observations(s, g_t0, g_h);
    if (carried_) accumulate(static_cast<size_t>(s.end_derivative), 1, carry_);
    carried_ = false;
    if (n_k > stages && has_[stages]) {  // f(t1, y1) beside the stages
      combine(s, m_.b, stages, s.h, &s.y0);
      const double tau = vjp(s.t0 + s.h, stages);
      e_.add(lambda_, mu_[stages]);
      g_t0 += tau, g_h += tau;
    }
    if (args_.gtimes) g_h += slope_product(s, m_.b, stages, lambda_);
    for (size_t i = stages; i-- > 0;) {
      if (m_.b[i] != 0) accumulate(i, s.h * m_.b[i], lambda_);
      for (size_t j = i + 1; j < stages; ++j)
        if (has_[j] && m_.a[j * stages + i] != 0) accumulate(i, s.h * m_.a[j * stages + i], mu_[j]);
      if (!has_[i]) continue;
      if (i == 0 && s.shares_first) {  // evaluated by the step before, where it is differentiated
        e_.copy(carry_, cotangent_[0]);
        carried_ = true;
        has_[0] = false;
        continue;
      }
      const double* row_i = m_.a + i * stages;
      combine(s, row_i, i, s.h, &s.y0);
      const double tau = vjp(s.t0 + m_.c[i] * s.h, i);
      g_t0 += tau;
      g_h += m_.c[i] * tau;
      if (args_.gtimes && i > 0) g_h += slope_product(s, row_i, i, mu_[i]);
    }
    for (size_t i = 0; i < stages; ++i)
      if (has_[i]) e_.add(lambda_, mu_[i]);
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

  // Cotangents of y1 (at_end) or of the stages through the dense output.
  void observations(const Step& s, double& g_t0, double& g_h) {
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
  void combine(const Step& s, const double* w, size_t n, double h, const odeon_tensor* base) {
    coefficients_.clear();
    terms_.clear();
    for (size_t j = 0; j < n; ++j)
      if (w[j] != 0) coefficients_.push_back(w[j]), terms_.push_back(s.k[j]);
    e_.lincomb(base ? stage_ : slope_, base, h, coefficients_, terms_);
  }

  // v . sum_{j<n} w_j k_j.
  double slope_product(const Step& s, const double* w, size_t n, const odeon_tensor& v) {
    combine(s, w, n, 1, nullptr);
    return dot_(v, slope_);
  }

  // mu_i = cotangent_i^T df/dy at stage_; returns the derivative by t.
  double vjp(double t, size_t i) {
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
    e_.vjp(v);
    return args_.gtimes ? dot_.sum(gt_) : 0;
  }

  const Engine& e_;
  const odeon_gradient_backward_args& args_;
  const odeon_tableau& m_;
  Dot dot_;
  TapeMemory memory_;
  odeon_tensor lambda_{}, carry_{}, stage_{}, slope_{}, gt_{};
  std::vector<odeon_tensor> cotangent_, mu_;  // K_i and M_i
  std::vector<bool> has_;                     // K_i is not zero
  bool carried_ = false;                      // carry_ holds a cotangent of the step's last k
  std::vector<double> weights_, coefficients_;
  std::vector<odeon_tensor> terms_;
};

void Direct::backward(const Engine& engine, Tape& tape, const odeon_gradient_backward_args& args) {
  for (int64_t i = 0; args.gtimes && i < tape.forward.n_times; ++i) args.gtimes[i] = 0;
  size_t most_k = 0;
  for (const Step& s : tape.steps) most_k = std::max(most_k, s.k.size());
  Sweep sweep(engine, args, most_k);
  for (size_t i = tape.steps.size(); i-- > 0;) sweep.reverse(tape.steps[i]);
  engine.copy(*args.gy0, sweep.lambda());
  engine.add(*args.gy0, engine.at(*args.gys, 0));
}

constexpr odeon_gradient_api kApi =
    GradientApi<Direct>::table(ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_MEMORY_LINEAR |
                               ODEON_GRADIENT_NEEDS_TABLEAU | ODEON_GRADIENT_NEEDS_VJP);
constexpr odeon_component kComponent{
    make_component(ODEON_KIND_GRADIENT,
                   {str("direct"), str("Exact backpropagation through the solver"),
                    str("The derivative of the discrete program, to round-off: reverse mode through every "
                        "accepted step. Step sizes are "
                        "constants, except where a fixed grid makes them functions of the times. Memory "
                        "grows with the number of steps.")},
                   &kApi)};

}  // namespace

ODEON_PLUGIN_SINGLE(kComponent)
