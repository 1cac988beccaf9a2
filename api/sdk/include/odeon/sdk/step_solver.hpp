// For solvers that take steps by code: the problem behind C++ calls, state vectors with an owner, saved
// state, and the boilerplate of the C table.
#pragma once
#include <odeon/ext/reversible.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstring>
#include <odeon/sdk/plugin.hpp>
#include <odeon/sdk/tensor.hpp>
#include <span>
#include <type_traits>
#include <vector>

namespace odeon {

// The problem that `start` named. Every call throws StatusError where the status is not ODEON_OK; a soft one
// (ODEON_RETRY_SMALLER) leaves `step` by itself and makes the host try a smaller step.
class StepProblem {
 public:
  StepProblem() = default;
  explicit StepProblem(const odeon_solver_problem_api* api) : api_(api) {}

  const odeon_solver_problem_api& api() const { return *api_; }
  bool same_as(const odeon_solver_problem_api* other) const { return api_ == other; }
  int64_t state_bytes() const { return byte_count(api_->state); }
  odeon_tensor state(void* data) const {
    odeon_tensor x = api_->state;
    x.data = data;
    return x;
  }

  void eval(double t, const odeon_tensor& y, const odeon_tensor& dy) const {
    check(api_->eval(api_->self, host_scalar(t), &y, &dy));
  }
  // Scaled by the tolerances at a, or at the larger of a and b.
  double norm(const odeon_tensor& x, const odeon_tensor& a, const odeon_tensor* b = nullptr) const {
    double result = 0;
    check(api_->scaled_norm(api_->self, &x, &a, b, &result));
    return result;
  }
  void linearize(double t, const odeon_tensor& y) const { check(api_->linearize(api_->self, t, &y)); }
  // x = (I - g J)^-1 r
  void solve_shifted(double g, const odeon_tensor& r, const odeon_tensor& x) const {
    check(api_->solve_shifted(api_->self, g, &r, &x));
  }
  void jvp(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& out) const {
    check(api_->jvp(api_->self, t, &y, &u, &out));
  }
  void time_derivative(double t, const odeon_tensor& y, const odeon_tensor& out) const {
    check(api_->time_derivative(api_->self, t, &y, &out));
  }

  void copy(const odeon_tensor& to, const odeon_tensor& from) const {
    check(api_->backend_api->copy(api_->queue, to.data, from.data, byte_count(from), ODEON_COPY_ON_DEVICE));
  }
  void fill(const odeon_tensor& x, double value) const {
    check(api_->backend_api->fill(api_->queue, &x, value));
  }
  // z = base + scale * sum_i c_i x_i; base may be null, z may be base or a term.
  void lincomb(const odeon_tensor& z, const odeon_tensor* base, double scale, std::span<const double> c,
               std::span<const odeon_tensor> x) const {
    check(api_->backend_api->lincomb(api_->queue, &z, base, host_scalar(scale),
                                     static_cast<int32_t>(c.size()), c.data(), x.data()));
  }
  // z = base + factor x
  void add(const odeon_tensor& z, const odeon_tensor& base, double factor, const odeon_tensor& x) const {
    lincomb(z, &base, 1, {&factor, 1}, {&x, 1});
  }

 private:
  const odeon_solver_problem_api* api_ = nullptr;
};

// Memory of the problem's backend, of the problem's life.
class BackendMemory {
 public:
  BackendMemory() = default;
  BackendMemory(const StepProblem& problem, int64_t bytes) : problem_(problem) {
    check(problem.api().backend_api->alloc(problem.api().backend, bytes, &data_));
  }
  ~BackendMemory() {
    if (data_) problem_.api().backend_api->release(problem_.api().backend, data_);
  }
  BackendMemory(BackendMemory&& other) noexcept { swap(other); }
  BackendMemory& operator=(BackendMemory&& other) noexcept {
    swap(other);
    return *this;
  }

  void* data() const { return data_; }

 private:
  void swap(BackendMemory& other) noexcept {
    std::swap(problem_, other.problem_);
    std::swap(data_, other.data_);
  }
  StepProblem problem_;
  void* data_ = nullptr;
};

// The largest |a - b| / (atol + rtol max(|a|, |b|)) over all elements: whether an iteration has converged. A
// host number: waits for the queue.
class LargestDifference {
 public:
  LargestDifference() = default;
  explicit LargestDifference(const StepProblem& problem)
      : problem_(problem), result_(problem, sizeof(double)) {}

  double operator()(const odeon_tensor& a, const odeon_tensor& b, double rtol, double atol) const {
    const double signs[] = {1, -1};
    const odeon_tensor terms[] = {a, b};
    odeon_error_norm_args args{};
    args.struct_size = sizeof args;
    args.norm = ODEON_NORM_MAX;
    args.n_terms = 2;
    args.coefficients = signs;
    args.terms = terms;
    args.scale = host_scalar(1);
    args.y0 = &a;
    args.y1 = &b;
    args.rtol = rtol;
    args.atol = atol;
    const auto& api = problem_.api();
    double result = 0;
    check(api.backend_api->error_norm(api.queue, &args, static_cast<double*>(result_.data())));
    check(api.backend_api->copy(api.queue, &result, result_.data(), sizeof result, ODEON_COPY_TO_HOST));
    return result;
  }

 private:
  StepProblem problem_;
  BackendMemory result_;
};

// `count` vectors of the state's shape in backend memory.
class StateVectors {
 public:
  StateVectors() = default;
  StateVectors(const StepProblem& problem, size_t count) {
    if (count == 0) return;
    const int64_t bytes = (problem.state_bytes() + 63) / 64 * 64;
    memory_ = BackendMemory(problem, bytes * static_cast<int64_t>(count));
    for (size_t i = 0; i < count; ++i)
      vectors_.push_back(problem.state(static_cast<char*>(memory_.data()) + static_cast<int64_t>(i) * bytes));
  }

  size_t size() const { return vectors_.size(); }
  odeon_tensor& operator[](size_t i) { return vectors_[i]; }
  const odeon_tensor& operator[](size_t i) const { return vectors_[i]; }
  std::span<const odeon_tensor> span() const { return vectors_; }

 private:
  BackendMemory memory_;
  std::vector<odeon_tensor> vectors_;
};

// Writes or reads the state of a solver as bytes; the same function serves both, so the two cannot differ.
// Without a buffer it counts.
class Archive {
 public:
  enum class Mode { count, save, load };
  Archive(const StepProblem& problem, Mode mode, void* bytes, int64_t size)
      : problem_(problem), mode_(mode), at_(static_cast<char*>(bytes)), left_(size) {}

  template <class T>
  requires std::is_trivially_copyable_v<T>
  void value(T& x) {
    move(
        &x, sizeof x, [&] { std::memcpy(at_, &x, sizeof x); }, [&] { std::memcpy(&x, at_, sizeof x); });
  }
  void vector(const odeon_tensor& x) {
    const auto& api = problem_.api();
    const int64_t bytes = byte_count(x);
    move(
        x.data, bytes,
        [&] { check(api.backend_api->copy(api.queue, at_, x.data, bytes, ODEON_COPY_TO_HOST)); },
        [&] { check(api.backend_api->copy(api.queue, x.data, at_, bytes, ODEON_COPY_TO_DEVICE)); });
  }
  int64_t moved() const { return moved_; }

 private:
  template <class Save, class Load>
  void move(const void*, int64_t bytes, Save save, Load load) {
    moved_ += bytes;
    if (mode_ == Mode::count) return;
    if (bytes > left_)
      throw Error("the saved state of a solver has another size than this solver needs; save it again");
    if (mode_ == Mode::save) save();
    if (mode_ == Mode::load) load();
    at_ += bytes, left_ -= bytes;
  }
  StepProblem problem_;
  Mode mode_;
  char* at_;
  int64_t left_, moved_ = 0;
};

// The C table of a solver class with
//   Solver(const odeon_host*, const Options&);
//   void start(const StepProblem&, bool again, double t0, double t_end, const odeon_tensor& y0);
//     // again: the same problem as in the last start, so the work space is there
//   void step(double h, const odeon_tensor& y1, odeon_step_result&);
//     // soft outcomes: throws StatusError, or returns odeon_status, which costs less where they are usual
// and, where it has them,
//   void accept();   void interpolate(double t, const odeon_tensor& out);   void archive(Archive&);
// and, where its steps can be taken back (ext/reversible.h),
//   std::array<odeon_tensor, n> carried();  // where these vectors are
//   void stand_at(double t);                // with what carried() now holds
//   void step_back(double t0, double h);    // where the step of size -h does not do it
template <class Solver>
class StepSolverApi {
  struct Instance {
    const odeon_host* host;
    Solver solver;
    StepProblem problem;
    bool started = false;
  };
  static Instance& self(odeon_solver* s) { return *reinterpret_cast<Instance*>(s); }
  static odeon_status create(const odeon_host* host, const odeon_value* options, odeon_solver** out) {
    return barrier(host, [&] {
      *out = reinterpret_cast<odeon_solver*>(new Instance{host, Solver(host, Options(options)), {}, false});
    });
  }
  static void destroy(odeon_solver* s) { delete &self(s); }
  static odeon_status start(odeon_solver* s, const odeon_solver_problem_api* problem, double t0, double t_end,
                            const odeon_tensor* y0) {
    return barrier(self(s).host, [&] {
      const bool again = self(s).started && self(s).problem.same_as(problem);
      self(s).problem = StepProblem(problem);
      self(s).solver.start(self(s).problem, again, t0, t_end, *y0);
      self(s).started = true;
    });
  }
  static odeon_status step(odeon_solver* s, double h, const odeon_tensor* y1, odeon_step_result* result) {
    odeon_status outcome = ODEON_OK;
    const odeon_status failed = barrier(self(s).host, [&] {
      if constexpr (std::is_void_v<decltype(self(s).solver.step(h, *y1, *result))>)
        self(s).solver.step(h, *y1, *result);
      else
        outcome = self(s).solver.step(h, *y1, *result);
    });
    return failed != ODEON_OK ? failed : outcome;
  }
  static odeon_status accept(odeon_solver* s) {
    return barrier(self(s).host, [&] { self(s).solver.accept(); });
  }
  static odeon_status interpolate(odeon_solver* s, double t, const odeon_tensor* out) {
    return barrier(self(s).host, [&] { self(s).solver.interpolate(t, *out); });
  }
  static odeon_status save(odeon_solver* s, void* bytes, int64_t* size) {
    return barrier(self(s).host, [&] {
      Archive archive(self(s).problem, bytes ? Archive::Mode::save : Archive::Mode::count, bytes, *size);
      self(s).solver.archive(archive);
      *size = archive.moved();
    });
  }
  static odeon_status load(odeon_solver* s, const void* bytes, int64_t size) {
    return barrier(self(s).host, [&] {
      Archive archive(self(s).problem, Archive::Mode::load, const_cast<void*>(bytes), size);
      self(s).solver.archive(archive);
    });
  }
  static odeon_status carried(odeon_solver* s, odeon_tensor* vectors, int32_t* n) {
    return barrier(self(s).host, [&] {
      const auto now = self(s).solver.carried();
      *n = static_cast<int32_t>(now.size());
      if (vectors) std::copy(now.begin(), now.end(), vectors);
    });
  }
  static odeon_status resume(odeon_solver* s, double t, const odeon_tensor* vectors) {
    return barrier(self(s).host, [&] {
      for (const odeon_tensor& to : self(s).solver.carried()) self(s).problem.copy(to, *vectors++);
      self(s).solver.stand_at(t);
    });
  }
  static odeon_status step_back(odeon_solver* s, double t0, double h) {
    return barrier(self(s).host, [&] { self(s).solver.step_back(t0, h); });
  }
  static constexpr odeon_solver_reversible_api reversible_table() {
    odeon_solver_reversible_api api{};
    api.struct_size = sizeof api;
    api.carried = carried;
    api.resume = resume;
    if constexpr (requires(Solver & x) { x.step_back(0.0, 0.0); }) api.step_back = step_back;
    return api;
  }
  static const void* get_ext(odeon_solver*, odeon_str id) {
    static constexpr odeon_solver_reversible_api kReversible = reversible_table();
    return to_view(id) == ODEON_EXT_SOLVER_REVERSIBLE ? &kReversible : nullptr;
  }

 public:
  // order: nominal; first_order: of the first step where the order varies; error_order: of the error
  // estimate.
  static constexpr odeon_solver_api table(uint32_t capabilities, int32_t order, int32_t first_order = 0,
                                          int32_t error_order = 0) {
    odeon_solver_api api{};
    api.struct_size = sizeof api;
    api.capabilities = capabilities;
    api.order = order;
    api.first_order = first_order;
    api.error_order = error_order;
    api.create = create;
    api.destroy = destroy;
    api.start = start;
    api.step = step;
    if constexpr (requires(Solver & x) { x.accept(); }) api.accept = accept;
    if constexpr (requires(Solver & x, double t, const odeon_tensor& out) { x.interpolate(t, out); })
      api.interpolate = interpolate;
    if constexpr (requires(Solver & x, Archive & a) { x.archive(a); }) api.save = save, api.load = load;
    if constexpr (requires(Solver & x) { x.carried(); }) api.get_ext = get_ext;
    return api;
  }
};

}  // namespace odeon
