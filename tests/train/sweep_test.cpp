// The table that a sweep prints: one line for each model, '-' where a model has no such number.
#include "data/atomic_file.hpp"
#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

const std::string kRest = "optimizer: {kind: sgd, learning_rate: 0.1}\ntrain: {epochs: 1, batch: 256}\n";
const std::string kOdeNet =
    kDigits + kRest +
    "title: Small ODE\nmodel: [flatten, {linear: 4}, {ode: {field: {plugin: neural, network: [{linear: 4}]},"
    " solver: {plugin: euler, step_size: 0.25}, gradient: direct}}, {linear: 10}]\n";
const std::string kMlp = kDigits + kRest + "model: [flatten, {linear: 10}]\n";

std::vector<std::string> words(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

}  // namespace

TEST_CASE("a sweep prints a line for each model, with '-' where there is no ode block") {
  const ScratchFolder folder;
  write_file_atomically(folder / "ode.yaml", kOdeNet);
  write_file_atomically(folder / "perceptron.yaml", kMlp);
  const RunResult result = run("odeon: 1\ntask: sweep\nruns: [" + folder.path() + "/ode.yaml, " +
                               folder.path() + "/perceptron.yaml]\n");
  const std::vector<std::string> lines = lines_of(result.summary);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0] ==
        "model         test error  parameters  backward memory  evaluations  backward vjps         time");
  CHECK(lines[1] ==
        "                       %                          KiB    per batch      per batch  s per epoch");
  for (const std::string& line : lines) CHECK(line.size() == lines[0].size());

  const std::vector<std::string> ode = words(lines[2]), mlp = words(lines[3]);
  REQUIRE(ode.size() == 8);  // the title is two words
  CHECK(ode[0] + " " + ode[1] == "Small ODE");
  CHECK(ode[3] == "330");  // 64 * 4 + 4, 4 * 4 + 4, 4 * 10 + 10
  CHECK(ode[5] == "4.0");  // four Euler steps
  CHECK(ode[6] == "4.0");
  REQUIRE(mlp.size() == 7);
  CHECK(mlp[0] == "perceptron");  // the file's name, for want of a title
  CHECK(mlp[2] == "650");
  CHECK(mlp[4] == "-");
  CHECK(mlp[5] == "-");

  const Json& runs = result.record["runs"];
  REQUIRE(runs.size() == 2);
  for (size_t i = 0; i < 2; ++i)
    CHECK(std::stod((i == 0 ? ode[2] : mlp[1])) ==
          doctest::Approx(100 * runs[i]["metrics"]["test_error"].get<double>()).epsilon(0.01));
  CHECK(!runs[1]["metrics"].contains("evaluations_per_batch"));
}
