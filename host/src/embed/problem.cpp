#include <odeon/host/problem.hpp>

#include "data/error.hpp"
#include "embed/gradient_pass_impl.hpp"
#include "experiment/hessian_product.hpp"
#include "loader/kinds.hpp"

namespace odeon::host {

ComponentChoice choose(int32_t kind, const std::string& yaml, const Registry& registry) {
  return bind_component(kind, parse_config(yaml, kind_name(kind) + " of this program", "."), registry);
}

Tensor to_tensor(const Array& a) { return {a.shape, a.to_doubles()}; }

Gradients gradients_of(const Computation& c, std::optional<Failure> failure) {
  Gradients out;
  out.failure = std::move(failure);
  out.states = to_tensor(c.states());
  out.forward = c.forward.counters;
  out.backward = c.backward.counters;
  out.tape_peak_bytes = c.tape.peak;
  if (out.failure) return out;
  out.initial = to_tensor(c.grad_initial());
  out.parameters = to_tensor(c.grad_parameters());
  out.times = to_tensor(c.grad_times());
  return out;
}

std::unique_ptr<LentComputation> Problem::Impl::computation(int64_t rows) {
  auto lent = std::make_unique<LentComputation>(idle, rows);
  IdleComputation::Entry& entry = lent->entry();
  if (!entry.computation)
    entry.computation =
        std::make_unique<Computation>(backend, field, make_solver(solver), dtype, rows, events);
  if (entry.parameters != parameters_set) entry.computation->set_parameters(parameters.flat);
  entry.parameters = parameters_set;
  return lent;
}

Array shaped(const Field& field, std::span<const double> values, std::vector<int64_t> leading,
             const char* what) {
  leading.insert(leading.end(), field.state_shape().begin(), field.state_shape().end());
  const int64_t n = checked_count(leading);
  if (n != static_cast<int64_t>(values.size())) {
    std::string shape;
    for (int64_t d : leading) shape += (shape.empty() ? "" : ", ") + std::to_string(d);
    throw ConfigError("'" + std::string(what) + "' must have " + std::to_string(n) + " numbers, of shape [" +
                      shape + "]; found " + std::to_string(values.size()));
  }
  return Array::of({values.begin(), values.end()}, leading);
}

namespace {

// What solve(), by this computation, comes to.
template <class Solve>
Solution solution_of(const Computation& c, Solve&& solve) {
  Solution out;
  out.failure = failure_of(solve, &out.row_failures);
  out.states = to_tensor(c.states());
  EventLog log = c.events();
  out.events = std::move(log.records);
  out.ended_by = std::move(log.ended_by);
  out.counters = c.forward.counters;
  return out;
}

}  // namespace

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
  const Array rows = shaped(*impl_->field, initial, {batch}, "initial");
  const auto lent = impl_->computation(batch);
  Computation& c = lent->get();
  return solution_of(c, [&] { c.solve(times, rows); });
}

DenseSolution Problem::solve_dense(std::span<const double> times, std::span<const double> initial,
                                   int64_t batch) {
  const Array rows = shaped(*impl_->field, initial, {batch}, "initial");
  return impl_->computation(batch)->get().solve_dense(times, rows);
}

Gradients Problem::gradient(const std::string& gradient, std::span<const double> times,
                            std::span<const double> initial, std::span<const double> cotangents,
                            int64_t batch) {
  const ComponentChoice choice = choose(ODEON_KIND_GRADIENT, gradient, *impl_->registry);
  const Array rows = shaped(*impl_->field, initial, {batch}, "initial"),
              gys = shaped(*impl_->field, cotangents, {static_cast<int64_t>(times.size()), batch},
                           "cotangents");
  const auto lent = impl_->computation(batch);
  Computation& c = lent->get();
  return gradients_of(c, failure_of([&] { c.differentiate(choice, times, rows, &gys); }));
}

GradientPass Problem::begin_gradient(const std::string& gradient, std::span<const double> times,
                                     std::span<const double> initial, int64_t batch) {
  const ComponentChoice choice = choose(ODEON_KIND_GRADIENT, gradient, *impl_->registry);
  const Array rows = shaped(*impl_->field, initial, {batch}, "initial");
  auto pass = std::make_unique<GradientPass::Impl>();
  pass->registry = impl_->registry, pass->field = impl_->field;
  pass->times = static_cast<int64_t>(times.size()), pass->batch = batch;
  pass->computation = impl_->computation(batch);
  Computation& c = pass->computation->get();
  pass->solution = solution_of(c, [&] { c.begin_gradient(choice, times, rows); });
  return GradientPass(std::move(pass));
}

HessianProduct Problem::hessian_product(const std::string& gradient, std::span<const double> times,
                                        std::span<const double> initial, std::span<const double> cotangents,
                                        const Direction& v, int64_t batch) {
  const ComponentChoice choice = choose(ODEON_KIND_GRADIENT, gradient, *impl_->registry);
  const int64_t n_times = static_cast<int64_t>(times.size());
  const Array rows = shaped(*impl_->field, initial, {batch}, "initial"),
              gys = shaped(*impl_->field, cotangents, {n_times, batch}, "cotangents");
  if (impl_->field->events() || !impl_->events.empty())
    throw ConfigError("no Hessian-vector product goes through events (capability 'events'); leave them out");
  Tangent along{
      Array::zeros(ODEON_F64, rows.shape), Array::zeros(ODEON_F64, impl_->parameters.flat.shape), {}};
  if (!v.initial.empty()) along.initial = shaped(*impl_->field, v.initial, {batch}, "direction.initial");
  if (!v.cotangents.empty())
    along.cotangent = shaped(*impl_->field, v.cotangents, {n_times, batch}, "direction.cotangents");
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
  ++impl_->parameters_set;
}

}  // namespace odeon::host
