// Whole experiments from YAML, with a field of the program named by its id.
#include "expect.hpp"

using namespace odeon::host;

namespace {

constexpr char kExperiment[] = R"(
odeon: 1
task: gradient
backend: cpu
field: oscillator
initial: [[1.0, 0.0]]
times: [0.0, 1.0]
solver: {plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-12}
gradient: direct
loss: {cotangent: [[[0.0, 0.0]], [[1.0, 0.0]]]}
)";
constexpr double kTolerance = 1e-8;

}  // namespace

void check_experiments(Session& session) {
  session.add_field({.id = "oscillator",
                     .state_shape = {2},
                     .f = [](double, auto y, auto dydt) { dydt[0] = y[1], dydt[1] = -y[0]; },
                     .vjp =
                         [](double, auto, auto v, auto gy) {
                           gy[0] = -v[1], gy[1] = v[0];
                           return 0.0;
                         }});
  const RunReport report = session.run_text(kExperiment);
  expect(report.ok() && report.record.find("\"oscillator\"") != std::string::npos, "a record is made");
  expect_near(report.arrays.at("states.npy").values.at(2), std::cos(1.0), kTolerance, "state of a run");
  expect_near(report.arrays.at("grad_initial.npy").values.at(1), std::sin(1.0), kTolerance,
              "dL/dy0 of a run");

  const RunReport changed =
      session.run_text(kExperiment, {.with = {}, .sets = {"times=[0, 2]"}, .output = ""});
  expect_near(changed.arrays.at("states.npy").values.at(2), std::cos(2.0), kTolerance, "an override");
  const RunReport failed =
      session.run_text(kExperiment, {.with = {}, .sets = {"solver.max_steps=2"}, .output = ""});
  expect(!failed.ok() && failed.record.find("\"failed\"") != std::string::npos, "a failed run is a value");
  expect_error(ExitCode::bad_configuration, "text of this program:3:7", "a wrong task names its place",
               [&] { session.run_text("\nodeon: 1\ntask: sove\n"); });
  expect_error(ExitCode::bad_configuration, "'plugins'", "roots are the session's",
               [&] { session.run_text(std::string(kExperiment) + "plugins: {roots: [/tmp]}\n"); });
}
