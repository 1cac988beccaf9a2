// A solver that takes steps by code, stepped by hand: its slots on a problem of the engine, without the
// integration loop around them.
#pragma once
#include "engine/services_edge.hpp"
#include "engine/step_arithmetic.hpp"
#include "experiment_case.hpp"
#include "prepared_problem.hpp"

namespace odeon::test {

class HandStepped {
 public:
  // config: an experiment with a host backend, whose solver is the one to step.
  explicit HandStepped(const Json& config)
      : experiment_(to_experiment(config, installed())),
        prepared_(experiment_, installed()),
        api_(prepared_.problem->solver.api()),
        norms_(*prepared_.problem) {
    odeon_problem& p = *prepared_.problem;
    services_.struct_size = sizeof services_;
    services_.dtype = p.dtype;
    counted_ = p.backend->api();
    counted_.alloc = [](odeon_backend* backend, int64_t bytes, void** out) {
      ++allocations;
      return original_alloc(backend, bytes, out);
    };
    original_alloc = p.backend->api().alloc;
    services_.backend_api = &counted_;
    services_.backend = p.backend->handle();
    services_.queue = p.backend->queue();
    services_.state = p.state_view(nullptr);
    services_.row_elements = p.state_elements() / p.batch;
    services_.max_step = std::numeric_limits<double>::infinity();
    services_.rtol = p.solver.settings.rtol[0], services_.atol = p.solver.settings.atol[0];
    services_.self = reinterpret_cast<odeon_solver_problem*>(this);
    services_.eval = [](odeon_solver_problem* self, odeon_scalar t, const odeon_tensor* y,
                        const odeon_tensor* dy) {
      HandStepped& s = of(self);
      ++s.evaluations;
      return host::services_edge([&] { s.prepared_.problem->rhs->eval(t.value, *y, *dy, nullptr); });
    };
    services_.scaled_norm = [](odeon_solver_problem* self, const odeon_tensor* x, const odeon_tensor* a,
                               const odeon_tensor* b, double* norm) {
      const double one[] = {1.0};
      return host::services_edge([&] { *norm = of(self).norms_.scaled_norm(1, one, {x, 1}, *a, b); });
    };
    const odeon_value& options = prepared_.problem->solver.component.options.value();
    require(api_.create(&host::host_table(), &options, &solver_));
    y1_ = host::DeviceTensor(prepared_.backend, p.dtype, p.state_shape);
  }
  ~HandStepped() { api_.destroy(solver_); }
  HandStepped(const HandStepped&) = delete;

  static inline int64_t allocations = 0;  // of backend memory, by the solver
  int64_t evaluations = 0;
  double t = 0, next_h = 0;
  int32_t order = 0;

  void start(double t0, double t_end) {
    t = t0, next_h = 0;
    require(api_.start(solver_, &services_, t0, t_end, &prepared_.y0.view));
  }
  // Also accepts a step that was successful.
  odeon_status step(double h) {
    odeon_step_result r{};
    r.struct_size = sizeof r;
    r.t1 = t + h;
    const odeon_status status = api_.step(solver_, h, &y1_.view, &r);
    next_h = r.next_h;
    if (status != ODEON_OK) return status;
    if (api_.accept) require(api_.accept(solver_));
    t = r.t1, order = r.order;
    return status;
  }
  std::vector<double> initial() { return values(prepared_.y0); }
  std::vector<double> state() { return values(y1_); }
  std::vector<double> interpolated(double at) {
    host::DeviceTensor out(prepared_.backend, y1_.view.dtype, prepared_.problem->state_shape);
    require(api_.interpolate(solver_, at, &out.view));
    return values(out);
  }
  std::vector<char> save() {
    int64_t size = 0;
    require(api_.save(solver_, nullptr, &size));
    std::vector<char> bytes(static_cast<size_t>(size));
    require(api_.save(solver_, bytes.data(), &size));
    return bytes;
  }
  void load(const std::vector<char>& bytes, double at, double h) {
    require(api_.load(solver_, bytes.data(), static_cast<int64_t>(bytes.size())));
    t = at, next_h = h;
  }
  bool has_interpolation() const { return api_.interpolate != nullptr; }

 private:
  static HandStepped& of(odeon_solver_problem* self) { return *reinterpret_cast<HandStepped*>(self); }
  static void require(odeon_status status) { host::check_call(status, "the solver"); }
  std::vector<double> values(const host::DeviceTensor& x) {
    std::vector<double> out(static_cast<size_t>(element_count(x.view)));
    prepared_.backend->download(out.data(), x.view.data, byte_count(x.view));
    return out;
  }

  host::Experiment experiment_;
  PreparedProblem prepared_;
  const odeon_solver_api& api_;
  host::StepArithmetic norms_;
  static inline decltype(odeon_backend_api::alloc) original_alloc = nullptr;
  odeon_backend_api counted_;
  odeon_solver_problem_api services_{};
  odeon_solver* solver_ = nullptr;
  host::DeviceTensor y1_;
};

}  // namespace odeon::test
