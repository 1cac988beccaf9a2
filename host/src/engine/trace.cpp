#include "engine/trace.hpp"

#include <algorithm>

#include "data/error.hpp"
#include "engine/code_stepper.hpp"
#include "engine/instead.hpp"
#include "engine/services_edge.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {

// The functions of a backend's table, for the solver whose queue and backend are a Trace.
struct TraceBackend {
  static Trace& of(void* p) { return *static_cast<Trace*>(p); }
  static const odeon_backend_api& api(Trace& t) { return t.p_.backend->api(); }
  static odeon_queue* queue(Trace& t) { return t.p_.backend->queue(); }
  static odeon_backend* handle(Trace& t) { return t.p_.backend->handle(); }

  static odeon_status info(odeon_backend* b, odeon_backend_info* out) {
    return api(of(b)).info(handle(of(b)), out);
  }
  static odeon_status queue_wait(odeon_queue* q) { return api(of(q)).queue_wait(queue(of(q))); }
  static odeon_status alloc(odeon_backend* b, int64_t bytes, void** out) {
    return api(of(b)).alloc(handle(of(b)), bytes, out);
  }
  static void release(odeon_backend* b, void* memory) { api(of(b)).release(handle(of(b)), memory); }

  static odeon_status copy(odeon_queue* q, void* to, const void* from, int64_t bytes, int32_t direction) {
    Trace& t = of(q);
    const odeon_status status = api(t).copy(queue(t), to, from, bytes, direction);
    if (status != ODEON_OK || direction == ODEON_COPY_TO_HOST || bytes == 0) return status;
    return services_edge([&] {
      if (direction == ODEON_COPY_ON_DEVICE)
        t.copied(to, from, bytes);
      else
        t.write(to, t.make(TraceValue::Kind::opaque, bytes));
    });
  }
  static odeon_status fill(odeon_queue* q, const odeon_tensor* out, double value) {
    Trace& t = of(q);
    const odeon_status status = api(t).fill(queue(t), out, value);
    if (status != ODEON_OK) return status;
    return services_edge([&] { t.write(out->data, t.make(TraceValue::Kind::constant, byte_count(*out))); });
  }
  static odeon_status lincomb(odeon_queue* q, const odeon_tensor* z, const odeon_tensor* base,
                              odeon_scalar scale, int32_t n, const double* c, const odeon_tensor* x) {
    Trace& t = of(q);
    const odeon_status status = api(t).lincomb(queue(t), z, base, scale, n, c, x);
    if (status != ODEON_OK) return status;
    return services_edge([&] {
      const TraceRef value =
          t.make(scale.device ? TraceValue::Kind::opaque : TraceValue::Kind::sum, byte_count(*z));
      const auto term = [&](const odeon_tensor& from, double weight) {
        TraceRef v = t.at(from.data, byte_count(from));
        if (!v || weight == 0) return;
        value->from.push_back(std::move(v));
        value->weights.push_back(weight);
      };
      if (base) term(*base, 1);
      for (int32_t i = 0; i < n; ++i) term(x[i], scale.value * c[i]);
      t.write(z->data, value);
    });
  }
  static odeon_status error_norm(odeon_queue* q, const odeon_error_norm_args* args, double* result) {
    return api(of(q)).error_norm(queue(of(q)), args, result);
  }
  static odeon_status reduce(odeon_queue* q, int32_t operation, const odeon_tensor* x, double* result) {
    return api(of(q)).reduce(queue(of(q)), operation, x, result);
  }
  static odeon_status dot(odeon_queue* q, const odeon_tensor* x, const odeon_tensor* y, double* result) {
    return api(of(q)).dot(queue(of(q)), x, y, result);
  }
  static odeon_status select(odeon_queue* q, const odeon_tensor* z, const uint8_t* mask,
                             const odeon_tensor* a, const odeon_tensor* b) {
    Trace& t = of(q);
    const odeon_status status = api(t).select(queue(t), z, mask, a, b);
    if (status != ODEON_OK) return status;
    return services_edge([&] {
      const int64_t bytes = byte_count(*z);
      const TraceRef value =
          t.make(TraceValue::Kind::choice, bytes, {t.at(a->data, bytes), t.at(b->data, bytes)});
      value->rows = z->shape[0];
      value->mask = t.mask_at(mask, value->rows);
      t.write(z->data, value);
    });
  }
};

Trace::Trace(odeon_problem& problem) : p_(problem), api_{} {
  api_.struct_size = sizeof api_;
  api_.info = TraceBackend::info;
  api_.queue_wait = TraceBackend::queue_wait;
  api_.alloc = TraceBackend::alloc;
  api_.release = TraceBackend::release;
  api_.copy = TraceBackend::copy;
  api_.fill = TraceBackend::fill;
  api_.lincomb = TraceBackend::lincomb;
  api_.error_norm = TraceBackend::error_norm;
  api_.reduce = TraceBackend::reduce;
  api_.dot = TraceBackend::dot;
  api_.select = TraceBackend::select;
}

Trace::~Trace() {
  forget_history();
  for (auto& [index, value] : observations_) release(std::move(value));
}

// Values form chains as long as the solve, which must not be released by recursion.
void Trace::release(TraceRef value) {
  std::vector<TraceRef> last{std::move(value)};
  while (!last.empty()) {
    const TraceRef v = std::move(last.back());
    last.pop_back();
    if (v && v.use_count() == 1)
      for (TraceRef& from : v->from) last.push_back(std::move(from));
  }
}

TraceRef Trace::make(TraceValue::Kind kind, int64_t bytes, std::vector<TraceRef> from) {
  auto value = std::make_shared<TraceValue>();
  value->kind = kind;
  value->index = next_index_++;
  value->bytes = bytes;
  value->from = std::move(from);
  return value;
}

TraceRef Trace::at(const void* address, int64_t bytes) {
  const char *begin = static_cast<const char*>(address), *end = begin + bytes;
  auto entry = memory_.upper_bound(begin);
  if (entry != memory_.begin()) --entry;
  TraceRef found;
  for (; entry != memory_.end() && entry->first < end; ++entry) {
    const TraceRef& value = entry->second;
    const int64_t offset = begin - entry->first;
    if (offset >= value->bytes) continue;
    if (offset == 0 && value->bytes == bytes) return value;
    if (found || offset < 0) return make(TraceValue::Kind::opaque, bytes);  // more than one value
    // A part of the value; what lies behind it was never written.
    found = make(TraceValue::Kind::piece, bytes, {nullptr, value});
    found->piece = {0, offset, std::min(bytes, value->bytes - offset)};
  }
  return found;
}

void Trace::erase(const char* begin, const char* end) {
  std::erase_if(masks_, [&](const auto& m) { return m.first < end && m.first + m.second->bytes() > begin; });
  auto entry = memory_.upper_bound(begin);
  if (entry != memory_.begin()) --entry;
  while (entry != memory_.end() && entry->first < end) {
    const int64_t bytes = entry->second->bytes;
    if (entry->first + bytes <= begin) {
      ++entry;
      continue;
    }
    release(std::move(entry->second));
    if (entry->first >= begin && entry->first + bytes <= end) {
      entry = memory_.erase(entry);
    } else {  // what is left of it has no name here
      entry->second = make(TraceValue::Kind::opaque, bytes);
      ++entry;
    }
  }
}

void Trace::write(const void* address, TraceRef value) {
  const char* begin = static_cast<const char*>(address);
  erase(begin, begin + value->bytes);
  memory_[begin] = std::move(value);
}

void Trace::forget(const odeon_tensor& x) {
  const char* begin = static_cast<const char*>(x.data);
  erase(begin, begin + byte_count(x));
}

void Trace::copied(const void* to, const void* from, int64_t bytes) {
  const char* begin = static_cast<const char*>(to);
  auto entry = memory_.upper_bound(begin);
  if (entry != memory_.begin()) --entry;
  const bool inside = entry != memory_.end() && entry->first <= begin &&
                      begin + bytes <= entry->first + entry->second->bytes && bytes < entry->second->bytes;
  TraceRef value = at(from, bytes);
  if (!value) value = make(TraceValue::Kind::constant, bytes);
  if (!inside) return write(to, std::move(value));
  const TraceRef whole =
      make(TraceValue::Kind::piece, entry->second->bytes, {entry->second, std::move(value)});
  whole->piece = {begin - entry->first, 0, bytes};
  write(entry->first, whole);
}

std::shared_ptr<TapeBuffer> Trace::mask_at(const void* address, int64_t bytes) {
  std::shared_ptr<TapeBuffer>& mask = masks_[static_cast<const char*>(address)];
  if (!mask) {
    mask = std::make_shared<TapeBuffer>(p_.backend, p_.tape, bytes);
    call(p_.backend->name(), p_.backend->api().copy, p_.backend->queue(), mask->data(), address, bytes,
         ODEON_COPY_ON_DEVICE);
  }
  return mask;
}

void Trace::keep(const TraceRef& value, const odeon_tensor& x) {
  if (value->kept) return;
  value->kept = std::make_unique<TapeBuffer>(p_.backend, p_.tape, value->bytes);
  odeon_tensor to = x;
  to.data = value->kept->data();
  p_.backend->copy(to, x);
}

void Trace::begin(const odeon_tensor& y) {
  const TraceRef value = make(TraceValue::Kind::initial, byte_count(y));
  write(y.data, value);
  observations_[0] = value;
  begun_ = true;
}

void Trace::begin_step(std::span<const odeon_tensor> inputs) {
  std::erase_if(memory_, [](auto& m) {
    if (m.second->kind == TraceValue::Kind::constant) return false;
    release(std::move(m.second));
    return true;
  });
  release(std::move(linearization_.y));
  for (size_t i = 0; i < inputs.size(); ++i) {
    const TraceRef value = make(TraceValue::Kind::initial, byte_count(inputs[i]));
    value->input = i;
    write(inputs[i].data, value);
  }
  begun_ = true;
}

TraceRef Trace::value(const odeon_tensor& x) {
  const TraceRef value = at(x.data, byte_count(x));
  return value ? value : make(TraceValue::Kind::opaque, byte_count(x));
}

void Trace::observe(int64_t index, const odeon_tensor& x) { observations_[index] = value(x); }

void Trace::forget_history() {
  for (auto& [address, value] : memory_) release(std::move(value));
  memory_.clear();
  masks_.clear();
  release(std::move(linearization_.y));
}

TraceRef Trace::argument(const odeon_tensor& x) {
  const TraceRef found = value(x);
  keep(found, x);
  return found;
}

void Trace::evaluated(double t, const odeon_tensor& y, const odeon_tensor& dy) {
  const TraceRef value = make(TraceValue::Kind::evaluation, byte_count(dy), {argument(y)});
  value->t = t;
  write(dy.data, value);
}

void Trace::linearized(double t, const odeon_tensor& y) {
  release(std::move(linearization_.y));
  linearization_ = {t, argument(y)};
}

void Trace::solved(double g, const odeon_tensor& r, const odeon_tensor& x) {
  TraceRef from = at(r.data, byte_count(r));
  if (!from) from = make(TraceValue::Kind::constant, byte_count(r));
  const TraceRef value = make(TraceValue::Kind::solution, byte_count(x), {linearization_.y, from});
  value->t = linearization_.t;
  value->g = g;
  keep(value, x);
  write(x.data, value);
}

void Trace::multiplied(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& Ju) {
  const TraceRef value = make(TraceValue::Kind::product, byte_count(Ju), {argument(y), argument(u)});
  value->t = t;
  write(Ju.data, value);
}

void Trace::time_differentiated(double t, const odeon_tensor& y, const odeon_tensor& ft) {
  const TraceRef value = make(TraceValue::Kind::slope, byte_count(ft), {argument(y)});
  value->t = t;
  write(ft.data, value);
}

void Trace::require_whole(std::span<const TraceRef> results, const std::string& solver) {
  std::map<int64_t, const TraceValue*> to_see;
  for (const TraceRef& value : results) to_see[value->index] = value.get();
  while (!to_see.empty()) {
    const auto last = std::prev(to_see.end());
    const TraceValue& v = *last->second;
    to_see.erase(last);
    if (v.kind == TraceValue::Kind::opaque)
      throw ConfigError("no exact derivative goes through solver '" + solver +
                        "', because it computes states outside of the backend (capability: steps on the "
                        "backend); use gradient adjoint or adjoint_interpolated, or another solver");
    for (const TraceRef& from : v.from)
      if (from) to_see[from->index] = from.get();
  }
}

namespace {

odeon_status observe_step(void* user, const odeon_step_record* step) {
  return services_edge([&] {
    const auto& [trace, ys] = *static_cast<std::pair<Trace*, const odeon_tensor*>*>(user);
    for (int64_t i = 0; i < step->n_observations; ++i) {
      const odeon_observation& o = step->observations[i];
      trace->observe(o.index, o.at_end || o.x == 1 ? *step->y1 : row(*ys, o.index));
    }
  });
}

}  // namespace

std::unique_ptr<Trace> trace_solve(odeon_problem& p, const odeon_solve_args& args) {
  if (p.solver.method) throw RunError("only solvers that take steps by code are traced");
  auto trace = std::make_unique<Trace>(p);
  {
    const Instead<std::unique_ptr<Stepper>> traced(p.stepper, std::make_unique<CodeStepper>(p, trace.get()));
    std::pair<Trace*, const odeon_tensor*> observer{trace.get(), args.ys};
    odeon_solve_args observed = args;
    observed.on_step = observe_step;
    observed.user = &observer;
    integrate(p, observed);
  }
  trace->forget_history();
  std::vector<TraceRef> results;
  for (const auto& [index, value] : trace->observations()) results.push_back(value);
  Trace::require_whole(results, p.solver.id());
  return trace;
}

}  // namespace odeon::host
