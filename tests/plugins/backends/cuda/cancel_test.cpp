// Whole solves that the user stops midway: the kernels see it, and the run ends as one that the host drives
// does.
#include <chrono>
#include <cstdlib>
#include <odeon/host/cancel.hpp>
#include <thread>

#include "data/error.hpp"
#include "experiment/run.hpp"
#include "gradient_passes.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr auto kUnderWay = std::chrono::milliseconds(400);

// Steps that no test waits for, of solves that are longer than the time until they are stopped.
Json endless(const Json& solver) {
  Json s = solver;
  s["max_steps"] = 1000000000;
  return {{"odeon", 1},
          {"task", "solve"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "y"}},
            {"parameters", {{"a", 1.0}}},
            {"derivatives", {{"x", "a*y"}, {"y", "-a*x"}}}}},
          {"initial", {{1, 0}, {0.5, 1}, {0.1, 0.2}}},
          {"times", {0.0, 1e9}},
          {"solver", s}};
}

// With a seed the stand-in may run a kernel where it is launched, so that nobody waits for it and asks.
class WithoutSeed {
 public:
  WithoutSeed() {
    if (const char* seed = std::getenv(kSeed)) seed_ = seed;
    unsetenv(kSeed);
  }
  ~WithoutSeed() {
    if (!seed_.empty()) setenv(kSeed, seed_.c_str(), 1);
  }

 private:
  static constexpr const char* kSeed = "ODEON_FAKE_SEED";
  std::string seed_;
};

// Asks to stop while `run` is under way. Whether it ended as cancelled.
template <class Run>
bool is_stopped(const Run& run) {
  const WithoutSeed endless_kernels_are_waited_for;
  std::jthread user([] {
    std::this_thread::sleep_for(kUnderWay);
    host::request_cancel();
  });
  bool stopped = false;
  try {
    run();
  } catch (const host::Cancelled&) {
    stopped = true;
  }
  user.join();
  host::clear_cancel();
  return stopped;
}
bool is_solve_stopped(const Json& config, const Json& backend = gpu()) {
  return is_stopped([&] { solve_on(backend, config); });
}

}  // namespace

TEST_CASE("rows on their own stop midway, with adaptive and with fixed steps") {
  const Json adaptive =
      endless({{"plugin", "dopri5"}, {"stepping", "per_row"}, {"rtol", 1e-12}, {"atol", 1e-12}});
  for (const char* form : {"thread", "block"}) CHECK(is_solve_stopped(adaptive, gpu_rows(form)));
  Json fixed = endless({{"plugin", "rk4"}, {"step_size", 0.025}});
  fixed["solver"].erase("max_steps");
  fixed["times"] = {0.0, 20000.0};
  fixed["initial"] = Json::array();
  for (int i = 0; i < 200; ++i) fixed["initial"].push_back({0.01 * i, 1});
  for (const char* form : {"thread", "block"}) CHECK(is_solve_stopped(fixed, gpu_rows(form)));
}

TEST_CASE("a batch that steps together stops midway, in one block, in many and in a captured loop") {
  Json config = endless({{"plugin", "dopri5"}, {"rtol", 1e-10}, {"atol", 1e-10}});
  for (const char* form : {"one_block", "many_blocks"}) CHECK(is_solve_stopped(config, gpu_by(form)));
  config["seed"] = 3;
  config["field"] = {
      {"plugin", "neural"}, {"time", "none"}, {"network", {{{"linear", 300}}, "tanh", {{"linear", 2}}}}};
  config["initial"] = Json::array();
  for (int i = 0; i < 150; ++i) config["initial"].push_back({0.01 * i, 1});
  CHECK(is_solve_stopped(config, gpu_by("captured")));
}

TEST_CASE("a solve after one that was stopped runs to its end") {
  Json config = endless({{"plugin", "dopri5"}, {"stepping", "per_row"}});
  CHECK(is_solve_stopped(config));
  config["times"] = {0.0, 1.0};
  CHECK(difference(states_of(solve_on(gpu(), config)), states_of(solve_on("reference", config))) <=
        on_gpu(1e-12));
}

TEST_CASE("the adjoint stops midway, of rows on their own and of a batch that steps together") {
  for (const auto& [stepping, form] :
       {std::pair("per_row", "thread"), {"per_row", "block"}, {"joint", "auto"}}) {
    CAPTURE(stepping);
    CAPTURE(form);
    Json config = endless({{"plugin", "dopri5"}, {"stepping", stepping}, {"rtol", 1e-2}, {"atol", 1e-2}});
    config["task"] = "gradient";
    config["field"]["derivatives"] = {{"x", "a*cos(t)"}, {"y", "a*sin(t)"}};
    config["times"] = {0.0, 2e5};  // few steps there, many back
    config["gradient"] = {{"plugin", "adjoint"}, {"rtol", 1e-14}, {"atol", 1e-14}, {"reconstruction", "off"}};
    config["backend"] = gpu_rows(form);
    CHECK(is_stopped([&] { host::run_gradient(to_experiment(config, with_fake()), with_fake()); }));
  }
}

TEST_CASE("a discrete reverse stops midway, of rows on their own and of a batch that steps together") {
  const auto is_reverse_stopped = [](const Json& solver, const Json& backend, int rows = 3000,
                                     double end = 30) {
    Json config = endless(solver);
    config["times"] = {0.0, end};
    config["task"] = "gradient";
    config["gradient"] = "direct";
    config["backend"] = backend;
    config["initial"] = Json::array();
    for (int i = 0; i < rows; ++i) config["initial"].push_back({0.01 * i, 1});
    GradientPasses passes(config);
    passes.args.tape_limit = 1;  // steps or rows one by one
    REQUIRE(passes.solve() == ODEON_OK);
    return is_stopped([&] {
      if (passes.reverse() == ODEON_CANCELLED) throw host::Cancelled();
    });
  };
  const Json per_row{{"plugin", "dopri5"}, {"stepping", "per_row"}};
  CHECK(is_reverse_stopped(per_row, gpu_rows("thread")));
  CHECK(is_reverse_stopped(per_row, gpu_rows("block"), 4, 300));
  for (const char* form : {"one_block", "many_blocks", "captured"}) {
    CAPTURE(form);
    CHECK(is_reverse_stopped({{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-6}}, gpu_by(form)));
  }
}
