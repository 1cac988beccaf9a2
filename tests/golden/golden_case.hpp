// The cases of solve.json and gradients.json on every host backend.
#pragma once
#include "experiment_case.hpp"

namespace odeon::test {

// Runs `check(case, experiment)` for each case on each backend.
template <class Check>
void for_each_case(const std::string& file, Check check) {
  std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/golden/" + file);
  const Json cases = Json::parse(in)["cases"];
  REQUIRE(cases.size() > 10);
  for (const Json& c : cases)
    for (const char* backend : {"reference", "cpu"}) {
      const std::string name = c["name"].get<std::string>() + " on " + backend;
      CAPTURE(name);
      Json config = c["experiment"];
      config["backend"] = backend;
      check(c, config);
    }
}

// Whether a case's solver is there to be tested; false only where it has not been written.
inline bool solver_exists(const std::string& id) {
  const bool installed = ::odeon::test::installed().find(ODEON_KIND_SOLVER, id) != nullptr;
  if (!installed) {
    CHECK_MESSAGE(!std::filesystem::exists(std::string(ODEON_SOURCE_DIR) + "/plugins/solvers/" + id + ".cpp"),
                  "the solver '" << id << "' is in the tree, but not installed");
    MESSAGE("no solver '" << id << "' yet");
  }
  return installed;
}

}  // namespace odeon::test
