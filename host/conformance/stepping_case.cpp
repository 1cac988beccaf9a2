#include "conformance/stepping_case.hpp"

#include <cmath>

#include "conformance/allocations.hpp"
#include "conformance/solver_case.hpp"
#include "data/error.hpp"
#include "engine/code_stepper.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host::conformance {
namespace {

constexpr double kFirstStep = 0.02;

std::string options_of(const Subject& s) {
  return SolverCase(s).adaptive ? SolverCase::tolerance(1e-6) : SolverCase::fixed(kFirstStep);
}

}  // namespace

SteppingCase::SteppingCase(const Subject& s, const TestProblem& p)
    : api_(s.api<odeon_solver_api>()),
      name_(s.name()),
      p_(p),
      backend_(s.open_backend()),
      problem_(backend_, make_field(p.field), make_solver(s.choice(options_of(s))), ODEON_F64,
               p.initial.shape[0]),
      services_(dynamic_cast<CodeStepper&>(*problem_.stepper).services()) {
  call(name_, api_.create, &host_table(), &problem_.solver.component.options.value(), &solver_);
  y0_ = to_device(backend_, p.initial.shape, p.initial.to_doubles());
  y1_ = to_device(backend_, p.initial.shape, p.initial.to_doubles());
}

SteppingCase::~SteppingCase() {
  if (solver_) call_release(name_, api_.destroy, solver_);
}

void SteppingCase::start(double t0, double t_end, const Numbers& y0) {
  write(*backend_, y0_, y0);
  t_ = t0;
  h_ = t_end < t0 ? -kFirstStep : kFirstStep;
  const long before = allocations().value_or(0);
  call(name_, api_.start, solver_, &services_, t0, t_end, &y0_.view);
  start_allocations_ = allocations().value_or(0) - before;
}

odeon_status SteppingCase::try_step(double h) {
  backend_->fill(y1_.view, std::nan(""));  // a step has to write it
  result_ = {};
  result_.struct_size = sizeof result_;
  result_.t1 = t_ + h;
  const odeon_status status = call_slot(name_, api_.step, solver_, h, &y1_.view, &result_);
  check_call(status, name_);
  return status;
}

Numbers SteppingCase::y1() const { return read(*backend_, y1_); }
Numbers SteppingCase::start_state() const { return read(*backend_, y0_); }

void SteppingCase::accept() {
  if (api_.accept) call(name_, api_.accept, solver_);
  t_ = result_.t1;
}

Numbers SteppingCase::step() {
  for (int tries = 0; tries < 60; ++tries) {
    const odeon_status status = try_step(h_);
    const bool good = status == ODEON_OK && result_.error <= 1;
    const double tried = h_;
    if (result_.next_h != 0) h_ = result_.next_h;
    if (!good && result_.next_h == 0) h_ = tried / 2;
    if (!good) continue;
    accept();
    return y1();
  }
  throw RunError(name_ + " refused 60 steps, the last of size " + std::to_string(h_) +
                 " at t = " + std::to_string(t_));
}

Numbers SteppingCase::interpolate(double t) const {
  const DeviceTensor out = to_device(backend_, p_.initial.shape, y1());
  call(name_, api_.interpolate, solver_, t, &out.view);
  return read(*backend_, out);
}

SteppingCase::Saved SteppingCase::save() const {
  int64_t size = 0;
  call(name_, api_.save, solver_, static_cast<void*>(nullptr), &size);
  std::vector<char> bytes(static_cast<size_t>(size));
  call(name_, api_.save, solver_, static_cast<void*>(bytes.data()), &size);
  return {std::move(bytes), t_, h_};
}

void SteppingCase::load(const Saved& saved) {
  call(name_, api_.load, solver_, static_cast<const void*>(saved.bytes.data()),
       static_cast<int64_t>(saved.bytes.size()));
  t_ = saved.t, h_ = saved.h;
}

const odeon_solver_reversible_api* SteppingCase::reversible() const {
  return api_.get_ext ? static_cast<const odeon_solver_reversible_api*>(
                            call_slot(name_, api_.get_ext, solver_, to_str(ODEON_EXT_SOLVER_REVERSIBLE)))
                      : nullptr;
}

std::vector<Numbers> SteppingCase::carried() const {
  int32_t n = 0;
  call(name_, reversible()->carried, solver_, static_cast<odeon_tensor*>(nullptr), &n);
  std::vector<odeon_tensor> vectors(static_cast<size_t>(n));
  call(name_, reversible()->carried, solver_, vectors.data(), &n);
  std::vector<Numbers> out;
  for (const odeon_tensor& x : vectors) {
    const DeviceTensor copy = to_device(backend_, p_.initial.shape, p_.initial.to_doubles());
    backend_->copy(copy.view, x);
    out.push_back(read(*backend_, copy));
  }
  return out;
}

void SteppingCase::resume(double t, const std::vector<Numbers>& vectors) {
  std::vector<DeviceTensor> owned;
  std::vector<odeon_tensor> views;
  for (const Numbers& x : vectors) {
    owned.push_back(to_device(backend_, p_.initial.shape, x));
    views.push_back(owned.back().view);
  }
  call(name_, reversible()->resume, solver_, t, static_cast<const odeon_tensor*>(views.data()));
  t_ = t;
}

void SteppingCase::step_back(double t0, double h) {
  if (reversible()->step_back) {
    call(name_, reversible()->step_back, solver_, t0, h);
  } else {
    check_call(try_step(-h), name_);
    accept();
  }
  t_ = t0;
}

}  // namespace odeon::host::conformance
