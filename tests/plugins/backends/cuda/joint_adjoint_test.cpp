// Continuous adjoints of batches that step together, by one block on the stand-in device, against `adjoint`
// of the host on the reference backend.
#include "adjoint_cases.hpp"
#include "adjoint_passes.hpp"

using namespace odeon;
using namespace odeon::test;
using namespace odeon::test::joint_adjoint;

TEST_CASE("the joint adjoint of every explicit method takes the host's steps") {
  with_every_adaptive_method([](const Json& solver) { check_alike(config_of(solver)); });
}

TEST_CASE("every explicit method solves a joint adjoint backwards, adaptively and with fixed steps") {
  with_every_adaptive_method([](const Json& solver) {
    Json back = solver;
    back["rtol"] = 1e-5, back["atol"] = 1e-6;
    check_alike(config_of({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"solver", back}}));
  });
  int methods = 0;
  for (const std::string& id :
       solver_ids_where([](const SolverTraits& s) { return s.is_explicit && s.fixed && !s.second_order; })) {
    CAPTURE(id);
    const Json fixed = {{"plugin", id}, {"step_size", 0.03}};
    check_alike(config_of({{"plugin", "dopri5"}},
                          {{"plugin", "adjoint"}, {"solver", fixed}, {"reconstruction", "off"}}));
    ++methods;
  }
  CHECK(methods >= 5);
}

TEST_CASE("a batch with fixed steps forwards has joint adaptive ones backwards") {
  check_alike(
      config_of({{"plugin", "rk4"}, {"step_size", 0.05}},
                {{"plugin", "adjoint"}, {"solver", {{"plugin", "tsit5"}, {"rtol", 1e-5}, {"atol", 1e-6}}}}));
}

TEST_CASE("options of step control, norm and interpolation are the same in a joint adjoint") {
  for (const Json& solver : adaptive_options()) {
    CAPTURE(solver.dump());
    check_alike(config_of(solver));
  }
}

TEST_CASE("a joint adjoint has tolerances of its own") {
  check_alike(config_of({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"rtol", 1e-7}, {"atol", 1e-8}}));
  const Json vectors = {{"plugin", "dopri5"}, {"rtol", {1e-3, 1e-6}}, {"atol", {1e-4, 1e-8}}};
  check_alike(config_of(vectors, {{"plugin", "adjoint"}, {"rtol", 1e-6}}));
  check_alike(config_of(vectors, {{"plugin", "adjoint"}, {"solver", vectors}}));
}

TEST_CASE("what a joint adjoint leaves to the host is done there") {
  const auto left = [](const Json& config) {
    const Logged device = gradient_on(kOneBlock, config), host = gradient_on("reference", config);
    CHECK_FALSE(device.by_backend);
    check_close(device.result, host.result, kAdjoint);
  };
  left(config_of({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"norm", "full"}}));
  left(config_of({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"solver", {{"plugin", "kvaerno3"}}}}));
  left(config_of({{"plugin", "dopri5"}},
                 {{"plugin", "adjoint"}, {"solver", {{"plugin", "bosh3"}, {"rtol", {1e-3, 1e-5}}}}}));
}

TEST_CASE("a joint adjoint goes forth in time where the solve went back, and in single precision" *
          doctest::test_suite("ptx")) {
  Json back = config_of({{"plugin", "dopri5"}});
  back["times"] = {2.0, 1.0, 0.5, 0.4, 0.0};
  check_alike(back);
  for (const char* method : {"dopri5", "bosh3", "fehlberg2"}) {
    Json single = config_of({{"plugin", method}, {"rtol", 1e-3}, {"atol", 1e-4}});
    single["precision"] = "float32";
    check_alike(single, kSingle);
  }
}

TEST_CASE("a joint adjoint of one row, of many rows, and with many observations") {
  Json one = config_of({{"plugin", "tsit5"}});
  one["initial"] = {{1, 0.5}};
  check_alike(with_loss(one));
  Json many = network(config_of({{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-4}}), 4);
  many["initial"] = Json::array();  // more than a chunk of a norm
  for (int i = 0; i < 2500; ++i) many["initial"].push_back({0.0005 * i, 1 - 0.0004 * i});
  many["times"] = {0.0, 0.4};
  check_alike(with_loss(many));
  Json often = config_of({{"plugin", "bosh3"}, {"interpolation", "cubic"}});
  often["times"] = Json::array();
  for (int i = 0; i <= 40; ++i) often["times"].push_back(0.05 * i);
  check_alike(with_loss(often));
}

TEST_CASE("a joint adjoint of a network, and of fields without parameters and without the state" *
          doctest::test_suite("ptx")) {
  check_alike(network(config_of({{"plugin", "tsit5"}}), 9), 10 * kAdjoint);
  Json config = config_of({{"plugin", "dopri5"}});
  config["field"] = {{"plugin", "linear"}, {"matrix", {{-0.1, -2.0}, {2.0, -0.1}}}, {"power", 3}};
  config["initial"] = {{1, 0.5}, {0.3, 0.2}};
  check_alike(with_loss(config), 10 * kAdjoint);
  check_alike(network(with_loss(config), 40), 10 * kAdjoint);
  config["field"] = {{"plugin", "expression"},
                     {"state", {"w", "y"}},
                     {"parameters", {{"a", 0.7}}},
                     {"derivatives", {{"w", "cos(t)"}, {"y", "a*sin(3*t)"}}}};
  check_alike(with_loss(config));
}

TEST_CASE("a joint adjoint that fails says why in the words of the host") {
  Json config = config_of({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"reconstruction", "off"}});
  const auto alike = [&](const char* part) {
    const std::string theirs = words("reference", config);
    CAPTURE(theirs);
    CHECK(theirs.find(part) != std::string::npos);
    CHECK(without_row(words(gpu(), config)) == without_row(theirs));
  };
  const auto back = [&](const Json& solver) { config["gradient"]["solver"] = solver; };
  back({{"plugin", "bosh3"}, {"rtol", 1e-8}, {"atol", 1e-10}, {"max_steps", 20}});
  alike("max_steps (20) was reached");
  back({{"plugin", "bosh3"}, {"rtol", 1e-8}, {"atol", 1e-10}, {"min_step", 0.02}});
  alike("min_step");
  // Errors move the pole of 1/t to where the solve comes by.
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-y^2"}}}};
  config["initial"] = {{1e6}, {1e7}};
  config["times"] = {0.0, 1.0, 1.5};
  config = with_loss(config);
  back({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-7}});
  alike("grows without bound");
  // No scale for the cotangent's zeros.
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-y"}}}};
  config["initial"] = {{1.0}, {0.5}};
  config["times"] = {0.0, 1.0};
  config["loss"] = {{"cotangent", {{{1.0}, {0.0}}, {{1.0}, {0.0}}}}};
  back({{"plugin", "dopri5"}, {"atol", 0}});
  alike("zero where atol is zero");
}

TEST_CASE("fixed steps that lose the state of a joint adjoint say so in the words of the host") {
  Json config = config_of({{"plugin", "dopri5"}}, {{"plugin", "adjoint"}, {"reconstruction", "off"}});
  config["field"] = {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "sqrt(y)"}}}};
  config["initial"] = {{0.01}, {0.5}};
  config["times"] = {0.0, 2.0, 3.0};
  config = with_loss(config);
  config["gradient"]["solver"] = {{"plugin", "rk4"}, {"step_size", 2}};
  const std::string theirs = words("reference", config);
  CAPTURE(theirs);
  CHECK(theirs.find("not finite at the requested time") != std::string::npos);
  CHECK(without_row(words(gpu(), config)) == without_row(theirs));
}

TEST_CASE("one plan of a joint adjoint serves other times, other cotangents and other parameters") {
  for (const char* method : {"dopri5", "bosh3", "fehlberg2"}) {
    Json config = config_of({{"plugin", method}, {"interpolation", "cubic"}});
    config["backend"] = gpu();
    const std::vector<double> forth{0, 0.4, 1}, back{1, 0.7, 0.5, 0.2};
    const auto fresh = [&](double a, const auto&... arguments) {
      config["field"]["parameters"]["a"] = a;
      return Adjoints(config).run(arguments...);
    };
    Adjoints all(config);
    PreparedProblem& p = all.problem();
    const auto first = all.run(forth, 1.0);
    CHECK(first == fresh(0.7, forth, 1.0));
    CHECK(all.run(forth, 1.0) == first);
    CHECK(all.run(back, -0.5) == fresh(0.7, back, -0.5));
    CHECK(all.run(forth, 1.0, false) == fresh(0.7, forth, 1.0, false));
    CHECK(all.run(forth, 1.0) == first);
    host::Array theta = host::download(*p.backend, p.theta.view);
    theta.set(0, 0.3);
    host::upload(*p.backend, p.theta.view, theta);  // in place
    const auto changed = fresh(0.3, forth, 1.0);
    CHECK(changed != first);
    CHECK(all.run(forth, 1.0) == changed);
    const host::DeviceTensor other = host::DeviceTensor::like(p.backend, p.theta.view);
    theta.set(0, 0.9);
    host::upload(*p.backend, other.view, theta);  // elsewhere
    p.problem->set_theta(other.view);
    CHECK(all.run(forth, 1.0) == fresh(0.9, forth, 1.0));
  }
}
