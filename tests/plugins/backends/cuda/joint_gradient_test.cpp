// Gradients of batches that step together, by one block and by many on the stand-in device, against `direct`
// on the reference backend and against finite differences.
#include "adaptive_cases.hpp"
#include "gradient_on_fake.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

const double kDirect = on_gpu(1e-11);  // sums in another order, through some dozen steps
constexpr double kDifferences = 1e-6;  // central ones
constexpr double kSingle = 2e-4;

Json config_of(const Json& solver) {
  Json s = solver;
  if (!s.contains("rtol")) s["rtol"] = 1e-3, s["atol"] = 1e-5;
  const Json row = {0.5, -0.4}, other = {-0.25, 1.5};
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field", forced_pair()},
          {"initial", {{1, 0.5}, {4, 2}}},
          {"times", {0.0, 0.3, 0.31, 1.0, 2.0}},
          {"solver", s},
          {"gradient", "direct"},
          {"loss", {{"cotangent", {{row, other}, {other, row}, {row, row}, {other, other}, {row, other}}}}}};
}

void check_alike(const Json& config, double tolerance = kDirect) {
  const Logged device = gradient_on(kOneBlock, config), host = gradient_on("reference", config);
  CHECK(device.by_backend);
  CHECK_FALSE(device.captured);
  CHECK_FALSE(host.by_backend);
  check_close(device.result, host.result, tolerance);
  const Logged many = gradient_on(kManyBlocks, config);
  CHECK(many.by_backend);
  check_same_bits(many.result, device.result);
}

}  // namespace

TEST_CASE("direct through the joint steps of every explicit method is the host's") {
  with_every_adaptive_method([](const Json& solver) { check_alike(config_of(solver)); });
}

TEST_CASE("every interpolation of joint steps is differentiated as the host does") {
  check_alike(config_of({{"plugin", "dopri5"}, {"interpolation", "cubic"}}));
  check_alike(
      config_of({{"plugin", "fehlberg2"}, {"interpolation", "cubic"}, {"rtol", 1e-3}, {"atol", 1e-4}}));
  check_alike(config_of({{"plugin", "dopri5"}, {"interpolation", "linear"}}));
}

TEST_CASE("joint steps backwards in time, and in single precision, are differentiated too" *
          doctest::test_suite("ptx")) {
  Json back = config_of({{"plugin", "dopri5"}});
  back["times"] = {2.0, 1.0, 0.5, 0.4, 0.0};
  check_alike(back);
  Json single = config_of({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-5}});
  single["precision"] = "float32";
  check_alike(single, kSingle);
}

TEST_CASE("a small network on a batch is differentiated in one block, by sums of threads and of warps" *
          doctest::test_suite("ptx")) {
  Json config = config_of({{"plugin", "tsit5"}, {"rtol", 1e-3}, {"atol", 1e-4}});
  config["seed"] = 3;
  for (int width : {9, 40}) {
    CAPTURE(width);
    config["field"] = {{"plugin", "neural"},
                       {"time", "concat"},
                       {"network", {{{"linear", width}}, "tanh", {{"linear", 2}}}}};
    check_alike(config);
  }
}

TEST_CASE("more steps than the tape held at first are kept and differentiated") {
  Json config = config_of({{"plugin", "bosh3"}, {"rtol", 1e-7}, {"atol", 1e-9}});  // some hundred steps
  check_alike(config);
}

TEST_CASE("direct through joint steps in one block is the difference quotient of the program") {
  Json config = config_of({{"plugin", "dopri5"}});
  const Logged direct = gradient_on(kOneBlock, config);
  config["gradient"] = {{"plugin", "finite_difference"}, {"frozen", true}};
  const Logged differences = gradient_on("reference", config);
  CHECK(difference(parameter_gradients(direct.result), parameter_gradients(differences.result)) <=
        kDifferences);
}
