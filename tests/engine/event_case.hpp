// Experiments with events, and what they leave behind.
#pragma once
#include "experiment_case.hpp"

namespace odeon::test {

// x'' = -x from (0, 1): x = sin t, so that x is zero at the multiples of pi, rising at the even ones.
inline Json oscillator(Json solver, Json events, Json times = {0.0, 10.0}) {
  return {{"odeon", 1},
          {"task", "solve"},
          {"backend", "cpu"},
          {"field",
           {{"plugin", "expression"}, {"state", {"x", "v"}}, {"derivatives", {{"x", "v"}, {"v", "-x"}}}}},
          {"initial", {{0.0, 1.0}}},
          {"times", times},
          {"solver", solver},
          {"events", events}};
}

// One state with slope 1 that is t - t0.
inline Json clock(Json solver, Json events, Json times = {0.0, 1.0}) {
  return {{"odeon", 1},
          {"task", "solve"},
          {"backend", "reference"},
          {"field", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "1"}}}}},
          {"initial", {{0.0}}},
          {"times", times},
          {"solver", solver},
          {"events", events}};
}

inline const Json kDopri5{{"plugin", "dopri5"}, {"rtol", 1e-10}, {"atol", 1e-12}};

inline std::vector<host::EventRecord> events_of(const host::RunResult& result) {
  return result.events->log.records;
}

inline std::vector<double> times_of(const std::vector<host::EventRecord>& events,
                                    const std::string& name = "") {
  std::vector<double> times;
  for (const host::EventRecord& e : events)
    if (name.empty() || e.name == name) times.push_back(e.t);
  return times;
}

}  // namespace odeon::test
