// The reverse of a trace: cotangents from the observations back to the first state, value by value.
#include "data/error.hpp"
#include "engine/linear_systems.hpp"
#include "engine/second_derivatives.hpp"
#include "engine/trace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

class TraceReverse::Sweep {
 public:
  Sweep(odeon_problem& problem, const odeon_tensor* gtheta)
      : p_(problem), gtheta_(gtheta), theta_(p_.theta.data ? &p_.theta : nullptr) {}

  void seed(TraceValue& value, const odeon_tensor& g) { add(value, 1, g); }

  // From the newest value to the oldest, so that all of a value's cotangent is there when its turn comes.
  void run(std::span<const odeon_tensor> inputs) {
    for (const odeon_tensor& g : inputs) p_.backend->fill(g, 0);
    while (!waiting_.empty()) {
      const auto newest = std::prev(waiting_.end());
      TraceValue& value = *newest->second.value;
      Buffer g = std::move(newest->second.cotangent);
      waiting_.erase(newest);
      if (value.kind == TraceValue::Kind::initial)
        p_.backend->copy(inputs[value.input], state(g.data()));
      else
        propagate(value, g);
      free_.push_back(std::move(g));
    }
  }

 private:
  struct Waiting {
    TraceValue* value;
    Buffer cotangent;
  };
  struct Found {
    odeon_tensor cotangent;
    bool is_new;  // and holds nothing yet
  };

  odeon_tensor state(void* data) const { return p_.state_view(data); }
  // Any array of so many bytes, without a shape.
  odeon_tensor flat(void* data, int64_t bytes, int64_t offset = 0) const {
    return make_tensor(static_cast<char*>(data) + offset, p_.dtype, {bytes / dtype_bytes(p_.dtype)});
  }

  Buffer buffer(int64_t bytes) {
    for (Buffer& b : free_)
      if (b.bytes() == bytes) {
        Buffer found = std::move(b);
        std::swap(b, free_.back());
        free_.pop_back();
        return found;
      }
    return Buffer(p_.backend, bytes);
  }

  Found find(TraceValue& value) {
    const auto [entry, is_new] = waiting_.try_emplace(value.index, Waiting{&value, Buffer{}});
    if (is_new) entry->second.cotangent = buffer(value.bytes);
    return {flat(entry->second.cotangent.data(), value.bytes), is_new};
  }
  odeon_tensor zeroed(TraceValue& value) {
    const Found f = find(value);
    if (f.is_new) p_.backend->fill(f.cotangent, 0);
    return f.cotangent;
  }
  static bool depends(const TraceRef& v) { return v && v->kind != TraceValue::Kind::constant; }

  void add(TraceValue& to, double weight, const odeon_tensor& g) {
    const Found f = find(to);
    const odeon_tensor flat_g = flat(g.data, to.bytes);
    p_.backend->lincomb(f.cotangent, f.is_new ? nullptr : &f.cotangent, weight, kOne, {&flat_g, 1});
  }

  void propagate(TraceValue& v, Buffer& g) {
    using Kind = TraceValue::Kind;
    switch (v.kind) {
      case Kind::constant:
      case Kind::initial:
        return;
      case Kind::opaque:
        throw RunError("a trace has a value from outside; this is a bug");
      case Kind::sum:
        for (size_t i = 0; i < v.from.size(); ++i)
          if (depends(v.from[i])) add(*v.from[i], v.weights[i], flat(g.data(), v.bytes));
        return;
      case Kind::piece:
        return of_piece(v, g);
      case Kind::choice:
        return of_choice(v, g);
      case Kind::evaluation:
        return of_field(v.t, *v.from[0], state(g.data()), true);
      case Kind::product:
        of_field(v.t, *v.from[0], state(g.data()), false, v.from[1].get());
        return second().of_product(point(v), state(v.from[1]->kept->data()), state(g.data()),
                                   state_of(*v.from[0]), gtheta_);
      case Kind::slope:
        return second().of_slope(point(v), state(g.data()), state_of(*v.from[0]), gtheta_);
      case Kind::solution:
        return of_solution(v, g);
    }
  }

  void of_piece(TraceValue& v, Buffer& g) {
    if (depends(v.from[1])) {
      const odeon_tensor whole = zeroed(*v.from[1]), to = flat(whole.data, v.piece.bytes, v.piece.from),
                         part = flat(g.data(), v.piece.bytes, v.piece.to);
      p_.backend->lincomb(to, &to, 1, kOne, {&part, 1});
    }
    if (!depends(v.from[0])) return;
    p_.backend->fill(flat(g.data(), v.piece.bytes, v.piece.to), 0);
    add(*v.from[0], 1, flat(g.data(), v.bytes));
  }

  void of_choice(TraceValue& v, Buffer& g) {
    Buffer zero = buffer(v.bytes), part = buffer(v.bytes);
    p_.backend->fill(flat(zero.data(), v.bytes), 0);
    const auto by_rows = [&](Buffer& b) {
      return make_tensor(b.data(), p_.dtype, {v.rows, v.bytes / dtype_bytes(p_.dtype) / v.rows});
    };
    for (size_t i = 0; i < 2; ++i) {
      if (!depends(v.from[i])) continue;
      const odeon_tensor z = by_rows(part), a = by_rows(i == 0 ? g : zero), b = by_rows(i == 0 ? zero : g);
      call(p_.backend->name(), p_.backend->api().select, p_.backend->queue(), &z,
           static_cast<const uint8_t*>(v.mask->data()), &a, &b);
      add(*v.from[i], 1, z);
    }
    free_.push_back(std::move(zero));
    free_.push_back(std::move(part));
  }

  // Cotangent of y (or of `to`) += v^T J at the kept y; with theta, that of theta as well.
  void of_field(double t, TraceValue& y, const odeon_tensor& v, bool with_theta, TraceValue* to = nullptr) {
    TraceValue& target = to ? *to : y;
    const Found f = find(target);
    const odeon_tensor at = state(y.kept->data()), gy = state(f.cotangent.data);
    odeon_vjp_args a{};
    a.struct_size = sizeof a;
    a.gy_mode = f.is_new ? ODEON_WRITE_OVERWRITE : ODEON_WRITE_ACCUMULATE;
    a.gtheta_mode = with_theta && gtheta_ ? ODEON_WRITE_ACCUMULATE : ODEON_WRITE_SKIP;
    a.t = host_scalar(t);
    a.y = &at;
    a.theta = theta_;
    a.v = &v;
    a.gy = &gy;
    a.gtheta = gtheta_;
    ++p_.counters->vjps;
    p_.field->vjp(a);
  }

  // x = (I - g J)^-1 r:  kappa = (I - g J)^-T x_bar is the cotangent of r, and g kappa . J x depends on where
  // J was taken.
  void of_solution(TraceValue& v, Buffer& g) {
    TraceValue& y = *v.from[0];
    if (linearized_ != y.index) systems().linearize(v.t, state(y.kept->data()));
    linearized_ = y.index;
    const odeon_tensor x_bar = state(g.data());
    systems().download(x_bar, residual_);
    if (!systems().solve_transposed(v.g, residual_, kappa_))
      throw RunError("the transposed linear system of a step could not be solved; use gradient adjoint");
    systems().upload(x_bar, kappa_);
    if (depends(v.from[1])) add(*v.from[1], 1, x_bar);
    p_.backend->lincomb(x_bar, nullptr, v.g, kOne, {&x_bar, 1});
    second().of_product(point(v), state(v.kept->data()), x_bar, state_of(y), gtheta_);
  }

  SecondDerivatives::Point point(const TraceValue& v) {
    y_ = state(v.from[0]->kept->data());
    return {v.t, y_, theta_};
  }
  odeon_tensor state_of(TraceValue& y) { return state(zeroed(y).data); }

  LinearSystems& systems() {
    if (!p_.transposed) p_.transposed = std::make_unique<LinearSystems>(p_);
    return *p_.transposed;
  }
  SecondDerivatives& second() {
    if (!p_.second)
      p_.second = std::make_unique<SecondDerivatives>(p_.backend, p_.field->field(), p_.dtype, p_.batch);
    return *p_.second;
  }

  static constexpr double kOne[] = {1.0};
  odeon_problem& p_;
  const odeon_tensor* gtheta_;
  const odeon_tensor* theta_;
  odeon_tensor y_{};
  std::map<int64_t, Waiting> waiting_;
  std::vector<Buffer> free_;
  int64_t linearized_ = -1;  // the value at which J was taken
  Eigen::VectorXd residual_, kappa_;
};

TraceReverse::TraceReverse(odeon_problem& problem, const odeon_tensor* gtheta)
    : sweep_(std::make_unique<Sweep>(problem, gtheta)) {}
TraceReverse::~TraceReverse() = default;
void TraceReverse::seed(const TraceRef& value, const odeon_tensor& g) { sweep_->seed(*value, g); }
void TraceReverse::run(std::span<const odeon_tensor> inputs) { sweep_->run(inputs); }

void reverse_trace(const Trace& trace, const odeon_tensor& gys, const odeon_tensor& gy0,
                   const odeon_tensor* gtheta) {
  TraceReverse reverse(trace.problem(), gtheta);
  for (const auto& [index, value] : trace.observations()) reverse.seed(value, row(gys, index));
  reverse.run({&gy0, 1});
}

}  // namespace odeon::host
