// Experiments with continuous adjoints of batches that step together, on the stand-in device and by `adjoint`
// of the host on the reference backend.
#pragma once
#include "adaptive_cases.hpp"
#include "engine/failure.hpp"
#include "gradient_on_fake.hpp"

namespace odeon::test::joint_adjoint {

// The same steps, norms and sums added up in another order.
inline const double kAdjoint = on_gpu(1e-11);
inline constexpr double kSingle = 2e-4;

// Cotangents of all states, none like another.
inline Json with_loss(Json config) {
  Json all = Json::array();
  const size_t rows = config["initial"].size(), size = config["initial"][0].size();
  for (size_t t = 0; t < config["times"].size(); ++t) {
    all.push_back(Json::array());
    for (size_t r = 0; r < rows; ++r) {
      all.back().push_back(Json::array());
      for (size_t j = 0; j < size; ++j)
        all.back().back().push_back(0.5 + 0.25 * double((7 * t + 3 * r + 5 * j) % 11) - 0.9 * double(j));
    }
  }
  config["loss"] = {{"cotangent", all}};
  return config;
}

inline Json config_of(const Json& solver, const Json& gradient = "adjoint") {
  Json s = solver;
  if (!s.contains("rtol") && !s.contains("step_size")) s["rtol"] = 1e-4, s["atol"] = 1e-6;
  return with_loss({{"odeon", 1},
                    {"task", "gradient"},
                    {"field", forced_pair()},
                    {"initial", {{1, 0.5}, {4, 2}, {0.3, 1}}},
                    {"times", {0.0, 0.3, 0.31, 1.0, 2.0}},
                    {"solver", s},
                    {"gradient", gradient}});
}

inline Json network(Json config, int width) {
  config["seed"] = 3;
  config["field"] = {
      {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", width}}, "tanh", {{"linear", 2}}}}};
  return config;
}

inline void check_alike(const Json& backend, const Json& config, double tolerance) {
  const Logged device = gradient_on(backend, config), host = gradient_on("reference", config);
  CHECK(device.by_backend);
  CHECK(device.captured == (backend == kCaptured));
  CHECK_FALSE(host.by_backend);
  check_close(device.result, host.result, tolerance);
  if (tolerance >= kSingle) return;
  const auto count = [](const Logged& l, const char* phase, const char* what) {
    return l.result.record["counters"][phase][what].get<int64_t>();
  };
  CHECK(count(host, "backward", "accepted") > 0);
  for (const char* phase : {"forward", "backward"})
    for (const char* what : {"accepted", "rejected"}) {
      CAPTURE(phase);
      CAPTURE(what);
      CHECK(count(device, phase, what) == count(host, phase, what));
    }
  // The solves' products are the host's; the block also has dL/dt of the first time by one.
  CHECK(count(device, "backward", "vjps") == count(host, "backward", "vjps") + 1);
}

// One block and many, with the same bits.
inline void check_alike(const Json& config, double tolerance = kAdjoint) {
  check_alike(kOneBlock, config, tolerance);
  check_same_bits(gradient_on(kManyBlocks, config).result, gradient_on(kOneBlock, config).result);
}

// What it failed of, with its numbers to 9 digits: round-off moves the rest.
// A joint adjoint on the device does not say which row of the batch it was.
inline std::string without_row(std::string words) {
  const size_t from = words.find(", row "), to = words.find(';', from);
  return from == std::string::npos ? words : words.erase(from, to - from);
}

inline std::string words(const Json& backend, const Json& config) {
  try {
    gradient_on(backend, config);
    return "it did not fail";
  } catch (const host::SolveFailed& e) {
    const host::Failure& f = e.failure();
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, " at %.9g by %.6g after %lld, row %lld", f.t, f.h,
                  static_cast<long long>(f.steps), static_cast<long long>(f.row));
    const std::string text = e.what();
    const size_t remedy = text.rfind("; ");
    return f.reason + numbers + (remedy == std::string::npos ? "" : text.substr(remedy));
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace odeon::test::joint_adjoint
