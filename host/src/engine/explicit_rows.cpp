#include "engine/explicit_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/failure.hpp"
#include "engine/step_arithmetic.hpp"
#include "engine/step_control.hpp"
#include "engine/step_limit.hpp"
#include "engine/workspace.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

bool suits_explicit_rows(const odeon_problem& p) {
  const SolverChoice& s = p.solver;
  return s.method && s.method->is_explicit() && s.settings.control == Control::adaptive &&
         s.settings.breakpoints.empty() && p.shared_field && p.shared_field->graph() &&
         !p.has_events();
}

ExplicitRows::ExplicitRows(odeon_problem& problem) : p_(problem) {
  const auto make = [&](int32_t dtype, std::span<const int64_t> shape) {
    odeon_tensor x = make_tensor(nullptr, dtype, shape);
    buffers_.emplace_back(p_.backend, byte_count(x));
    x.data = buffers_.back().data();
    return x;
  };
  for (odeon_tensor* x : {&y_, &y1_, &stage_}) *x = make(p_.dtype, p_.state_shape);
  for (int i = 0; i <= p_.solver.method->stages(); ++i) k_.push_back(make(p_.dtype, p_.state_shape));
  const int64_t rows[] = {p_.batch};
  for (double** x : {&t_, &h_, &norms_}) *x = data<double>(make(ODEON_F64, rows));
  mask_ = data<uint8_t>(make(ODEON_U8, rows));
}

ExplicitRows::~ExplicitRows() = default;

FieldProgram& ExplicitRows::program(int64_t rows) {
  if (rows == p_.batch) return *p_.field;
  auto& program = programs_[rows];
  if (!program) program = std::make_unique<FieldProgram>(p_.backend, p_.shared_field, p_.dtype, rows);
  return *program;
}

// One solve: the rows that run are slots 0, 1, … of the work space.
class ExplicitRows::Solve {
 public:
  Solve(ExplicitRows& work, const odeon_solve_args& args)
      : w_(work),
        p_(work.p_),
        b_(*work.p_.backend),
        m_(*p_.solver.method),
        s_(p_.solver.settings),
        args_(args),
        times_(args.times, static_cast<size_t>(args.n_times)),
        dense_(dense_of(p_)),
        stages_(static_cast<size_t>(m_.stages())),
        direction_(times_.size() > 1 && times_[1] < times_[0] ? -1 : 1),
        numbers_(static_cast<size_t>(p_.batch)),
        mask_(numbers_.size()) {
    for (int64_t r = 0; r < p_.batch; ++r)
      slots_.push_back({r, times_[0], 0, StepControl(s_, p_.solver.error_order())});
  }

  std::vector<Failure> run() {
    b_.copy(w_.y_, *args_.y0);
    write(0, slots_.size());
    if (times_.size() < 2) return {};
    begin();
    while (running_ > 0) {
      if (cancel_requested()) throw Cancelled();
      for (size_t i = 0; i < size(); ++i) check_limits(i);
      if (running_ == 0) break;
      attempt();
      shrink();
    }
    return std::move(failures_);
  }

 private:
  struct Slot {
    int64_t row;
    double t, h;  // h 0: done, and carried along until the batch shrinks
    StepControl control;
    size_t next = 1;
    int64_t tried = 0;
    double error = 0;
    bool done() const { return h == 0; }
  };

  size_t size() const { return slots_.size(); }
  odeon_tensor front(const odeon_tensor& x) const {
    odeon_tensor view = x;
    view.shape[0] = static_cast<int64_t>(size());
    return view;
  }
  odeon_tensor row(const odeon_tensor& x, size_t slot) const {
    odeon_tensor one = x;
    one.shape[0] = 1;
    one.data = static_cast<char*>(x.data) + static_cast<int64_t>(slot) * byte_count(one);
    return one;
  }
  // Numbers by slot, in backend memory.
  template <class Of>
  odeon_scalar per_slot(double* memory, Of of) {
    for (size_t i = 0; i < size(); ++i) numbers_[i] = of(slots_[i]);
    b_.upload(memory, numbers_.data(), static_cast<int64_t>(size() * sizeof(double)));
    return {0, memory, 1};
  }

  // z = y + h sum_i c_i k_i with each slot's h.
  void combine(const odeon_tensor& z, odeon_scalar h, std::span<const double> c) {
    gather_terms(c, w_.k_);
    const odeon_tensor to = front(z), base = front(w_.y_);
    call(b_.name(), b_.api().lincomb, b_.queue(), &to, &base, h, static_cast<int32_t>(terms_.size()),
         coefficients_.data(), terms_.data());
  }
  void gather_terms(std::span<const double> c, std::span<const odeon_tensor> x) {
    coefficients_.clear(), terms_.clear();
    for (size_t i = 0; i < c.size(); ++i)
      if (c[i] != 0) coefficients_.push_back(c[i]), terms_.push_back(front(x[i]));
  }

  template <class Time>
  void eval(Time time, const odeon_tensor& at, const odeon_tensor& dy) {
    ++p_.counters->evaluations;
    const odeon_scalar t = per_slot(w_.t_, time);
    w_.program(static_cast<int64_t>(size()))
        .eval(t, front(at), p_.theta.data ? &p_.theta : nullptr, front(dy));
  }

  // Scaled norms by slot of scale sum_i c_i x_i into numbers_.
  void norms(odeon_scalar scale, std::span<const double> c, std::span<const odeon_tensor> x, bool both_ends) {
    gather_terms(c, x);
    const odeon_tensor a = front(w_.y_), b = front(w_.y1_);
    odeon_error_norm_args e{};
    e.struct_size = sizeof e;
    e.norm = s_.norm == Norm::rms ? ODEON_NORM_RMS : ODEON_NORM_MAX;
    e.per_row = 1;
    e.n_terms = static_cast<int32_t>(terms_.size());
    e.coefficients = coefficients_.data();
    e.terms = terms_.data();
    e.scale = scale;
    e.y0 = &a;
    e.y1 = both_ends ? &b : nullptr;
    e.rtol = s_.rtol[0], e.atol = s_.atol[0];
    e.rtol_vector = static_cast<const double*>(p_.work->rtol.data);
    e.atol_vector = static_cast<const double*>(p_.work->atol.data);
    call(b_.name(), b_.api().error_norm, b_.queue(), &e, w_.norms_);
    b_.download(numbers_.data(), w_.norms_, static_cast<int64_t>(size() * sizeof(double)));
  }

  // f(t0, y0), and the first steps by Hairer, Norsett, Wanner II.4 as in initial_step.cpp, by slot.
  void begin() {
    running_ = size();
    eval([](const Slot& s) { return s.t; }, w_.y_, w_.k_[0]);
    have_begin_ = true;
    if (s_.first_step > 0) {
      for (Slot& s : slots_) s.h = direction_ * std::min(s_.first_step, s_.max_step);
      return;
    }
    const double one[] = {1.0}, difference[] = {1.0, -1.0};
    std::vector<double> d1(size());
    norms(host_scalar(1), one, {&w_.k_[0], 1}, false);
    d1.assign(numbers_.begin(), numbers_.begin() + static_cast<long>(size()));
    norms(host_scalar(1), one, {&w_.y_, 1}, false);
    for (size_t i = 0; i < size(); ++i)
      slots_[i].h = direction_ * (std::isfinite(d1[i]) ? trial_step(numbers_[i], d1[i]) : 1);
    combine(w_.stage_, per_slot(w_.h_, [](const Slot& s) { return s.h; }), one);
    eval([](const Slot& s) { return s.t + s.h; }, w_.stage_, w_.k_[stages_]);
    const odeon_tensor pair[] = {w_.k_[stages_], w_.k_[0]};
    norms(per_slot(w_.h_, [](const Slot& s) { return 1 / std::abs(s.h); }), difference, pair, false);
    for (size_t i = 0; i < size(); ++i) {
      Slot& s = slots_[i];
      const double d2 = std::isfinite(numbers_[i]) ? numbers_[i] : std::numeric_limits<double>::max();
      if (!std::isfinite(d1[i]))
        fail(s, "the field or the initial state is not finite",
             "check the initial state and the field at the first time");
      else
        s.h = direction_ * std::min(first_step(std::abs(s.h), d1[i], d2, m_.order()), s_.max_step);
    }
  }

  void attempt() {
    if (!have_begin_) eval([](const Slot& s) { return s.t; }, w_.y_, w_.k_[0]);
    have_begin_ = true;
    const odeon_scalar h = per_slot(w_.h_, [](const Slot& s) { return s.h; });
    for (size_t i = 1; i < stages_; ++i) {
      const odeon_tensor& at = m_.fsal() && i + 1 == stages_ ? w_.y1_ : w_.stage_;
      combine(at, h, m_.a_row(static_cast<int>(i)));
      const double c = m_.c(static_cast<int>(i));
      eval([c](const Slot& s) { return s.t + c * s.h; }, at, w_.k_[i]);
    }
    if (!m_.fsal()) combine(w_.y1_, h, m_.b());
    norms(h, m_.error_weights(), w_.k_, true);
    bool any = false, inside = false;
    for (size_t i = 0; i < size(); ++i) {
      Slot& s = slots_[i];
      s.error = numbers_[i];
      mask_[i] = !s.done() && s.error <= 1;
      any |= mask_[i] != 0;
      inside |= mask_[i] && reached(s);
    }
    if (any) accept(inside);
    for (size_t i = 0; i < size(); ++i) step_on(slots_[i], mask_[i] != 0);
  }

  bool reached(const Slot& s) const { return direction_ * (s.t + s.h - times_[s.next]) >= 0; }

  void accept(bool inside) {
    size_t end = stages_ - 1;
    bool have_end = m_.fsal();
    if (!have_end && inside && dense_ == Dense::hermite) {
      end = stages_, have_end = true;
      eval([](const Slot& s) { return s.t + s.h; }, w_.y1_, w_.k_[end]);
    }
    for (size_t i = 0; i < size(); ++i)
      if (mask_[i])
        for (Slot& s = slots_[i]; s.next < times_.size() && reached(s); ++s.next)
          observe(i, s, have_end ? end : 0);
    b_.upload(w_.mask_, mask_.data(), static_cast<int64_t>(size()));
    select(w_.y_, w_.y1_);
    if (have_end) select(w_.k_[0], w_.k_[end]);
    have_begin_ = have_end;
  }

  // Rows that were accepted from `from`, the others as they are.
  void select(const odeon_tensor& to, const odeon_tensor& from) {
    const odeon_tensor z = front(to), a = front(from);
    call(b_.name(), b_.api().select, b_.queue(), &z, w_.mask_, &a, &z);
  }

  void observe(size_t slot, const Slot& s, size_t end) {
    const odeon_tensor out = target(s.next, s.row);
    if (!out.data) return;
    weights_.resize(w_.k_.size());
    m_.weights(dense_, (times_[s.next] - s.t) / s.h, false, weights_, 0, end);
    coefficients_.clear(), terms_.clear();
    for (size_t i = 0; i < weights_.size(); ++i)
      if (weights_[i] != 0) coefficients_.push_back(weights_[i]), terms_.push_back(row(w_.k_[i], slot));
    const odeon_tensor base = row(w_.y_, slot);
    b_.lincomb(out, &base, s.h, coefficients_, terms_);
    if (s.next + 1 == times_.size() && args_.ys && args_.y_last)
      b_.copy(row(*args_.y_last, size_t(s.row)), out);
  }

  odeon_tensor target(size_t time, int64_t of_row) const {
    odeon_tensor all = w_.y_;
    const bool last = time + 1 == times_.size();
    all.data = args_.ys ? static_cast<char*>(args_.ys->data) + static_cast<int64_t>(time) * byte_count(w_.y_)
               : last && args_.y_last ? args_.y_last->data
                                      : nullptr;
    return all.data ? row(all, static_cast<size_t>(of_row)) : all;
  }

  void write(size_t time, size_t rows) {
    for (size_t r = 0; r < rows; ++r) {
      const odeon_tensor out = target(time, static_cast<int64_t>(r));
      if (out.data) b_.copy(out, row(*args_.y0, r));
    }
  }

  void step_on(Slot& s, bool accepted) {
    if (s.done()) return;
    ++s.tried;
    ++(accepted ? p_.counters->accepted : p_.counters->rejected);
    if (accepted) s.t += s.h;
    if (s.next == times_.size()) {
      s.h = 0;
      --running_;
      return;
    }
    s.h *= s.control.factor(s.error);
    if (std::abs(s.h) > s_.max_step) s.h = direction_ * s_.max_step;
  }

  void check_limits(size_t slot) {
    Slot& s = slots_[slot];
    if (s.done()) return;
    const bool spent = s.tried >= s_.max_steps;
    if (!spent && s.t + s.h != s.t && std::abs(s.h) >= s_.min_step) return;
    const bool unbounded =
        StepArithmetic(p_).grows_without_bound(row(w_.y_, slot), row(*args_.y0, static_cast<size_t>(s.row)));
    const auto [reason, remedy] = explain({spent, s.h, s.error, nullptr, 0, unbounded}, p_.solver);
    fail(s, reason, remedy);
  }

  void fail(Slot& s, const std::string& reason, const std::string& remedy) {
    failures_.push_back({reason, remedy, s.t, s.h, s.error, s.tried, s.row});
    s.h = 0;
    --running_;
  }

  // The slots that still run move to the front, in their order.
  void shrink() {
    if (running_ == 0 || running_ > size() / 2) return;
    std::vector<Slot> left;
    for (size_t i = 0; i < size(); ++i) {
      if (slots_[i].done()) continue;
      if (left.size() != i)
        for (const odeon_tensor* x : {&w_.y_, &w_.k_[0]}) b_.copy(row(*x, left.size()), row(*x, i));
      left.push_back(slots_[i]);
    }
    slots_ = std::move(left);
  }

  ExplicitRows& w_;
  odeon_problem& p_;
  Backend& b_;
  const Method& m_;
  const SolverSettings& s_;
  const odeon_solve_args& args_;
  std::span<const double> times_;
  Dense dense_;
  size_t stages_;
  double direction_;
  std::vector<Slot> slots_;
  size_t running_ = 0;
  bool have_begin_ = false;  // k[0] is the derivative at every slot's (t, y)
  std::vector<Failure> failures_;
  std::vector<double> numbers_, coefficients_, weights_;
  std::vector<odeon_tensor> terms_;
  std::vector<uint8_t> mask_;
};

void ExplicitRows::solve(const odeon_solve_args& args) {
  std::vector<Failure> failures = Solve(*this, args).run();
  if (failures.empty()) return;
  std::sort(failures.begin(), failures.end(),
            [](const Failure& a, const Failure& b) { return a.row < b.row; });
  throw SolveFailed(std::move(failures), p_.batch);
}

}  // namespace odeon::host
