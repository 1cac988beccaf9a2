// The field `neural`, where golden values and gradients say nothing: the short forms of its layers.
#include "experiment_case.hpp"

using namespace odeon::test;

TEST_CASE("a branch of layers stands under its block's name, or under `layers`") {
  const auto states = [](const Json& branch) {
    return states_of(solve({{"odeon", 1},
                            {"task", "solve"},
                            {"field", {{"plugin", "neural"}, {"network", {{{"residual", branch}}}}}},
                            {"initial", {{1.0, 0.5}}},
                            {"times", {0.0, 1.0}},
                            {"solver", "rk4"}}));
  };
  const Json layers{{{"linear", 3}}, "tanh", {{"linear", 2}}};
  CHECK(states(layers) == states({{"layers", layers}}));
}
