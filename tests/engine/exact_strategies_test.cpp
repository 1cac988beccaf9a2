// Strategies that take the steps of a solve again give the bits of `direct`, with the memory that they
// promise and no more steps than theory asks for.
#include <filesystem>

#include "../../plugins/gradients/checkpoint/revolve.hpp"
#include "data/error.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

const std::vector<Json> kStrategies{"symplectic_adjoint",
                                    {{"plugin", "checkpoint"}, {"budget", 1}},
                                    {{"plugin", "checkpoint"}, {"budget", 3}},
                                    {{"plugin", "checkpoint"}, {"budget", 1000}},
                                    {{"plugin", "checkpoint"}, {"budget", 2}, {"spill", "."}}};

Json driven(const Json& solver, const Json& gradient) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "y"}},
            {"parameters", {{"a", 1.5}, {"b", 1.0}}},
            {"derivatives", {{"x", "a*x - b*x*y + 0.1*sin(7*t)"}, {"y", "x*y - y*cos(t)"}}}}},
          {"initial", {{1.0, 0.7}, {0.5, 1.5}}},
          {"times", {0.1, 0.43, 1.0, 1.9}},
          {"solver", solver},
          {"gradient", gradient}};
}

void check_same_bits(Json config) {
  config["gradient"] = "direct";
  const auto direct = differentiate(config);
  for (const Json& strategy : kStrategies) {
    CAPTURE(strategy.dump());
    config["gradient"] = strategy;
    const auto again = differentiate(config);
    for (const char* what : {"states.npy", "grad_initial.npy", "grad_parameters.npy", "grad_times.npy"}) {
      CAPTURE(what);
      CHECK(array_of(again, what).bytes == array_of(direct, what).bytes);
    }
  }
}

std::vector<std::string> explicit_ids() {
  return solver_ids_where([](const SolverTraits& s) { return s.is_explicit; });
}

// On `steps` equal steps of rk4: how many were taken in the backward pass, and the peak of the tape.
struct Cost {
  int64_t steps, bytes;
};
constexpr int64_t kState = 2 * 2 * 8;  // bytes: two rows of two numbers
Cost cost(const Json& gradient, int64_t steps) {
  Json config = driven({{"plugin", "rk4"}, {"step_size", 1.0 / double(steps)}}, gradient);
  config["times"] = {0.0, 1.0};
  const auto counters = differentiate(config).record["counters"];
  return {counters["backward"]["accepted"], counters["tape_peak_bytes"]};
}

}  // namespace

TEST_CASE("steps taken again have the bits of the solve, for every explicit tableau") {
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& id : explicit_ids())
      for (const Json& options : {Json{{"step_size", 0.13}, {"interpolation", "cubic"}},
                                  Json{{"step_size", 0.13}}, Json::object()}) {
        if (options.empty() && !traits_of(id).controlled) continue;
        CAPTURE(backend);
        CAPTURE(id);
        CAPTURE(options.dump());
        Json solver = options;
        solver["plugin"] = id;
        if (options.empty()) solver["rtol"] = 1e-5, solver["atol"] = 1e-6;
        Json config = driven(solver, "direct");
        config["backend"] = backend;
        check_same_bits(config);
      }
}

TEST_CASE("steps taken again have the bits of the solve backwards in time, per row and in float32") {
  Json backwards = driven({{"plugin", "tsit5"}, {"rtol", 1e-6}}, "direct");
  backwards["times"] = {1.9, 1.0, 0.43, 0.1};
  check_same_bits(backwards);
  check_same_bits(driven({{"plugin", "dopri5"}, {"stepping", "per_row"}}, "direct"));
  Json single = driven({{"plugin", "bosh3"}, {"rtol", 1e-4}}, "direct");
  single["precision"] = "float32";
  check_same_bits(single);
}

TEST_CASE("the binomial schedule takes the fewest steps that any schedule takes") {
  constexpr int64_t kMost = 120, kSnapshots = 8;
  std::vector<std::vector<int64_t>> fewest(kMost + 1, std::vector<int64_t>(kSnapshots, 0));
  for (int64_t c = 0; c < kSnapshots; ++c)
    for (int64_t n = 2; n <= kMost; ++n) {
      int64_t& best = fewest[size_t(n)][size_t(c)] = n * (n - 1) / 2;
      for (int64_t m = 1; c > 0 && m < n; ++m)
        best = std::min(best, m + fewest[size_t(n - m)][size_t(c - 1)] + fewest[size_t(m)][size_t(c)]);
      CAPTURE(n);
      CAPTURE(c);
      CHECK(fewest_advances(n, c) == best);
    }
}

TEST_CASE("checkpoint takes as many steps again as its schedule says") {
  for (const int64_t steps : {7, 64, 200})
    for (const int64_t budget : {1, 3, 10}) {
      CAPTURE(steps);
      CAPTURE(budget);
      // The solve leaves a snapshot every `stride` steps; segment j from the start has budget - j to spare.
      int64_t stride = 1;
      while ((steps - 1) / stride > budget) stride *= 2;
      const int64_t segments = (steps + stride - 1) / stride;
      int64_t expected = steps;
      for (int64_t j = 0; j < segments; ++j)
        expected += fewest_advances(std::min(stride, steps - j * stride), budget - j);
      CHECK(cost({{"plugin", "checkpoint"}, {"budget", budget}}, steps).steps == expected);
    }
}

TEST_CASE("checkpoint holds no more than its budget, two states and a step's stages") {
  constexpr int64_t kWork =
      2 * kState + (4 + 2 * 5) * kState + 2 * 8 + 8;  // the reverse of a step; rk4 has 4 stages
  for (const int64_t budget : {1, 4, 32})
    for (const int64_t steps : {10, 100, 1000}) {
      CAPTURE(budget);
      CAPTURE(steps);
      CHECK(cost({{"plugin", "checkpoint"}, {"budget", budget}}, steps).bytes <= budget * kState + kWork);
    }
  const double mib = 4.5 * double(kState) / 1048576;
  CHECK(cost({{"plugin", "checkpoint"}, {"budget_mib", mib}}, 500).bytes ==
        cost({{"plugin", "checkpoint"}, {"budget", 4}}, 500).bytes);
}

TEST_CASE("symplectic_adjoint holds one state per step") {
  const Cost few = cost("symplectic_adjoint", 50), many = cost("symplectic_adjoint", 500);
  CHECK(many.bytes - few.bytes == 450 * kState);
  CHECK(many.steps == 500);
}

TEST_CASE("a folder for snapshots that cannot be written to is named with what to do") {
  Json config = driven({{"plugin", "rk4"}, {"step_size", 0.1}},
                       {{"plugin", "checkpoint"}, {"budget", 1}, {"spill", "/no/such/folder"}});
  std::string text;
  try {
    differentiate(config);
  } catch (const host::Error& e) {
    text = e.what();
  }
  CHECK(text.find("/no/such/folder: the file of snapshots cannot be made") != std::string::npos);
  CHECK(text.find("give 'spill' a folder") != std::string::npos);
}
