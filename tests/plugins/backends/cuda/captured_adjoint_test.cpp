// Continuous adjoints of batches that step together, by a captured loop on the stand-in device, against
// `adjoint` of the host on the reference backend.
#include "adjoint_cases.hpp"
#include "adjoint_passes.hpp"

using namespace odeon;
using namespace odeon::test;
using namespace odeon::test::joint_adjoint;

namespace {

Json large(const Json& solver, const Json& gradient = "adjoint") {
  Json s = solver;
  if (!s.contains("rtol") && !s.contains("step_size")) s["rtol"] = 1e-3, s["atol"] = 1e-4;
  Json config = network(config_of(s, gradient), 100);
  config["initial"] = Json::array();
  for (int i = 0; i < 200; ++i) config["initial"].push_back({0.01 * i, 1 - 0.02 * i});
  config["times"] = {0.0, 0.3, 0.31, 0.6};
  return with_loss(config);
}

const double kNetwork = 10 * kAdjoint;  // sums over more terms

void check_captured(const Json& config, double tolerance = kNetwork) {
  check_alike(kCaptured, config, tolerance);
}

}  // namespace

TEST_CASE("the captured joint adjoint of every explicit method takes the host's steps") {
  with_every_adaptive_method([](const Json& solver) { check_captured(large(solver)); });
}

TEST_CASE("a captured joint adjoint has a solver, tolerances and steps of its own") {
  const auto back = [](const Json& solver) {
    return Json{{"plugin", "adjoint"}, {"solver", solver}, {"reconstruction", "off"}};
  };
  check_captured(large({{"plugin", "dopri5"}}, back({{"plugin", "bosh3"}, {"rtol", 1e-4}, {"atol", 1e-5}})));
  check_captured(large({{"plugin", "dopri5"}}, back({{"plugin", "rk4"}, {"step_size", 0.04}})));
  check_captured(
      large({{"plugin", "dopri5"}}, back({{"plugin", "heun2"}, {"control", "fixed"}, {"step_size", 0.04}})));
  check_captured(
      large({{"plugin", "dopri5"}}, back({{"plugin", "tsit5"}, {"first_step", 0.05}, {"norm", "max"}})));
  const Json vectors = {{"plugin", "dopri5"}, {"rtol", {1e-3, 1e-4}}, {"atol", {1e-4, 1e-5}}};
  check_captured(large(vectors));
  Json single = large({{"plugin", "dopri5"}});
  single["precision"] = "float32";
  check_captured(single, kSingle);
}

TEST_CASE("a captured joint adjoint that fails says why in the words of the host") {
  for (const Json& solver :
       {Json{{"plugin", "bosh3"}, {"rtol", 1e-8}, {"atol", 1e-10}, {"max_steps", 7}},
        Json{{"plugin", "bosh3"}, {"rtol", 1e-8}, {"atol", 1e-10}, {"min_step", 0.05}}}) {
    const Json config = large({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"solver", solver}});
    const std::string theirs = words("reference", config);
    CHECK(theirs.find("did not fail") == std::string::npos);
    CHECK(words(kCaptured, config) == theirs);
  }
}

TEST_CASE("one captured joint adjoint serves other times, other cotangents and other parameters") {
  Json config = large({{"plugin", "bosh3"}, {"rtol", 1e-2}, {"atol", 1e-3}});
  config["backend"] = kCaptured;
  const std::vector<double> forth{0, 0.2, 0.5}, back{0.5, 0.3, 0.1, 0};
  const auto fresh = [&](double theta, const auto&... arguments) {
    Adjoints one(config);
    one.set_theta(theta);
    return one.run(arguments...);
  };
  Adjoints all(config);
  all.set_theta(0.02);
  const auto first = all.run(forth, 1.0);
  CHECK(first == fresh(0.02, forth, 1.0));
  CHECK(all.run(back, -0.5) == fresh(0.02, back, -0.5));
  CHECK(all.run(forth, 1.0, false) == fresh(0.02, forth, 1.0, false));
  CHECK(all.run(forth, 1.0) == first);
  all.set_theta(0.03);  // in place
  const auto changed = all.run(forth, 1.0);
  CHECK(changed == fresh(0.03, forth, 1.0));
  CHECK(changed != first);
  all.move_theta();
  CHECK(all.run(forth, 1.0) == changed);
}
