// Whether solving y backwards gave back the stored states. Where the field decays, a difference grows
// backwards: the continuous adjoint then computes the gradient of another trajectory (A. Gholami, K. Keutzer,
// G. Biros, ANODE, IJCAI 2019). Measured at each observation, and explained by the field's fastest rate
// there.
#pragma once
#include <cmath>
#include <cstdio>
#include <limits>
#include <odeon/sdk/gradient.hpp>

namespace odeon::continuous {

struct Segment {
  double from, to;      // of the backward solve
  odeon_tensor y_from;  // the stored state at `from`
};

// Whether the backward solve has tolerances, which fixed steps do not have.
inline bool is_controlled(const odeon_problem_info& backwards) {
  return backwards.rtol > 0 || backwards.atol > 0 || backwards.rtol_vector;
}
// Of the size of the state, instead of a tolerance: fixed steps are held to gross failures only.
inline constexpr double kFixed = 1e-4;

// Tolerances of the norm that counts as one.
inline odeon_error_norm_args tolerance_norm(const odeon_problem_info& backwards, double size) {
  const bool controlled = is_controlled(backwards);
  // What rounding does to a state is no failure of the method.
  const double rounding = backwards.dtype == ODEON_F32 ? 1e-6 : 1e-14;
  odeon_error_norm_args n{};
  n.struct_size = sizeof n;
  n.norm = ODEON_NORM_RMS;
  n.per_row = 1;
  n.rtol = controlled ? std::max(backwards.rtol, rounding) : kFixed;
  n.atol = controlled ? std::max(backwards.atol, rounding * size) : kFixed * size;
  n.rtol_vector = backwards.rtol_vector;
  n.atol_vector = backwards.atol_vector;
  return n;
}

class Reconstruction {
 public:
  explicit Reconstruction(const Engine& engine)
      : e_(engine),
        dot_(engine),
        memory_(engine, 2 * engine.state_bytes() + 8 * engine.info().state.shape[0] + 8),
        v_(engine.state(memory_.data())),
        Jv_(engine.state(memory_.bytes() + engine.state_bytes())) {
    char* numbers = memory_.bytes() + (2 * engine.state_bytes() + 7) / 8 * 8;
    rows_ = make_tensor(numbers, ODEON_F64, {engine.info().state.shape[0]});
  }

  // The worst row's |found - stored|, in the tolerances of the backward solve, which began at `begin`.
  double mismatch(const odeon_problem_info& backwards, const odeon_tensor& found, const odeon_tensor& stored,
                  const odeon_tensor& begin) {
    return norm(tolerance_norm(backwards, size_at(stored, begin)), found, stored);
  }
  // Relative to the size of the state.
  double relative_mismatch(const odeon_tensor& found, const odeon_tensor& stored, const odeon_tensor& begin) {
    odeon_error_norm_args args{};
    args.struct_size = sizeof args;
    args.norm = ODEON_NORM_RMS;
    args.per_row = 1;
    args.atol = std::max(size_at(stored, begin), std::numeric_limits<double>::min());
    return norm(args, found, stored);
  }

  // The real part of the eigenvalue of df/dy that is largest, about, from a few power iterations with the
  // transposed Jacobian.
  double fastest_rate(double t, const odeon_tensor& y) {
    constexpr int kIterations = 8;
    double rate = 0;
    e_.fill(v_, 1);
    for (int i = 0; i < kIterations; ++i) {
      odeon_vjp_args a{};
      a.struct_size = sizeof a;
      a.gy_mode = ODEON_WRITE_OVERWRITE;
      a.t = host_scalar(t);
      a.y = &y;
      a.v = &v_;
      a.gy = &Jv_;
      e_.vjp(a);
      rate = dot_(v_, Jv_) / dot_(v_, v_);
      const double length = std::sqrt(dot_(Jv_, Jv_)), one = 1;
      if (!(length > 0) || !std::isfinite(length)) return 0;
      e_.lincomb(v_, nullptr, 1 / length, {&one, 1}, {&Jv_, 1});
    }
    return rate;
  }

  // "the field decays at a rate of about 100 there, so a difference grows by 1e+43 on the way back"; empty
  // where no rate says so.
  std::string growth(const Segment& s) {
    const double rate = fastest_rate(s.from, s.y_from), exponent = rate * (s.to - s.from);
    constexpr double kLittle = 5;  // e^5: two digits
    if (!(exponent > kLittle)) return "";
    char text[160];
    std::snprintf(
        text, sizeof text,
        "the field's fastest part decays at a rate of about %.3g there, so that a difference grows by "
        "about 1e%+.0f on the way back",
        std::abs(rate), exponent / std::log(10));
    return text;
  }

 private:
  double size_of(const odeon_tensor& x) const {
    return std::sqrt(dot_(x, x) / static_cast<double>(element_count(x)));
  }
  // The root mean square of all that is stored; where that is zero, as it is at rest, of what the way back
  // began with.
  double size_at(const odeon_tensor& stored, const odeon_tensor& begin) const {
    const double size = size_of(stored);
    return size > 0 ? size : size_of(begin);
  }
  // Of the worst row, found - stored.
  double norm(odeon_error_norm_args args, const odeon_tensor& found, const odeon_tensor& stored) const {
    const double signs[] = {1, -1};
    const odeon_tensor terms[] = {found, stored};
    args.n_terms = 2;
    args.coefficients = signs;
    args.terms = terms;
    args.scale = host_scalar(1);
    args.y0 = &stored;
    check(e_.info().backend_api->error_norm(e_.info().queue, &args, static_cast<double*>(rows_.data)));
    return dot_.largest(rows_);
  }

  const Engine& e_;
  Dot dot_;
  TapeMemory memory_;
  odeon_tensor v_, Jv_, rows_{};
};

inline constexpr const char* kReconstructionRemedy =
    "use gradient adjoint_interpolated, which stores y(t) instead, or direct or checkpoint, which are exact, "
    "or "
    "put 'times' closer together, where y is reset";

}  // namespace odeon::continuous
