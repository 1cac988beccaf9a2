// Solutions, evaluations and steps against torchdiffeq and SciPy.
#include "golden/golden_case.hpp"

namespace {

using namespace odeon::test;

// The same arithmetic in another order; the longest cases amplify round-off by some hundred times.
constexpr double kSameSteps = 1e-9;
// A global error may exceed the local tolerance by this factor on these problems; fehlberg2 is the worst,
// whose embedded row differs from the method by 1/512.
constexpr double kGlobalOverLocal = 500;

}  // namespace

TEST_CASE("states are the peers' and adaptive methods take their steps and evaluations") {
  int with_steps = 0;
  for_each_case("solve.json", [&](const Json& c, const Json& config) {
    const auto result = solve(config);
    const Json& expected = c["expected"];
    const double tolerance = c["agreement"] == "same method"
                                 ? kSameSteps
                                 : kGlobalOverLocal * config["solver"]["rtol"].get<double>();
    CHECK(difference(states_of(result), expected["states"]) < tolerance);
    if (!expected.contains("accepted")) return;
    const auto& counters = result.record["counters"]["forward"];
    CHECK(counters["evaluations"] == expected["evaluations"]);
    CHECK(counters["accepted"] == expected["accepted"]);
    CHECK(counters["rejected"] == expected["rejected"]);
    ++with_steps;
  });
  CHECK(with_steps >= 2 * 20);
}
