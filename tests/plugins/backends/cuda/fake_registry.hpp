// Experiments with the GPU backend on its stand-in (fake/) among the installed components.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "experiment_case.hpp"
#include "loader/specimen_folder.hpp"

namespace odeon::test {

// The backend that is compared with the host: the stand-in, or, on a machine with a GPU, the one that
// ODEON_TEST_GPU_BACKEND names.
inline const char* gpu() {
  static const char* const named = std::getenv("ODEON_TEST_GPU_BACKEND");
  return named ? named : "fake_gpu";
}
// It, with batches that step together in one of its forms (joint/form.hpp).
inline Json gpu_by(const char* joint_form) { return {{"plugin", gpu()}, {"joint_form", joint_form}}; }
// It, with rows that have steps of their own taken by a `thread` or a `block` each (solve/row_form.hpp).
inline Json gpu_rows(const char* row_form) { return {{"plugin", gpu()}, {"row_form", row_form}}; }
// Which stand-in: by `fibers`, with the host's compiler, or by `PTX`.
inline const char* stand_in() {
  static const char* const named = std::getenv("ODEON_TEST_STAND_IN");
  return named ? named : "fibers";
}
// Of what only the stand-in can be asked.
inline bool on_stand_in() {
  const bool is_fake = std::string_view(gpu()) == "fake_gpu";
  if (!is_fake) MESSAGE("skipped: needs the stand-in for the device");
  return is_fake;
}
// What the stand-in keeps to where the host's compiler makes its code: it contracts no product with a sum,
// and has the host's functions. A GPU and the PTX for it do and have not.
inline double on_gpu(double bound) {
  constexpr double kContracted = 1e-9;
  const bool is_exact = gpu() == std::string_view("fake_gpu") && stand_in() == std::string_view("fibers");
  return is_exact ? bound : std::max(bound, kContracted);
}

// How rows failed, on either: the same but for the last digits of numbers on a GPU.
inline void check_same_failures(const host::RunResult& device, const host::RunResult& host) {
  const Json &found = device.record["failures"], &expected = host.record["failures"];
  REQUIRE(found.size() == expected.size());
  for (size_t row = 0; row < found.size(); ++row)
    for (const auto& [key, value] : expected[row].items()) {
      CAPTURE(key);
      REQUIRE(found[row].contains(key));
      const Json& other = found[row][key];
      if (value.is_number_float())
        CHECK(std::abs(other.get<double>() - value.get<double>()) <=
              on_gpu(0) * std::abs(value.get<double>()));
      else
        CHECK(other == value);
    }
}

inline const host::Registry& with_fake() {
  static const host::Registry registry = [] {
    setenv("XDG_CACHE_HOME", ODEON_BINARY_DIR "/tests/fake_gpu_cache", 1);  // not the user's
    host::LoaderOptions options;
    options.roots = {std::string(ODEON_BINARY_DIR "/stand_ins/") + stand_in()};
    return host::Registry::discover(options);
  }();
  return registry;
}

inline host::RunResult solve_on(const Json& backend, Json config) {
  config["backend"] = backend;
  return host::run_solve(to_experiment(config, with_fake()), with_fake());
}

}  // namespace odeon::test
