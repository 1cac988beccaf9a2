// For gradient strategies: the host's engine and backend behind C++ calls, tape memory with an owner,
// and the boilerplate of the C table.
#pragma once
#include <odeon/gradient.h>

#include <memory>
#include <odeon/sdk/plugin.hpp>
#include <odeon/sdk/tensor.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon {

// The problem of one call; cheap to make. Throws StatusError when a call fails (its text is already set).
class Engine {
 public:
  Engine(const odeon_host* host, odeon_problem* problem) : host_(host), problem_(problem) {
    odeon_str id = ODEON_STR(ODEON_EXT_HOST_ENGINE);
    api_ = static_cast<const odeon_engine_api*>(host->get_ext(host, id));
    if (!api_) throw Error("this host has no " ODEON_EXT_HOST_ENGINE "; update Odeon", ODEON_E_UNSUPPORTED);
    info_.struct_size = sizeof info_;
    check(api_->info(problem_, &info_));
  }

  const odeon_problem_info& info() const { return info_; }
  const odeon_engine_api& api() const { return *api_; }
  odeon_problem* problem() const { return problem_; }
  const odeon_host* host() const { return host_; }
  int64_t state_bytes() const { return byte_count(info_.state); }
  odeon_tensor state(void* data) const {
    odeon_tensor x = info_.state;
    x.data = data;
    return x;
  }
  // Entry i of a [times, state] tensor.
  odeon_tensor at(const odeon_tensor& ys, int64_t i) const {
    return state(static_cast<char*>(ys.data) + i * state_bytes());
  }

  void solve(const odeon_solve_args& args) const { check(api_->solve(problem_, &args)); }
  void eval(double t, const odeon_tensor& y, const odeon_tensor& dy) const {
    check(api_->field_eval(problem_, host_scalar(t), &y, &dy));
  }
  void vjp(const odeon_vjp_args& args) const { check(api_->field_vjp(problem_, &args)); }

  void jvp(const odeon_jvp_args& args) const { check(api_->field_jvp(problem_, &args)); }

  // All elements as doubles on the host, and back.
  std::vector<double> read(const odeon_tensor& x) const {
    std::vector<double> values(static_cast<size_t>(element_count(x)));
    if (x.dtype == ODEON_F64) {
      transfer(values.data(), x.data, byte_count(x), ODEON_COPY_TO_HOST);
      return values;
    }
    std::vector<float> single(values.size());
    transfer(single.data(), x.data, byte_count(x), ODEON_COPY_TO_HOST);
    values.assign(single.begin(), single.end());
    return values;
  }
  void write(const odeon_tensor& x, std::span<const double> values) const {
    if (x.dtype == ODEON_F64) return transfer(x.data, values.data(), byte_count(x), ODEON_COPY_TO_DEVICE);
    std::vector<float> single(values.size());
    for (size_t i = 0; i < single.size(); ++i) single[i] = static_cast<float>(values[i]);
    transfer(x.data, single.data(), byte_count(x), ODEON_COPY_TO_DEVICE);
  }

  void copy(const odeon_tensor& to, const odeon_tensor& from) const {
    check(info_.backend_api->copy(info_.queue, to.data, from.data, byte_count(from), ODEON_COPY_ON_DEVICE));
  }
  void fill(const odeon_tensor& x, double value) const {
    check(info_.backend_api->fill(info_.queue, &x, value));
  }
  // z = base + scale * sum_i c_i x_i; base may be null.
  void lincomb(const odeon_tensor& z, const odeon_tensor* base, double scale, std::span<const double> c,
               std::span<const odeon_tensor> x) const {
    check(info_.backend_api->lincomb(info_.queue, &z, base, host_scalar(scale),
                                     static_cast<int32_t>(c.size()), c.data(), x.data()));
  }
  void add(const odeon_tensor& z, const odeon_tensor& x, double factor = 1) const {
    lincomb(z, &z, 1, {&factor, 1}, {&x, 1});
  }

 private:
  void transfer(void* to, const void* from, int64_t bytes, int32_t direction) const {
    if (bytes > 0) check(info_.backend_api->copy(info_.queue, to, from, bytes, direction));
  }

  const odeon_host* host_;
  odeon_problem* problem_;
  const odeon_engine_api* api_ = nullptr;
  odeon_problem_info info_{};
};

// Backend memory that counts as tape.
class TapeMemory {
 public:
  TapeMemory(const Engine& engine, int64_t bytes)
      : api_(&engine.api()), problem_(engine.problem()), bytes_(bytes) {
    check(api_->tape_alloc(problem_, bytes, &data_));
  }
  ~TapeMemory() {
    if (api_) api_->tape_release(problem_, data_, bytes_);
  }
  TapeMemory(TapeMemory&& other) noexcept
      : api_(std::exchange(other.api_, nullptr)),
        problem_(other.problem_),
        data_(other.data_),
        bytes_(other.bytes_) {}
  TapeMemory& operator=(TapeMemory&&) = delete;
  void* data() const { return data_; }
  char* bytes() const { return static_cast<char*>(data_); }

 private:
  const odeon_engine_api* api_;
  odeon_problem* problem_;
  void* data_ = nullptr;
  int64_t bytes_;
};

// A number in backend memory, for dot products and sums that the host needs.
class Dot {
 public:
  explicit Dot(const Engine& engine) : engine_(engine), result_(engine, 8) {}
  double operator()(const odeon_tensor& x, const odeon_tensor& y) const {
    check(
        engine_.info().backend_api->dot(engine_.info().queue, &x, &y, static_cast<double*>(result_.data())));
    return read();
  }
  double sum(const odeon_tensor& x) const { return reduce(ODEON_REDUCE_SUM, x); }
  double largest(const odeon_tensor& x) const { return reduce(ODEON_REDUCE_MAX, x); }

 private:
  double reduce(int32_t operation, const odeon_tensor& x) const {
    check(engine_.info().backend_api->reduce(engine_.info().queue, operation, &x,
                                             static_cast<double*>(result_.data())));
    return read();
  }
  double read() const {
    double value = 0;
    check(engine_.info().backend_api->copy(engine_.info().queue, &value, result_.data(), 8,
                                           ODEON_COPY_TO_HOST));
    return value;
  }
  const Engine& engine_;
  TapeMemory result_;
};

// The solve that `forward` is asked for.
inline odeon_solve_args solve_args_of(const odeon_gradient_forward_args& forward) {
  odeon_solve_args solve{};
  solve.struct_size = sizeof solve;
  solve.y0 = forward.y0;
  solve.times = forward.times;
  solve.n_times = forward.n_times;
  solve.ys = forward.ys;
  return solve;
}

// The same solve; visit(record) sees each accepted step, and what it throws ends the solve. residuals: see
// odeon_solve_args.
template <class Visit>
void solve_observed(const Engine& engine, const odeon_gradient_forward_args& forward, Visit visit,
                    bool residuals = false) {
  struct Observer {
    const odeon_host* host;
    Visit& visit;
    static odeon_status on_step(void* user, const odeon_step_record* step) {
      const auto& self = *static_cast<Observer*>(user);
      return barrier(self.host, [&] { self.visit(*step); });
    }
  } observer{engine.host(), visit};
  odeon_solve_args solve = solve_args_of(forward);
  solve.on_step = Observer::on_step;
  solve.user = &observer;
  solve.residuals = residuals;
  engine.solve(solve);
}

// A solve whose backend differentiates it by itself; its owner. Empty: there is none.
using RowGradient = std::unique_ptr<odeon_row_gradient, void (*)(odeon_row_gradient*)>;

// For a strategy that does without. Throws where each row has steps of its own, so that the host goes row by
// row.
inline RowGradient no_row_gradient(const Engine& engine) {
  if (engine.info().rows_apart) throw StatusError(ODEON_E_UNSUPPORTED);
  return {nullptr, nullptr};
}

// The solve that `forward` is asked for; empty, or throws as above, where no backend does so. args: all but
// that.
inline RowGradient solve_rows(const Engine& engine, const odeon_gradient_forward_args& forward,
                              odeon_row_solve_args args) {
  const odeon_engine_api& api = engine.api();
  if (!ODEON_HAS(&api, row_destroy)) return no_row_gradient(engine);
  args.struct_size = sizeof args;
  args.y0 = forward.y0, args.ys = forward.ys;
  args.times = forward.times, args.n_times = forward.n_times;
  odeon_row_gradient* out = nullptr;
  const odeon_status status = api.row_solve(engine.problem(), &args, &out);
  if (status == ODEON_E_UNSUPPORTED) return no_row_gradient(engine);
  check(status);
  return {out, api.row_destroy};
}

// What the reverse of such a solve gives to the host.
inline odeon_row_reverse_args row_reverse_args_of(const odeon_gradient_backward_args& backward) {
  odeon_row_reverse_args args{};
  args.struct_size = sizeof args;
  args.gys = backward.gys, args.gy0 = backward.gy0;
  args.gtheta = backward.gtheta, args.gtimes = backward.gtimes;
  return args;
}

inline void reverse_rows(const Engine& engine, const RowGradient& rows,
                         const odeon_gradient_backward_args& args) {
  const odeon_row_reverse_args reverse = row_reverse_args_of(args);
  check(engine.api().row_reverse(engine.problem(), rows.get(), &reverse));
}

// The state x as `parts` of a derived problem that begin there.
inline odeon_tensor as_parts(odeon_tensor x, int64_t parts) {
  for (int32_t d = x.rank++; d > 0; --d) x.shape[d] = x.shape[d - 1];
  x.shape[0] = parts;
  return x;
}

using DerivedProblem = std::unique_ptr<odeon_problem, void (*)(odeon_problem*)>;
inline DerivedProblem derive(const Engine& engine, const odeon_derive_args& args) {
  odeon_problem* out = nullptr;
  check(engine.api().derive(engine.problem(), &args, &out));
  return {out, engine.api().problem_destroy};
}

// z += values, which are on the host.
inline void add_from_host(const Engine& engine, const odeon_tensor& z, std::span<const double> values) {
  const TapeMemory memory(engine, byte_count(z));
  odeon_tensor x = z;
  x.data = memory.data();
  engine.write(x, values);
  engine.add(z, x);
}

// dL/dt as the solution has it, once gy0 is there: v . f at an observation, which y0 has no part in at the
// first.
inline void times_of_the_flow(const Engine& engine, const odeon_gradient_forward_args& f,
                              const odeon_gradient_backward_args& args) {
  const TapeMemory memory(engine, engine.state_bytes());
  const odeon_tensor slope = engine.state(memory.data());
  const Dot dot(engine);
  for (int64_t i = 0; i < f.n_times; ++i) {
    engine.eval(f.times[i], engine.at(*f.ys, i), slope);
    args.gtimes[i] = dot(engine.at(*args.gys, i), slope);
    if (i == 0) args.gtimes[0] -= dot(*args.gy0, slope);
  }
}

// A solution as a function of time, in tape memory; its owner. Filled through `receive` by a solve.
class StoredSolution {
 public:
  explicit StoredSolution(const Engine& engine) : api_(&engine.api()) {}
  ~StoredSolution() { reset(); }
  StoredSolution(const StoredSolution&) = delete;
  StoredSolution& operator=(const StoredSolution&) = delete;

  odeon_dense** receive() {
    reset();
    return &dense_;
  }
  void reset() {
    if (dense_) api_->dense_destroy(std::exchange(dense_, nullptr));
  }
  void eval(double t, const odeon_tensor& out) const { check(api_->dense_eval(dense_, t, &out)); }
  // The ends of its steps.
  std::span<const double> times() const {
    const double* times = nullptr;
    int64_t n = 0;
    check(api_->dense_times(dense_, &times, &n));
    return {times, static_cast<size_t>(n)};
  }

 private:
  const odeon_engine_api* api_;
  odeon_dense* dense_ = nullptr;
};

// The C table of a strategy class with
//   Strategy(const odeon_host*, const Options&);  struct Tape;
//   std::unique_ptr<Tape> forward(const Engine&, const odeon_gradient_forward_args&);
//   void backward(const Engine&, Tape&, const odeon_gradient_backward_args&);
template <class Strategy>
class GradientApi {
  struct Instance {
    const odeon_host* host;
    Strategy strategy;
  };
  static Instance& self(odeon_gradient* g) { return *reinterpret_cast<Instance*>(g); }
  static odeon_status create(const odeon_host* host, const odeon_value* options, odeon_gradient** out) {
    return barrier(host, [&] {
      *out = reinterpret_cast<odeon_gradient*>(new Instance{host, Strategy(host, Options(options))});
    });
  }
  static void destroy(odeon_gradient* g) { delete &self(g); }
  static odeon_status forward(odeon_gradient* g, odeon_problem* problem,
                              const odeon_gradient_forward_args* args, odeon_tape** out) {
    return barrier(self(g).host, [&] {
      *out = reinterpret_cast<odeon_tape*>(
          self(g).strategy.forward(Engine(self(g).host, problem), *args).release());
    });
  }
  static odeon_status backward(odeon_gradient* g, odeon_problem* problem, odeon_tape* tape,
                               const odeon_gradient_backward_args* args) {
    return barrier(self(g).host, [&] {
      self(g).strategy.backward(Engine(self(g).host, problem),
                                *reinterpret_cast<typename Strategy::Tape*>(tape), *args);
    });
  }
  static void tape_destroy(odeon_gradient*, odeon_problem*, odeon_tape* tape) {
    delete reinterpret_cast<typename Strategy::Tape*>(tape);
  }

 public:
  static constexpr odeon_gradient_api table(uint32_t capabilities) {
    odeon_gradient_api api{};
    api.struct_size = sizeof api;
    api.capabilities = capabilities;
    api.create = create;
    api.destroy = destroy;
    api.forward = forward;
    api.backward = backward;
    api.tape_destroy = tape_destroy;
    return api;
  }
};

}  // namespace odeon
