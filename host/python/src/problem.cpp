#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "results.hpp"

namespace odeon::python {
namespace {

constexpr char kWhat[] = "Problem";

nb::dict solve(SharedProblem& p, const Doubles& times, const Doubles& initial, int64_t batch) {
  return to_python(
      without_gil(p.turn, kWhat, [&] { return p.value->solve(values(times), values(initial), batch); }));
}

host::DenseSolution solve_dense(SharedProblem& p, const Doubles& times, const Doubles& initial,
                                int64_t batch) {
  return without_gil(p.turn, kWhat,
                     [&] { return p.value->solve_dense(values(times), values(initial), batch); });
}

nb::dict gradient(SharedProblem& p, const std::string& strategy, const Doubles& times, const Doubles& initial,
                  const Doubles& cotangents, int64_t batch) {
  return to_python(without_gil(p.turn, kWhat, [&] {
    return p.value->gradient(strategy, values(times), values(initial), values(cotangents), batch);
  }));
}

// Uses its problem's turn, and keeps the problem.
struct SharedPass : Held<host::GradientPass> {
  SharedPass(SharedProblem& p, host::GradientPass&& v) : Held(std::move(v)), problem(p) {}
  SharedProblem& problem;
};

std::unique_ptr<SharedPass> begin_gradient(SharedProblem& p, const std::string& strategy,
                                           const Doubles& times, const Doubles& initial, int64_t batch) {
  return std::make_unique<SharedPass>(p, without_gil(p.turn, kWhat, [&] {
                                        return p.value->begin_gradient(strategy, values(times),
                                                                       values(initial), batch);
                                      }));
}

nb::dict backward(SharedPass& pass, const Doubles& cotangents) {
  return to_python(
      without_gil(pass.problem.turn, kWhat, [&] { return pass.value->backward(values(cotangents)); }));
}

// The direction's parts: empty where they are zeros.
nb::dict hessian_product(SharedProblem& p, const std::string& strategy, const Doubles& times,
                         const Doubles& initial, const Doubles& cotangents, const Doubles& v_initial,
                         const Doubles& v_parameters, const Doubles& v_cotangents, int64_t batch) {
  const auto vector = [](const Doubles& a) { return std::vector<double>(a.data(), a.data() + a.size()); };
  const host::Direction direction{vector(v_initial), vector(v_parameters), vector(v_cotangents)};
  return to_python(without_gil(p.turn, kWhat, [&] {
    return p.value->hessian_product(strategy, values(times), values(initial), values(cotangents), direction,
                                    batch);
  }));
}

std::vector<std::pair<std::string, std::vector<int64_t>>> parameters(SharedProblem& p) {
  std::vector<std::pair<std::string, std::vector<int64_t>>> out;
  for (host::Parameter& slot : p.value->parameters()) out.emplace_back(slot.name, slot.shape);
  return out;
}

Array parameter_values(SharedProblem& p) {
  std::vector<double> theta = without_gil(p.turn, kWhat, [&] { return p.value->parameter_values(); });
  const int64_t n = static_cast<int64_t>(theta.size());
  return to_numpy(std::move(theta), {n});
}

void set_parameter_values(SharedProblem& p, const Doubles& theta) {
  without_gil(p.turn, kWhat, [&] {
    p.value->set_parameter_values(values(theta));
    return true;
  });
}

}  // namespace

void bind_problem(nb::module_& m) {
  nb::class_<SharedPass>(m, "GradientPass").def("backward", &backward).def("solution", [](SharedPass& pass) {
    return to_python(host::Solution(pass.value->solution()));
  });
  nb::class_<SharedProblem>(m, "Problem")
      .def("solve", &solve)
      .def("solve_dense", &solve_dense)
      .def("gradient", &gradient)
      .def("begin_gradient", &begin_gradient, nb::keep_alive<0, 1>())
      .def("hessian_product", &hessian_product)
      .def("parameters", &parameters)
      .def("parameter_values", &parameter_values)
      .def("set_parameter_values", &set_parameter_values)
      .def_prop_ro("state_shape", [](SharedProblem& p) { return p.value->state_shape(); });
}

}  // namespace odeon::python
