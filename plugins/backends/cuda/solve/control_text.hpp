// Step control of a whole solve as source text, as ext/solve.h defines it; the same for rows on their own and
// for a batch that steps together.
#pragma once

namespace odeon::cuda {

constexpr const char* kSolveTypes = R"cpp(
#define CANCEL_EVERY 64
  struct row_result {
    double t, h, error, stability_ratio;
    int64 accepted, rejected, evaluations, status;
  };
  struct solve_args {
    int64 batch, n_times;
    const double* times;
    const T *theta, *y0;
    T *ys, *y_last, *y_end;
    row_result* results;
    int64 max_steps;
    double order;
    double first_step, min_step, max_step;
    double safety, min_factor, max_factor;
    double reject, power0, power1, power2, alpha;  // exponents of errors
    double stability_limit, stability_hides, stiff_near;
    int64 stiff_every, stiff_hits, stiff_misses;
    double rtol, atol;
    const double *rtol_vector, *atol_vector;
    const double* grid;
    const int64* anchors;
    int64 n_grid;
    double* log_times;           // t and h of the accepted steps, [step][2][row]
    T* log_states;               // y at the begin of every log_every-th, [][SIZE][row]
    int64 log_every, log_steps;  // log_steps: how many there is room for
    const volatile int* cancel;  // not 0: the user wants to stop; or null
  };
)cpp";

constexpr const char* kStepControl = R"cpp(
  ODEON_FUNCTION bool is_finite(double x) {
    return fabs(x) <= 0x1.fffffffffffffp+1023;
  }
  ODEON_FUNCTION bool is_finite(float x) { return fabs(x) <= 0x1.fffffep+127f; }

  // x is not negative. A factor of a step in single precision needs no more than the device's own logarithm,
  // a tenth of the instructions of pow.
#ifndef __CUDACC__
  static inline float __log2f(float x) { return log2(x); }
#endif
  ODEON_FUNCTION double to_power(double x, double exponent) { return pow(x, exponent); }
  ODEON_FUNCTION float to_power(float x, float exponent) { return exp2(exponent * __log2f(x)); }

  // Length of the first trial step, and of the first step after it (Hairer, Norsett, Wanner I, II.4).
  ODEON_FUNCTION double first_trial(double d0, double d1) {
    return d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
  }
  ODEON_FUNCTION double first_length(const solve_args& a, double h0, double d1, double d2) {
    const double d = !is_finite(d2) ? 0x1.fffffffffffffp+1023 : d1 > d2 ? d1 : d2;
    const double small = h0 * 1e-3 > 1e-6 ? h0 * 1e-3 : 1e-6;
    const double h1 = d <= 1e-15 ? small : pow(0.01 / d, 1 / a.order);
    const double length = 100 * h0 < h1 ? 100 * h0 : h1;
    return length < a.max_step ? length : a.max_step;
  }
  // The result of a cancelled solve is of no use, its status only not 0.
#define STATUS_CANCELLED 6
  ODEON_FUNCTION bool is_cancelled(const volatile int* cancel) { return cancel && *cancel != 0; }
  // Looks at every CANCEL_EVERY-th step.
  ODEON_FUNCTION bool is_cancelled_at(const solve_args& a, int64 step) {
    return (unsigned)step % CANCEL_EVERY == 0 && is_cancelled(a.cancel);
  }
  // The status with which a solve ends in front of a trial, or 0.
  ODEON_FUNCTION int limit_reached(const solve_args& a, int64 tried, double t, double h) {
    if (is_cancelled_at(a, tried)) return STATUS_CANCELLED;
    return tried >= a.max_steps ? 1 : t + h == t || fabs(h) < a.min_step ? 2 : 0;
  }

  struct controller {
    T last, before_last, last_factor;
  };
  ODEON_FUNCTION T factor_after(const solve_args& a, controller& c, T error) {
    const T safety = (T)a.safety, min_factor = (T)a.min_factor, max_factor = (T)a.max_factor;
    if (!is_finite(error)) return min_factor;
    if (error == 0) return max_factor;
    const bool has_memory = a.power1 != 0 || a.power2 != 0 || a.alpha != 0;
    if (error > 1 || !has_memory) {
      const T power = error > 1 ? (T)a.reject : (T)a.power0, least = error < 1 ? (T)1 : min_factor;
      const T wish = safety * to_power(error, power), grown = wish > least ? wish : least;
      return grown < max_factor ? grown : max_factor;
    }
    const T wish = safety * to_power(error, (T)a.power0) * to_power(c.last, (T)a.power1) *
                   to_power(c.before_last, (T)a.power2) * to_power(c.last_factor, (T)-a.alpha);
    const T grown = wish > min_factor ? wish : min_factor;
    const T factor = grown < max_factor ? grown : max_factor;
    c.before_last = c.last;
    c.last = error > (T)1e-8 ? error : (T)1e-8;
    c.last_factor = factor;
    return factor;
  }

  struct stiffness {
    int64 since, hits, misses;  // since: accepted steps behind the last multiple of stiff_every
    bool stiff;
  };
  ODEON_FUNCTION void count_accepted(const solve_args& a, stiffness& s) {
    if (++s.since == a.stiff_every) s.since = 0;
  }
  ODEON_FUNCTION bool due(const stiffness& s) { return !s.stiff && (s.hits > 0 || s.since == 0); }
  ODEON_FUNCTION void look(const solve_args& a, stiffness& s, double ratio) {
    if (ratio > a.stiff_near) {
      s.misses = 0;
      s.stiff = ++s.hits >= a.stiff_hits;
    } else if (s.hits > 0 && ++s.misses >= a.stiff_misses) {
      s.hits = s.misses = 0;
    }
  }
  ODEON_FUNCTION bool wants_ratio(const solve_args& a, const stiffness& s, bool ok, int64 tried, double t,
                                  double h) {
    if (!(a.stability_limit > 0)) return false;
    if (tried + 1 >= a.max_steps) return true;
    if (ok) return due(s);
    return t + a.min_factor * h == t || fabs(a.min_factor * h) < a.min_step;
  }
  ODEON_FUNCTION double ratio_of(const solve_args& a, double arguments, double slopes) {
    return arguments > 0 ? a.stability_hides * slopes / arguments / a.stability_limit : 0;
  }
  // It is stiff, and the steps that are left do not reach the end.
  ODEON_FUNCTION bool hopeless(const solve_args& a, const stiffness& s, int64 tried, double left, double h) {
    return s.stiff && fabs(left / h) > (double)(a.max_steps - tried);
  }
)cpp";

}  // namespace odeon::cuda
