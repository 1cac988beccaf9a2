// Gradients by the stand-in device, and who computed them.
#pragma once
#include "fake_registry.hpp"
#include "loader/host_table.hpp"

namespace odeon::test {

// What is logged meanwhile.
template <class Work>
std::string told(const Work& work) {
  std::string text;
  host::set_log_sink([&](int32_t, std::string_view line) { text += std::string(line) + "\n"; });
  try {
    work();
  } catch (...) {
    host::set_log_sink({});
    throw;
  }
  host::set_log_sink({});
  return text;
}

// A field of w and y with the parameters a and b.
inline Json pair_field(const std::string& w, const std::string& y) {
  return {{"plugin", "expression"},
          {"state", {"w", "y"}},
          {"parameters", {{"a", 0.7}, {"b", 0.2}}},
          {"derivatives", {{"w", w}, {"y", y}}}};
}
inline Json forced_pair() { return pair_field("-0.1*a*w*y", "a*cos(w*t) - b*y*t"); }

struct Logged {
  host::RunResult result;
  bool by_backend;  // both passes, by itself
  bool captured;    // the reverse as a captured loop
};

inline Logged gradient_on(const Json& backend, Json config) {
  config["backend"] = backend;
  Logged logged{};
  const std::string words =
      told([&] { logged.result = host::run_gradient(to_experiment(config, with_fake()), with_fake()); });
  logged.by_backend = words.find("whole solve and its gradient by backend") != std::string::npos;
  for (const char* reverse : {"reverse", "adjoint"})
    logged.captured |=
        words.find(std::string("captured the loop of a joint ") + reverse) != std::string::npos;
  return logged;
}

inline const Json kOneBlock = gpu_by("one_block"), kManyBlocks = gpu_by("many_blocks"),
                  kCaptured = gpu_by("captured");

inline void check_same_bits(const host::RunResult& found, const host::RunResult& expected) {
  CHECK(states_of(found) == states_of(expected));
  for (const char* name : {"grad_initial.npy", "grad_times.npy"}) {
    CAPTURE(name);
    CHECK(array_of(found, name).to_doubles() == array_of(expected, name).to_doubles());
  }
  CHECK(parameter_gradients(found) == parameter_gradients(expected));
  CHECK(found.record["counters"] == expected.record["counters"]);
}

inline void check_close(const host::RunResult& found, const host::RunResult& expected, double tolerance) {
  CHECK(difference(states_of(found), states_of(expected)) <= tolerance);
  for (const char* name : {"grad_initial.npy", "grad_times.npy"}) {
    CAPTURE(name);
    CHECK(difference(array_of(found, name).to_doubles(), array_of(expected, name).to_doubles()) <= tolerance);
  }
  CHECK(difference(parameter_gradients(found), parameter_gradients(expected)) <= tolerance);
}

}  // namespace odeon::test
