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

TEST_CASE("an entry of a sweep may set values over its file's, and cite numbers beside the run's") {
  const ScratchFolder folder;
  write_file_atomically(folder / "perceptron.yaml", kMlp);
  const RunResult result =
      run("odeon: 1\ntask: sweep\nruns:\n"
          "  - {config: " +
              folder.path() +
              "/perceptron.yaml, name: first}\n"
              "  - {config: " +
              folder.path() +
              "/perceptron.yaml, name: second, set: {title: two layers, model: [flatten,"
              " {linear: 5}, {linear: 10}]}, cite: {test_error: 0.125}}\n",
          {}, folder / "out");
  const std::vector<std::string> lines = lines_of(result.summary);
  REQUIRE(lines.size() >= 4);
  // Columns without any number are left out; that of cited ones stands behind its metric's.
  CHECK(lines[0] == "model         test error  cited  parameters  backward memory         time");
  const std::vector<std::string> first = words(lines[2]), second = words(lines[3]);
  CHECK(first[0] == "first");
  CHECK(first[2] == "-");
  CHECK(first[3] == "650");
  CHECK(second[3] == "12.50");
  CHECK(second[4] == "385");  // 64 * 5 + 5, 5 * 10 + 10
  const std::vector<std::string> table = lines_of(text_of(result, "table.csv"));
  REQUIRE(table.size() == 3);
  CHECK(table[0].starts_with("model,test_error,test_error_cited,"));
  CHECK(table[2].starts_with("two layers,"));
  CHECK(table[2].find(",0.125,") != std::string::npos);
  CHECK(std::filesystem::exists(folder / "out/first/weights.safetensors"));
  CHECK(std::filesystem::exists(folder / "out/second/weights.safetensors"));
}

TEST_CASE("a sweep of solves compares their costs and last states, and one that fails does not end the others") {
  const ScratchFolder folder;
  write_file_atomically(
      folder / "decay.yaml",
      "odeon: 1\ntask: solve\nfield: {plugin: expression, state: [y], derivatives: {y: -y}}\n"
      "initial: [[1.0]]\ntimes: [0.0, 1.0]\nsolver: {plugin: dopri5}\n");
  const auto entry = [&](const std::string& name, const std::string& options) {
    return "  - {config: " + folder.path() + "/decay.yaml, name: " + name + ", set: {solver: {" + options +
           "}}}\n";
  };
  const std::string good = "odeon: 1\ntask: sweep\nruns:\n" + entry("loose", "rtol: 1.0e-3, atol: 1.0e-3") +
                           entry("tight", "rtol: 1.0e-12, atol: 1.0e-12");
  const RunResult result = run(good);
  const std::vector<std::string> lines = lines_of(result.summary);
  CHECK(lines[0] == "model         difference  evaluations  accepted  rejected  time");
  const Json &loose = result.record["runs"][0]["metrics"], &tight = result.record["runs"][1]["metrics"];
  CHECK(loose["evaluations"].get<int>() < tight["evaluations"].get<int>());
  CHECK(loose["difference"].get<double>() > 0);
  CHECK(loose["difference"].get<double>() < 1e-3);
  CHECK(!tight.contains("difference"));

  CHECK_THROWS_WITH_AS(
      run(good + entry("few", "max_steps: 2") + entry("last", "rtol: 1.0e-5"), {}, folder / "out"),
      doctest::Contains("1 of 4 runs failed; the first one, few: the integration stopped: max_steps"), Error);
  const Json record = Json::parse(std::ifstream(folder / "out/record.json"));
  CHECK(record["status"] == "failed");
  CHECK(record["runs"][2]["metrics"].empty());
  CHECK(record["runs"][3]["metrics"]["accepted"].get<int>() > 0);
}
