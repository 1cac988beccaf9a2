// Networks within formulas: what the field `expression` makes of them, beside the field `neural`, differences
// and sums; and which weights it takes. Beside PyTorch: tests/golden.
#include "data/safetensors.hpp"
#include "loader/host_table.hpp"
#include "train/training_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;
using Numbers = std::vector<double>;

const Json kLayers{{{"linear", 6}}, "tanh", {{"linear", 2}}};

Json experiment_of(const Json& field,
                   const Json& solver = {{"plugin", "dopri5"}, {"rtol", 1e-9}, {"atol", 1e-9}}) {
  return {{"odeon", 1},
          {"task", "gradient"},
          {"precision", "float64"},
          {"seed", 5},
          {"field", field},
          {"initial", {{1.0, 0.5}, {0.3, 2.0}}},
          {"times", {0.0, 0.4, 1.5}},
          {"solver", solver},
          {"gradient", "direct"}};
}

// Two unknown terms that depend on states, a parameter and the time, in either half of the formulas.
Json predators() {
  return {{"plugin", "expression"},
          {"state", {"prey", "predator"}},
          {"parameters", {{"a", 1.3}, {"c", 1.8}}},
          {"network",
           {{"inputs", {"log(1 + prey)", "c*predator/5", "sin(t)"}},
            {"outputs", {"eaten", "born"}},
            {"layers", kLayers}}},
          {"derivatives", {{"prey", "a*prey - eaten*prey"}, {"predator", "-c*predator"}}},
          {"explicit", {{"predator", "born*prey*predator"}}}};
}

Numbers numbers(const host::RunResult& r, const std::string& name) { return array_of(r, name).to_doubles(); }

Numbers all_gradients(const host::RunResult& r) {
  Numbers all = numbers(r, "grad_initial.npy");
  for (const Numbers& part : {parameter_gradients(r), numbers(r, "grad_times.npy")})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Warnings of what `f` does.
template <class F>
std::string warnings_of(F f) {
  std::string text;
  host::set_log_sink([&](int32_t level, std::string_view line) {
    if (level >= ODEON_LOG_WARNING) text += std::string(line) + "\n";
  });
  f();
  host::set_log_sink({});
  return text;
}

}  // namespace

TEST_CASE("formulas that are the network's outputs alone are the field neural, to the last bit") {
  const Json formulas{{"plugin", "expression"},
                      {"state", {"x", "y"}},
                      {"network", {{"inputs", {"x", "y"}}, {"outputs", {"u", "v"}}, {"layers", kLayers}}},
                      {"derivatives", {{"x", "u"}, {"y", "v"}}}};
  for (const char* backend : {"reference", "cpu"})
    for (const char* gradient : {"direct", "adjoint"}) {
      CAPTURE(backend);
      CAPTURE(gradient);
      Json by_formulas = experiment_of(formulas);
      by_formulas["backend"] = backend, by_formulas["gradient"] = gradient;
      Json by_layers = by_formulas;
      by_layers["field"] = {{"plugin", "neural"}, {"network", kLayers}};
      const host::RunResult a = differentiate(by_formulas), b = differentiate(by_layers);
      CHECK(states_of(a) == states_of(b));
      CHECK(all_gradients(a) == all_gradients(b));
      REQUIRE(a.tensors.front().second.size() == b.tensors.front().second.size());
      for (size_t i = 0; i < a.tensors.front().second.size(); ++i)
        CHECK(a.tensors.front().second[i].name == "network." + b.tensors.front().second[i].name);
    }
}

TEST_CASE("every strategy gives the gradient by parameters and network that differences of solves give") {
  // The strategies' tolerances over the solves, and those of central differences.
  constexpr double kAgreement = 1e-6;
  for (const char* backend : {"reference", "cpu"}) {
    Json config = experiment_of(predators());
    config["backend"] = backend;
    config["gradient"] = "finite_difference";
    const Numbers differences = all_gradients(differentiate(config));
    CHECK(differences.size() == 4 + 2 + (3 * 6 + 6 + 6 * 2 + 2) + 3);
    for (const std::string& gradient : gradient_ids_for_tableaus()) {
      CAPTURE(backend);
      CAPTURE(gradient);
      config["gradient"] = gradient;
      CHECK(difference(all_gradients(differentiate(config)), differences) < kAgreement);
    }
  }
}

TEST_CASE("second order goes through the network: H v is the derivative of the gradient along v") {
  constexpr double kDistance = 1e-4, kDifferences = 1e-6;
  const Json solver{{"plugin", "rk4"}, {"step_size", 0.05}};
  const double along[2][2] = {{0.3, -1}, {0.8, 0.2}};
  const auto gradient_at = [&](double by) {
    Json config = experiment_of(predators(), solver);
    for (size_t r = 0; r < 2; ++r)
      for (size_t i = 0; i < 2; ++i)
        config["initial"][r][i] = config["initial"][r][i].get<double>() + by * along[r][i];
    const host::RunResult result = differentiate(config);
    Numbers all = numbers(result, "grad_initial.npy");
    for (double v : parameter_gradients(result)) all.push_back(v);
    return all;
  };
  const Numbers ahead = gradient_at(kDistance), behind = gradient_at(-kDistance);
  Numbers slopes(ahead.size());
  for (size_t i = 0; i < slopes.size(); ++i) slopes[i] = (ahead[i] - behind[i]) / (2 * kDistance);

  Json config = experiment_of(predators(), solver);
  config["tangent"]["initial"] = {{along[0][0], along[0][1]}, {along[1][0], along[1][1]}};
  const host::RunResult result = differentiate(config);
  Numbers product = numbers(result, "hvp_initial.npy");
  for (const auto& [name, tensors] : result.tensors)
    if (name == "hvp_parameters.safetensors")
      for (const host::NamedArray& a : tensors)
        for (double v : a.array.to_doubles()) product.push_back(v);
  CHECK(difference(product, slopes) < kDifferences);
}

TEST_CASE("an additive method takes the network's part of the explicit half, every other one the sum") {
  constexpr double kTolerances = 1e-6;
  Json config = experiment_of(predators());
  config["task"] = "solve", config.erase("gradient");
  const Numbers sum = states_of(solve(config));
  for (const std::string& id : solver_ids())
    if (const odeon_tableau* t = solver_api(id).tableau; t && t->a_explicit) {
      CAPTURE(id);
      config["solver"]["plugin"] = id;
      const host::RunResult split = solve(config);
      CHECK(difference(states_of(split), sum) < kTolerances);
      CHECK(split.record["counters"]["forward"]["explicit_evaluations"] > 0);
    }
}

TEST_CASE("an output that no formula uses is a parameter like any other, with gradient zero") {
  Json field = predators();
  field.erase("explicit");
  const host::RunResult result = differentiate(experiment_of(field));
  const host::NamedArray& bias = result.tensors.front().second.back();
  CHECK(bias.name == "network.2.bias");
  CHECK(bias.array.at(0) != 0);
  CHECK(bias.array.at(1) == 0);
}

TEST_CASE("weights of the network alone leave the parameters as the configuration has them, and it says so") {
  const ScratchFolder folder;
  const std::string file = folder / "network.safetensors";
  Json field = predators();
  const std::vector<host::NamedArray> of_gradient =
      differentiate(experiment_of(field)).tensors.front().second;
  host::write_safetensors(file, {of_gradient.begin() + 2, of_gradient.end()});
  field["weights"]["file"] = file;
  Numbers alone, both;
  const std::string warnings = warnings_of([&] { alone = states_of(differentiate(experiment_of(field))); });
  CHECK(warnings.find("has no value of a, c: what the configuration says stays") != std::string::npos);

  std::vector<host::NamedArray> whole = of_gradient;
  whole[0].array.set(0, 1.3), whole[1].array.set(0, 1.8);
  host::write_safetensors(file, whole);
  CHECK(warnings_of([&] { both = states_of(differentiate(experiment_of(field))); }).empty());
  CHECK(alone == both);
  whole[0].array.set(0, 1.4);
  host::write_safetensors(file, whole);
  CHECK(states_of(differentiate(experiment_of(field))) != both);
}
