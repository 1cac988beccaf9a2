// Gradients by the stand-in device, and who computed them.
#pragma once
#include "fake_registry.hpp"
#include "loader/host_table.hpp"

namespace odeon::test {

struct Logged {
  host::RunResult result;
  bool by_backend;  // both passes, by itself
};

inline Logged gradient_on(const char* backend, Json config) {
  config["backend"] = backend;
  bool by_backend = false;
  host::set_log_sink([&](int32_t, std::string_view line) {
    by_backend |= line.find("whole solve and its gradient by backend") != std::string_view::npos;
  });
  Logged logged{host::run_gradient(to_experiment(config, with_fake()), with_fake()), false};
  host::set_log_sink({});
  logged.by_backend = by_backend;
  return logged;
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
