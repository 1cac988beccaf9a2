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

nb::dict to_python(host::Gradients&& g) {
  nb::dict out;
  out["states"] = to_numpy(std::move(g.states));
  out["initial"] = to_numpy(std::move(g.initial));
  out["parameters"] = to_numpy(std::move(g.parameters));
  out["times"] = to_numpy(std::move(g.times));
  out["forward"] = to_python(g.forward);
  out["backward"] = to_python(g.backward);
  out["tape_peak_bytes"] = g.tape_peak_bytes;
  out["failure"] = to_python(g.failure);
  return out;
}

nb::dict to_python(host::HessianProduct&& h) {
  nb::dict out;
  out["initial"] = to_numpy(std::move(h.initial));
  out["parameters"] = to_numpy(std::move(h.parameters));
  out["times"] = to_numpy(std::move(h.times));
  out["loss"] = h.loss;
  out["states"] = to_numpy(std::move(h.states));
  out["forward"] = to_python(h.forward);
  out["backward"] = to_python(h.backward);
  out["tape_peak_bytes"] = h.tape_peak_bytes;
  out["failure"] = to_python(h.failure);
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
