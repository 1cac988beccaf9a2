#include "results.hpp"

#include "arrays.hpp"

namespace odeon::python {
namespace {

nb::dict to_python(const host::Counters& c) {
  nb::dict out;
  out["evaluations"] = c.evaluations;
  out["explicit_evaluations"] = c.explicit_evaluations;
  out["vjps"] = c.vjps;
  out["jvps"] = c.jvps;
  out["accepted"] = c.accepted;
  out["rejected"] = c.rejected;
  out["jacobians"] = c.jacobians;
  out["factorizations"] = c.factorizations;
  out["linear_solves"] = c.linear_solves;
  return out;
}

nb::dict to_python(const host::Failure& f) {
  nb::dict out;
  out["reason"] = to_str(f.reason);
  out["remedy"] = to_str(f.remedy);
  out["t"] = f.t;
  out["h"] = f.h;
  out["error"] = f.error;
  out["steps"] = f.steps;
  out["row"] = f.row >= 0 ? nb::object(nb::int_(f.row)) : nb::none();
  return out;
}

nb::object to_python(const std::optional<host::Failure>& f) {
  return f ? nb::object(to_python(*f)) : nb::none();
}

Array flat(std::vector<double>&& values) {
  const int64_t n = static_cast<int64_t>(values.size());
  return to_numpy(std::move(values), {n});
}

nb::list to_python(std::vector<host::EventRecord>&& events) {
  nb::list out;
  for (host::EventRecord& e : events) {
    nb::dict event;
    event["row"] = e.row;
    event["name"] = to_str(e.name);
    event["t"] = e.t;
    event["before"] = flat(std::move(e.before));
    event["after"] = flat(std::move(e.after));
    out.append(event);
  }
  return out;
}

}  // namespace

nb::dict to_python(host::Solution&& s) {
  nb::dict out;
  out["states"] = to_numpy(std::move(s.states));
  out["events"] = to_python(std::move(s.events));
  nb::list ended_by;
  for (const std::string& name : s.ended_by) ended_by.append(to_str(name));
  out["ended_by"] = ended_by;
  out["counters"] = to_python(s.counters);
  out["failure"] = to_python(s.failure);
  nb::list rows;
  for (const host::Failure& f : s.row_failures) rows.append(to_python(f));
  out["row_failures"] = rows;
  return out;
}

namespace {

// What a gradient and a product with the Hessian have in common.
template <class Result>
nb::dict by_everything(Result& r) {
  nb::dict out;
  out["states"] = to_numpy(std::move(r.states));
  out["initial"] = to_numpy(std::move(r.initial));
  out["parameters"] = to_numpy(std::move(r.parameters));
  out["times"] = to_numpy(std::move(r.times));
  out["forward"] = to_python(r.forward);
  out["backward"] = to_python(r.backward);
  out["tape_peak_bytes"] = r.tape_peak_bytes;
  out["failure"] = to_python(r.failure);
  return out;
}

}  // namespace

nb::dict to_python(host::Gradients&& g) { return by_everything(g); }

nb::dict to_python(host::HessianProduct&& h) {
  nb::dict out = by_everything(h);
  out["loss"] = h.loss;
  return out;
}

nb::dict to_python(host::RunReport&& r) {
  nb::dict out;
  out["record"] = to_str(r.record);
  out["summary"] = to_str(r.summary);
  nb::dict arrays;
  for (auto& [name, tensor] : r.arrays) arrays[to_str(name)] = to_numpy(std::move(tensor));
  out["arrays"] = arrays;
  out["events"] = to_python(std::move(r.events));
  out["failure"] = to_python(r.failure);
  return out;
}

}  // namespace odeon::python
