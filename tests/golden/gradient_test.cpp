// Gradients against torchdiffeq: `direct` against backprop through odeint over the same steps, `adjoint`
// against odeint_adjoint.
#include "golden/golden_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr double kSameSteps = 1e-9;
// Both sides solve with rtol 1e-10. Local errors add up over the steps, and a step across the kink of a relu
// misses its order: of `transposed` up to 1.4e-6 was seen, by round-off's choice.
constexpr double kAdjoint = 5e-6;

void check_gradients(const host::RunResult& result, const Json& expected, double tolerance) {
  const auto near = [&](const char* what, const std::vector<double>& found, const Json& values) {
    CAPTURE(what);
    CHECK(difference(found, values) < tolerance);
  };
  near("states", states_of(result), expected["states"]);
  near("dL/dy0", array_of(result, "grad_initial.npy").to_doubles(), expected["grad_initial"]);
  near("dL/dt", array_of(result, "grad_times.npy").to_doubles(), expected["grad_times"]);
  const Json& parameters = expected["grad_parameters"];
  if (result.tensors.empty())
    near("dL/dtheta", array_of(result, "grad_parameters.npy").to_doubles(), parameters["theta"]);
  else
    for (const host::NamedArray& p : result.tensors.front().second)
      near(p.name.c_str(), p.array.to_doubles(), parameters[p.name]);
}

}  // namespace

TEST_CASE("direct is torchdiffeq's gradient through odeint") {
  for_each_case("gradients.json", [](const Json& c, Json config) {
    config["gradient"] = "direct";
    check_gradients(differentiate(config), c["expected"]["direct"], kSameSteps);
  });
}

TEST_CASE("adjoint is torchdiffeq's odeint_adjoint within tolerance") {
  for_each_case("gradients.json", [](const Json& c, Json config) {
    if (!c["expected"].contains("adjoint")) return;
    config["gradient"] = "adjoint";
    config["solver"] = {{"plugin", config["solver"]["plugin"]}, {"rtol", 1e-10}, {"atol", 1e-12}};
    check_gradients(differentiate(config), c["expected"]["adjoint"], kAdjoint);
  });
}
