// Densities under flows and the gradient of their loss against PyTorch's autograd through torchdiffeq's
// odeint.
#include "train/flow_case.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

constexpr double kSameSteps = 1e-11;  // the same arithmetic in another order
// rtol 1e-10 on both sides, on steps of their own: regularisers stand in torchdiffeq's norm, not in ours.
constexpr double kAdaptive = 1e-7;

host::Array matrix(const Json& rows) {
  std::vector<double> values;
  for (const Json& row : rows) values.insert(values.end(), row.begin(), row.end());
  const int64_t n = static_cast<int64_t>(rows.size());
  return host::Array::of(values, {n, static_cast<int64_t>(values.size()) / n});
}

}  // namespace

TEST_CASE("log-densities, regularisers and gradients of flows are PyTorch's") {
  std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/golden/flows.json");
  const Json cases = Json::parse(in)["cases"];
  REQUIRE(cases.size() > 10);
  for (const Json& c : cases)
    for (const char* backend : {"reference", "cpu"}) {
      const std::string name = c["name"].get<std::string>() + " on " + backend;
      CAPTURE(name);
      const double tolerance = c["solver"]["plugin"] == "rk4" ? kSameSteps : kAdaptive;
      const std::string field =
          boost::replace_all_copy(c["field"].dump(), "@golden@", ODEON_SOURCE_DIR "/tests/golden");
      const host::Array x = matrix(c["rows"]);
      const auto times = c["times"].get<std::vector<double>>();
      FlowCase flow(field, c["solver"].dump(), times, ODEON_F64, x.shape[1], backend);
      const bool exact = c["probe"].is_null();
      host::FlowDensity density =
          flow.density({exact ? host::Trace::exact : host::Trace::hutchinson, true, true}, times);
      host::Gradient direct(host::bind_component(ODEON_KIND_GRADIENT, yaml("direct"), installed()));
      const int64_t n = flow.parameters.flat.size();
      host::DeviceTensor gtheta(flow.backend, ODEON_F64, std::vector<int64_t>{n});
      const host::FlowDensity::Rows found =
          density.differentiate(x, exact ? host::Array() : matrix(c["probe"]), flow.theta.view, direct,
                                {c["regularise"]["kinetic"], c["regularise"]["jacobian"]}, gtheta.view);
      const Json& expected = c["expected"];
      CHECK(difference(found.log_density, expected["log_density"]) < tolerance);
      CHECK(difference(found.kinetic, expected["kinetic"]) < tolerance);
      CHECK(difference(found.jacobian, expected["jacobian"]) < tolerance);
      flow.backend->download(flow.parameters.flat.bytes.data(), gtheta.view.data, n * 8);
      for (const host::NamedArray& p : flow.parameters.named()) {
        CAPTURE(p.name);
        CHECK(difference(p.array.to_doubles(), expected["grad_parameters"][p.name]) < tolerance);
      }
    }
}
