// Experiments that nobody thought of: programs that must agree on each of them do. A failure prints the seed
// and the experiment, which `odeon run` takes as it is.
#include "experiment/random_experiment.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr uint32_t kSeeds = 40;
// Of sums in another order and functions of a few ulp, over some ten steps and back.
constexpr double kDouble = 1e-10, kSingle = 2e-3;

double round_off(const Json& config) { return config["precision"] == "float32" ? kSingle : kDouble; }

struct Results {
  std::vector<double> states, initial, parameters, times;
};

Results results_of(Json config, const Json& backend, const Json& gradient) {
  config["backend"] = backend;
  config["gradient"] = gradient;
  const host::RunResult run = differentiate(config);
  const auto array = [&](const char* name) { return array_of(run, name).to_doubles(); };
  const bool has_parameters =
      !run.tensors.empty() || std::any_of(run.arrays.begin(), run.arrays.end(),
                                          [](const auto& a) { return a.first == "grad_parameters.npy"; });
  return {array("states.npy"), array("grad_initial.npy"),
          has_parameters ? parameter_gradients(run) : std::vector<double>{}, array("grad_times.npy")};
}

Json cpu(int threads) { return {{"plugin", "cpu"}, {"threads", threads}}; }

// The largest difference of all, each relative to the largest value of its kind.
double largest_difference(const Results& found, const Results& expected) {
  return std::max({difference(found.states, expected.states), difference(found.initial, expected.initial),
                   difference(found.parameters, expected.parameters),
                   difference(found.times, expected.times)});
}

bool same_bits(const Results& a, const Results& b) {
  return a.states == b.states && a.initial == b.initial && a.parameters == b.parameters && a.times == b.times;
}

// Of tableaus, whose dL/dt is that of the program too.
std::vector<std::string> explicit_ids() {
  return solver_ids_where([](const SolverTraits& s) { return s.is_explicit && s.fixed; });
}
std::vector<std::string> reversible_ids() {
  return solver_ids_where([](const SolverTraits& s) { return s.fixed && s.controlled && !s.second_order; });
}

template <class Check>
void for_each_experiment(uint32_t first, const std::vector<std::string>& solvers, const Check& check) {
  for (uint32_t seed = first; seed < first + kSeeds; ++seed) {
    const Json config = RandomExperiment(seed).make(solvers);
    const std::string text = config.dump();
    CAPTURE(seed);
    CAPTURE(text);
    check(config);
  }
}

}  // namespace

TEST_CASE("random experiments: cpu computes what the reference does, with the same bits on any threads") {
  for_each_experiment(1000, explicit_ids(), [](const Json& config) {
    const Results one = results_of(config, cpu(1), "direct");
    CHECK(largest_difference(one, results_of(config, "reference", "direct")) < round_off(config));
    CHECK(same_bits(results_of(config, cpu(2), "direct"), one));
    CHECK(same_bits(results_of(config, cpu(3), "direct"), one));
  });
}

TEST_CASE("random experiments: exact strategies give one gradient") {
  for_each_experiment(2000, explicit_ids(), [](const Json& config) {
    const Results direct = results_of(config, cpu(1), "direct");
    for (const Json& other : {Json("symplectic_adjoint"), Json{{"plugin", "checkpoint"}, {"budget", 2}}})
      CHECK(largest_difference(results_of(config, cpu(1), other), direct) < round_off(config));
  });
}

TEST_CASE("random experiments: steps that are taken back give the gradient of direct") {
  std::vector<std::string> ids;
  for (const std::string& id : reversible_ids())
    if (solver_api(id).capabilities & ODEON_SOLVER_REVERSIBLE) ids.push_back(id);
  for_each_experiment(3000, ids, [](const Json& config) {
    Results direct = results_of(config, cpu(1), "direct"), back = results_of(config, cpu(1), "reversible");
    direct.times =
        back.times = {};  // of the flow, from states that differ by round-off: differences of close times
    CHECK(largest_difference(back, direct) < 100 * round_off(config));
  });
}
