// The cases of solve.json and gradients.json as experiments on every host backend.
#pragma once
#include <doctest/doctest.h>

#include <boost/algorithm/string/replace.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "experiment/tasks.hpp"

namespace odeon::test {

using Json = nlohmann::ordered_json;

inline std::string golden_file(const std::string& name) {
  return std::string(ODEON_SOURCE_DIR) + "/tests/golden/" + name;
}

inline Json golden_cases(const std::string& file) {
  std::ifstream in(golden_file(file));
  return Json::parse(in)["cases"];
}

// JSON is YAML: the experiment is read as a user's file would be.
inline host::Experiment to_experiment(Json config, const host::Registry& registry) {
  const std::filesystem::path folder = std::filesystem::path(ODEON_BINARY_DIR) / "tests" / "golden_cases";
  std::filesystem::create_directories(folder);
  const std::string text =
      boost::replace_all_copy(config.dump(1), "@golden@", std::string(ODEON_SOURCE_DIR) + "/tests/golden");
  const std::string path = (folder / (std::to_string(std::hash<std::string>{}(text)) + ".yaml")).string();
  std::ofstream(path) << text;
  return host::read_experiment(host::load_source({path, {}, {}}), path, registry);
}

inline const host::Array& array_of(const host::RunResult& result, const std::string& name) {
  for (const auto& [key, array] : result.arrays)
    if (key == name) return array;
  throw std::runtime_error("no array " + name);
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

// Runs `check` for each case on each backend.
template <class Check>
void for_each_case(const std::string& file, Check check) {
  const host::Registry registry = host::Registry::discover({});
  const Json cases = golden_cases(file);
  REQUIRE(cases.size() > 10);
  for (const Json& c : cases)
    for (const char* backend : {"reference", "cpu"}) {
      const std::string name = c["name"].get<std::string>() + " on " + backend;
      CAPTURE(name);
      Json config = c["experiment"];
      config["backend"] = backend;
      check(c, config, registry);
    }
}

}  // namespace odeon::test
