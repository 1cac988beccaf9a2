#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "arrays.hpp"
#include "bindings.hpp"
#include "callables.hpp"
#include "log.hpp"
#include "results.hpp"

namespace odeon::python {
namespace {

using SharedSession = Shared<host::Session>;
using Strings = std::vector<std::string>;
constexpr char kWhat[] = "Session";

void open(SharedSession* self, Strings plugin_roots, bool built_in_roots, std::string lock_file,
          nb::object log) {
  host::SessionOptions options{std::move(plugin_roots), built_in_roots, std::move(lock_file), {}};
  if (!log.is_none()) options.log = log_to(std::move(log));
  Turn turn;
  new (self) SharedSession(without_gil(turn, kWhat, [&] { return host::Session(options); }));
}

nb::list components(SharedSession& s) {
  nb::list out;
  for (const host::ComponentInfo& c : without_gil(s.turn, kWhat, [&] { return s.value->components(); }))
    out.append(
        nb::make_tuple(to_str(c.kind), to_str(c.id), to_str(c.version), to_str(c.title), to_str(c.path)));
  return out;
}

nb::list refusals(SharedSession& s) {
  nb::list out;
  for (const std::string& r : without_gil(s.turn, kWhat, [&] { return s.value->refusals(); }))
    out.append(to_str(r));
  return out;
}

using NamedArray = std::tuple<std::string, Doubles>;

void add_field(SharedSession& s, std::string id, std::vector<int64_t> state_shape,
               const std::vector<NamedArray>& parameters, nb::object f, nb::object vjp) {
  std::vector<host::FieldParameter> slots;
  for (const auto& [name, array] : parameters) {
    std::vector<int64_t> shape(array.shape_ptr(), array.shape_ptr() + array.ndim());
    slots.push_back({name, std::move(shape), {array.data(), array.data() + array.size()}});
  }
  const host::BatchField field =
      to_field(std::move(id), std::move(state_shape), std::move(slots), std::move(f), std::move(vjp));
  without_gil(s.turn, kWhat, [&] {
    s.value->add_batch_field(field);
    return true;
  });
}

using Event = std::tuple<std::string, nb::object, nb::object, std::string, bool, double, int64_t>;

SharedProblem* problem(SharedSession& s, std::string field, std::string solver, std::string backend,
                       bool float32, uint64_t seed, std::vector<int64_t> state_shape,
                       const std::vector<Event>& events) {
  host::ProblemSpec spec{std::move(field),
                         std::move(solver),
                         std::move(backend),
                         float32 ? host::Precision::float32 : host::Precision::float64,
                         seed,
                         std::move(state_shape),
                         {}};
  for (const auto& [name, when, reset, direction, terminal, tolerance, max_count] : events)
    spec.events.push_back(to_event(name, when, reset, direction, terminal, tolerance, max_count));
  return new SharedProblem(without_gil(s.turn, kWhat, [&] { return s.value->problem(spec); }));
}

nb::dict run(SharedSession& s, const std::string& config, bool is_text, Strings with, Strings sets,
             std::string output) {
  const host::Overrides overrides{std::move(with), std::move(sets), std::move(output)};
  return to_python(without_gil(s.turn, kWhat, [&] {
    return is_text ? s.value->run_text(config, overrides) : s.value->run_file(config, overrides);
  }));
}

}  // namespace

void bind_session(nb::module_& m) {
  nb::class_<SharedSession>(m, "Session")
      .def("__init__", &open, nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
      .def("components", &components)
      .def("refusals", &refusals)
      .def("add_field", &add_field, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none())
      .def("problem", &problem)
      .def("run", &run);
  m.def("forget_log", &forget_log);
}

}  // namespace odeon::python
