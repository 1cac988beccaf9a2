#include "experiment/hessian_product.hpp"

#include "data/error.hpp"
#include "engine/failure.hpp"

namespace odeon::host {
namespace {

// Values side by side: (a_0, b_0, a_1, b_1, …).
std::vector<double> pairs_of(const Array& a, const Array& b) {
  std::vector<double> out;
  out.reserve(size_t(2 * a.size()));
  for (int64_t i = 0; i < a.size(); ++i) out.insert(out.end(), {a.at(i), b.at(i)});
  return out;
}

// The same for states; the first `leading` axes stay, of a row one axis is left.
Array row_pairs(const Array& a, const Array& b, size_t leading) {
  std::vector<int64_t> shape(a.shape.begin(), a.shape.begin() + static_cast<long>(leading));
  shape.push_back(2 * checked_count(std::span(a.shape).subspan(leading)));
  return Array::of(pairs_of(a, b), shape);
}

Array of_pairs(const Array& pairs, int64_t part, std::vector<int64_t> shape) {
  Array out = Array::zeros(pairs.dtype, std::move(shape));
  for (int64_t i = 0; i < out.size(); ++i) out.set(i, pairs.at(2 * i + part));
  return out;
}

Array joined_flat(const Array& a, const Array& b) {
  std::vector<double> all = a.to_doubles();
  for (double v : b.to_doubles()) all.push_back(v);
  return Array::of(all, {static_cast<int64_t>(all.size())});
}

// The first half of the last axis.
Array first_halves(const Array& a) {
  std::vector<int64_t> shape = a.shape;
  const int64_t width = shape.back() /= 2;
  Array out = Array::zeros(a.dtype, shape);
  for (int64_t i = 0; i < out.size(); ++i) out.set(i, a.at(i / std::max<int64_t>(1, width) * width + i));
  return out;
}

std::vector<double> twice_each(const std::vector<double>& x) {
  if (x.size() == 1) return x;
  std::vector<double> out;
  for (double v : x) out.insert(out.end(), {v, v});
  return out;
}

// Row r of the axis `axis`, which keeps length 1, and back.
template <class Move>
void for_row(const std::vector<int64_t>& shape, size_t axis, int64_t r, const Move& move) {
  const int64_t inner = checked_count(std::span(shape).subspan(axis + 1)), rows = shape[axis],
                outer = checked_count(std::span(shape).first(axis));
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) move((o * rows + r) * inner + i, o * inner + i);
}
Array row_of_axis(const Array& a, size_t axis, int64_t r) {
  std::vector<int64_t> shape = a.shape;
  shape[axis] = 1;
  Array out = Array::zeros(a.dtype, shape);
  for_row(a.shape, axis, r, [&](int64_t from, int64_t to) { out.set(to, a.at(from)); });
  return out;
}
void put_row(Array& all, size_t axis, int64_t r, const Array& row) {
  for_row(all.shape, axis, r, [&](int64_t to, int64_t from) { all.set(to, row.at(from)); });
}
void add(Array& total, const Array& x) {
  for (int64_t i = 0; i < x.size(); ++i) total.set(i, total.at(i) + x.at(i));
}

bool is_exact(const ComponentChoice& gradient) {
  return (capabilities_of(gradient) & ODEON_GRADIENT_DISCRETE_EXACT) != 0;
}

// Of a batch that shares its steps.
class Product {
 public:
  Product(const HessianParts& p, const ComponentChoice& gradient, int64_t batch)
      : gradient_(gradient),
        replays_(p.solver.settings.steps_are_chosen() && is_exact(gradient)),
        system_(p.backend, Field::with_tangent(p.field), system_solver(p.solver), p.dtype, batch) {
    if (!replays_) return;
    field_.emplace(p.backend, p.field, p.solver, p.dtype, batch);
    field_->set_parameters(p.theta);
  }

  HessianArrays operator()(const HessianParts& p, std::span<const double> times, const Array& initial,
                           const Array& cotangents, const Tangent& v) {
    HessianArrays out;
    if (replays_) {
      system_.replay(field_->accepted(times, initial));
      out.steps = field_->forward.counters;
    }
    system_.set_parameters(joined_flat(p.theta, v.parameters));
    const Array no_change = Array::zeros(ODEON_F64, cotangents.shape);
    const size_t losses = cotangents.shape.size() - initial.shape.size() - 1;
    const Array gys = row_pairs(v.cotangent ? *v.cotangent : no_change, cotangents, losses + 2);
    system_.differentiate(gradient_, times, row_pairs(initial, v.initial, 1), &gys);

    std::vector<int64_t> of_losses(cotangents.shape.begin(), cotangents.shape.begin() + long(losses)),
        shape = initial.shape;
    shape.insert(shape.begin(), of_losses.begin(), of_losses.end());
    out.initial = of_pairs(system_.grad_initial(), 0, shape);
    out.parameters = first_halves(system_.grad_parameters());
    out.times = system_.grad_times();
    out.states =
        of_pairs(system_.states(), 1, {cotangents.shape.begin() + long(losses), cotangents.shape.end()});
    out.loss = Array::zeros(ODEON_F64, of_losses);
    for (int64_t i = 0; i < cotangents.size(); ++i) {
      const int64_t loss = i / out.states.size();
      out.loss.set(loss, out.loss.at(loss) + cotangents.at(i) * out.states.at(i % out.states.size()));
    }
    out.forward = system_.forward.counters;
    out.backward = system_.backward.counters;
    out.tape_peak_bytes = system_.tape.peak;
    return out;
  }

 private:
  SolverChoice system_solver(SolverChoice solver) const {
    SolverSettings& s = solver.settings;
    s.rtol = twice_each(s.rtol), s.atol = twice_each(s.atol);
    s.replays = replays_;
    return solver;
  }

  const ComponentChoice& gradient_;
  bool replays_;
  std::optional<Computation> field_;  // that tells its steps
  Computation system_;
};

// Each row with its own steps.
HessianArrays row_by_row(HessianParts parts, const ComponentChoice& gradient, std::span<const double> times,
                         const Array& initial, const Array& cotangents, const Tangent& v) {
  parts.solver.settings.stepping = Stepping::joint;
  Product product(parts, gradient, 1);
  const size_t losses = cotangents.shape.size() - initial.shape.size() - 1;
  HessianArrays all;
  for (int64_t r = 0; r < initial.shape[0]; ++r) {
    Tangent of_row{row_of_axis(v.initial, 0, r), v.parameters, {}};
    if (v.cotangent) of_row.cotangent = row_of_axis(*v.cotangent, losses + 1, r);
    HessianArrays one;
    try {
      one = product(parts, times, row_of_axis(initial, 0, r), row_of_axis(cotangents, losses + 1, r), of_row);
    } catch (const SolveFailed& e) {
      throw e.of_row(r);
    }
    if (r == 0) {
      all = one;
      for (const auto& [x, axis] : {std::pair(&all.initial, losses), std::pair(&all.states, size_t{1})}) {
        x->shape[axis] = initial.shape[0];
        *x = Array::zeros(x->dtype, x->shape);
      }
    } else {
      add(all.parameters, one.parameters), add(all.times, one.times), add(all.loss, one.loss);
      all.steps += one.steps, all.forward += one.forward, all.backward += one.backward;
      all.tape_peak_bytes = std::max(all.tape_peak_bytes, one.tape_peak_bytes);
    }
    put_row(all.initial, losses, r, one.initial);
    put_row(all.states, 1, r, one.states);
  }
  return all;
}

}  // namespace

void require_hessian_product(const Field& field, const SolverChoice& solver,
                             const ComponentChoice& gradient) {
  if (!field.graph())
    throw ConfigError(
        "a Hessian-vector product needs second derivatives of the field (capability 'graph'), but " +
        field.name() + " computes by code; lower it to a graph, or take differences of gradients");
  if (solver.own_steps() && is_exact(gradient))
    throw ConfigError(
        "an exact Hessian-vector product takes the steps of the solve once more (capability: given "
        "steps), but solver '" +
        solver.id() +
        "' chooses its steps itself; use gradient adjoint, or a solver whose steps the host controls");
}

HessianArrays hessian_product(const HessianParts& parts, const ComponentChoice& gradient,
                              std::span<const double> times, const Array& initial, const Array* cotangents,
                              const Tangent& tangent) {
  require_hessian_product(*parts.field, parts.solver, gradient);
  Array ones;
  if (!cotangents) {
    std::vector<int64_t> shape = initial.shape;
    shape.insert(shape.begin(), static_cast<int64_t>(times.size()));
    ones = Array::of(std::vector<double>(size_t(checked_count(shape)), 1.0), shape);
    cotangents = &ones;
  }
  const SolverSettings& s = parts.solver.settings;
  if (s.stepping == Stepping::per_row && initial.shape[0] > 1 && s.steps_are_chosen() && is_exact(gradient))
    return row_by_row(parts, gradient, times, initial, *cotangents, tangent);
  return Product(parts, gradient, initial.shape[0])(parts, times, initial, *cotangents, tangent);
}

}  // namespace odeon::host
