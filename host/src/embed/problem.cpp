#include <odeon/host/problem.hpp>

#include "data/error.hpp"
#include "embed/problem_impl.hpp"
#include "engine/failure.hpp"
#include "experiment/hessian_product.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {
namespace {

// Runs body; an integration that gave up becomes a value.
template <class Body>
std::optional<Failure> failure_of(Body&& body, std::vector<Failure>* rows = nullptr) {
  try {
    body();
    return std::nullopt;
  } catch (const SolveFailed& e) {
    if (rows) *rows = e.rows();
    return e.failure();
  } catch (const Cancelled&) {
    return Failure{"cancelled", "call clear_cancel, then run it again", 0, 0, 0, 0};
  }
}

}  // namespace

ComponentChoice choose(int32_t kind, const std::string& yaml, const Registry& registry) {
  return bind_component(kind, parse_config(yaml, kind_name(kind) + " of this program", "."), registry);
}

Tensor to_tensor(const Array& a) { return {a.shape, a.to_doubles()}; }

Computation& Problem::Impl::for_batch(int64_t rows) {
  if (!computation || batch != rows) {
    computation.reset();  // its memory goes before the next one's comes
    computation = std::make_unique<Computation>(backend, field, make_solver(solver), dtype, rows, events);
    computation->set_parameters(parameters.flat);
    batch = rows;
  }
  return *computation;
}

Array Problem::Impl::shaped(std::span<const double> values, std::vector<int64_t> leading,
                            const char* what) const {
  leading.insert(leading.end(), field->state_shape().begin(), field->state_shape().end());
  const int64_t n = checked_count(leading);
  if (n != static_cast<int64_t>(values.size())) {
    std::string shape;
    for (int64_t d : leading) shape += (shape.empty() ? "" : ", ") + std::to_string(d);
    throw ConfigError("'" + std::string(what) + "' must have " + std::to_string(n) + " numbers, of shape [" +
                      shape + "]; found " + std::to_string(values.size()));
  }
  return Array::of({values.begin(), values.end()}, leading);
}

Array Problem::Impl::flat_parameters(std::span<const double> values) const {
  if (static_cast<int64_t>(values.size()) != parameters.flat.size())
    throw ConfigError("field '" + field->id() + "' has " + std::to_string(parameters.flat.size()) +
                      " parameters; found " + std::to_string(values.size()) + " values");
  return Array::of({values.begin(), values.end()}, parameters.flat.shape);
}

Problem::Problem(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Problem::~Problem() = default;
Problem::Problem(Problem&&) noexcept = default;
Problem& Problem::operator=(Problem&&) noexcept = default;

Solution Problem::solve(std::span<const double> times, std::span<const double> initial, int64_t batch) {
  const Array rows = impl_->shaped(initial, {batch}, "initial");
  Computation& c = impl_->for_batch(batch);
  Solution out;
  out.failure = failure_of([&] { c.solve(times, rows); }, &out.row_failures);
  out.states = to_tensor(c.states());
  EventLog log = c.events();
  out.events = std::move(log.records);
  out.ended_by = std::move(log.ended_by);
  out.counters = c.forward.counters;
  return out;
}

DenseSolution Problem::solve_dense(std::span<const double> times, std::span<const double> initial,
                                   int64_t batch) {
  return impl_->for_batch(batch).solve_dense(times, impl_->shaped(initial, {batch}, "initial"));
}

Gradients Problem::gradient(const std::string& gradient, std::span<const double> times,
                            std::span<const double> initial, std::span<const double> cotangents,
                            int64_t batch) {
  const ComponentChoice choice = choose(ODEON_KIND_GRADIENT, gradient, *impl_->registry);
  const Array rows = impl_->shaped(initial, {batch}, "initial"),
              gys = impl_->shaped(cotangents, {static_cast<int64_t>(times.size()), batch}, "cotangents");
  Computation& c = impl_->for_batch(batch);
  Gradients out;
  out.failure = failure_of([&] { c.differentiate(choice, times, rows, &gys); });
  out.states = to_tensor(c.states());
  out.forward = c.forward.counters;
  out.backward = c.backward.counters;
  out.tape_peak_bytes = c.tape.peak;
  if (out.failure) return out;
  out.initial = to_tensor(c.grad_initial());
  out.parameters = to_tensor(c.grad_parameters());
  out.times = {{static_cast<int64_t>(times.size())}, c.grad_times().to_doubles()};
  return out;
}

HessianProduct Problem::hessian_product(const std::string& gradient, std::span<const double> times,
                                        std::span<const double> initial, std::span<const double> cotangents,
                                        const Direction& v, int64_t batch) {
  const ComponentChoice choice = choose(ODEON_KIND_GRADIENT, gradient, *impl_->registry);
  const int64_t n_times = static_cast<int64_t>(times.size());
  const Array rows = impl_->shaped(initial, {batch}, "initial"),
              gys = impl_->shaped(cotangents, {n_times, batch}, "cotangents");
  if (impl_->field->events() || !impl_->events.empty())
    throw ConfigError("no Hessian-vector product goes through events (capability 'events'); leave them out");
  Tangent along{
      Array::zeros(ODEON_F64, rows.shape), Array::zeros(ODEON_F64, impl_->parameters.flat.shape), {}};
  if (!v.initial.empty()) along.initial = impl_->shaped(v.initial, {batch}, "direction.initial");
  if (!v.cotangents.empty())
    along.cotangent = impl_->shaped(v.cotangents, {n_times, batch}, "direction.cotangents");
  if (!v.parameters.empty()) along.parameters = impl_->flat_parameters(v.parameters);
  HessianProduct out;
  HessianArrays h;
  const SolverChoice solver = make_solver(impl_->solver);
  out.failure = failure_of([&] {
    h = host::hessian_product({impl_->backend, impl_->field, solver, impl_->dtype, impl_->parameters.flat},
                              choice, times, rows, &gys, along);
  });
  if (out.failure) return out;
  out.initial = to_tensor(h.initial);
  out.parameters = to_tensor(h.parameters);
  out.times = to_tensor(h.times);
  out.loss = h.loss.at(0);
  out.states = to_tensor(h.states);
  out.forward = h.forward;
  out.backward = h.backward;
  out.tape_peak_bytes = h.tape_peak_bytes;
  return out;
}

const std::vector<int64_t>& Problem::state_shape() const { return impl_->field->state_shape(); }

std::vector<Parameter> Problem::parameters() const {
  std::vector<Parameter> out;
  for (const ParameterSet::Slot& s : impl_->parameters.slots) out.push_back({s.name, s.shape});
  return out;
}

std::vector<double> Problem::parameter_values() const { return impl_->parameters.flat.to_doubles(); }

void Problem::set_parameter_values(std::span<const double> values) {
  Array& flat = impl_->parameters.flat;
  flat = impl_->flat_parameters(values).cast(flat.dtype);
  if (impl_->computation) impl_->computation->set_parameters(flat);
}

}  // namespace odeon::host
