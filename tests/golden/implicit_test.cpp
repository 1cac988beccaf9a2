// Implicit methods on fixed steps against 48-digit arithmetic.
#include "golden/golden_case.hpp"

namespace {
using namespace odeon::test;
// Newton's iteration ends at round-off; stiff steps amplify what it leaves.
constexpr double kSameStates = 1e-9;
}  // namespace

TEST_CASE("implicit methods on fixed steps solve their equations") {
  int compared = 0;
  for_each_case("implicit.json", [&](const Json& c, const Json& config) {
    if (!solver_exists(config["solver"]["plugin"])) return;
    CHECK(difference(states_of(solve(config)), c["expected"]["states"]) < kSameStates);
    ++compared;
  });
  CHECK(compared > 0);
}
