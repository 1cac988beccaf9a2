// Experiments written as JSON in a test, read as a user's YAML file would be.
#pragma once
#include <doctest/doctest.h>
#include <odeon/gradient.h>

#include <boost/algorithm/string/replace.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "contains.hpp"
#include "data/error.hpp"
#include "experiment/tasks.hpp"

namespace odeon::test {

using Json = nlohmann::ordered_json;

// JSON is YAML. @golden@ stands for tests/golden.
inline host::Experiment to_experiment(const Json& config, const host::Registry& registry) {
  const std::filesystem::path folder = std::filesystem::path(ODEON_BINARY_DIR) / "tests" / "experiments";
  std::filesystem::create_directories(folder);
  const std::string text =
      boost::replace_all_copy(config.dump(1), "@golden@", std::string(ODEON_SOURCE_DIR) + "/tests/golden");
  // Tests run in parallel; what has the same name has the same content, and appears whole.
  const std::string path = (folder / (std::to_string(std::hash<std::string>{}(text)) + ".yaml")).string();
  const std::string whole = path + "." + std::to_string(getpid());
  std::ofstream(whole) << text;
  std::filesystem::rename(whole, path);
  return host::read_experiment(host::load_source({path, {}, {}}), path, registry);
}

inline const host::Registry& installed() {
  static const host::Registry registry = host::Registry::discover({});
  return registry;
}

inline host::RunResult solve(const Json& config) {
  return host::run_solve(to_experiment(config, installed()), installed());
}

inline host::RunResult differentiate(const Json& config) {
  return host::run_gradient(to_experiment(config, installed()), installed());
}

// What the gradient is refused with, or fails with.
inline std::string gradient_refusal(const Json& config) {
  try {
    differentiate(config);
  } catch (const host::Error& e) {
    return e.what();
  }
  return "it was not refused";
}

inline const host::Array& array_of(const host::RunResult& result, const std::string& name) {
  for (const auto& [key, array] : result.arrays)
    if (key == name) return array;
  throw std::runtime_error("no array " + name);
}

inline std::vector<double> states_of(const host::RunResult& result) {
  return array_of(result, "states.npy").to_doubles();
}

// dL/dθ, all slots one behind the other.
inline std::vector<double> parameter_gradients(const host::RunResult& result) {
  if (result.tensors.empty()) return array_of(result, "grad_parameters.npy").to_doubles();
  std::vector<double> all;
  for (const host::NamedArray& p : result.tensors.front().second)
    for (double v : p.array.to_doubles()) all.push_back(v);
  return all;
}

// The largest difference relative to the largest value.
inline double difference(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  double most = 0, scale = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    if (!std::isfinite(found[i])) return std::numeric_limits<double>::infinity();
    most = std::max(most, std::abs(found[i] - expected[i]));
    scale = std::max(scale, std::abs(expected[i]));
  }
  return scale > 0 ? most / scale : most;
}

inline std::vector<std::string> solver_ids() { return installed().ids(ODEON_KIND_SOLVER); }

inline const odeon_gradient_api& gradient_api(const std::string& id) {
  return *static_cast<const odeon_gradient_api*>(
      installed().find(ODEON_KIND_GRADIENT, id)->descriptor->vtable);
}

// Of the gradient strategies, those that do not ask for a reversible solver.
inline std::vector<std::string> gradient_ids_for_tableaus() {
  std::vector<std::string> ids;
  for (const std::string& id : installed().ids(ODEON_KIND_GRADIENT))
    if (!(gradient_api(id).capabilities & ODEON_GRADIENT_NEEDS_REVERSIBLE)) ids.push_back(id);
  return ids;
}

inline const odeon_solver_api& solver_api(const std::string& id) {
  return *static_cast<const odeon_solver_api*>(installed().find(ODEON_KIND_SOLVER, id)->descriptor->vtable);
}

// What a test must know of a solver to use it.
struct SolverTraits {
  bool is_explicit;   // an explicit tableau
  bool controlled;    // has an error estimate, or chooses its steps itself
  bool fixed;         // takes fixed steps
  bool second_order;  // only for systems [q, v]
  int order;
};

inline SolverTraits traits_of(const std::string& id) {
  const odeon_solver_api& api = solver_api(id);
  if (api.tableau) {
    const odeon_tableau& m = *api.tableau;
    bool is_explicit = true;
    for (int i = 0; i < m.stages; ++i)
      for (int j = i; j < m.stages; ++j) is_explicit &= m.a[i * m.stages + j] == 0;
    return {is_explicit, m.b_hat != nullptr, true, false, m.order};
  }
  const auto has = [&](uint32_t bit) { return (api.capabilities & bit) != 0; };
  return {false, has(ODEON_SOLVER_ESTIMATES | ODEON_SOLVER_OWN_STEPS), !has(ODEON_SOLVER_OWN_STEPS),
          has(ODEON_SOLVER_SECOND_ORDER), api.order};
}

// Ids of the installed solvers whose traits satisfy `wanted`.
template <class Wanted>
std::vector<std::string> solver_ids_where(Wanted wanted) {
  std::vector<std::string> ids;
  for (const std::string& id : solver_ids())
    if (wanted(traits_of(id))) ids.push_back(id);
  return ids;
}

}  // namespace odeon::test
