// Fitting a field to a trajectory, small: a linear truth that a linear network can meet.
#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

const std::string kField = "field: {plugin: neural, network: [{linear: 2}]}\n";
const std::string kSolver = "solver: {plugin: dopri5, rtol: 1.0e-8, atol: 1.0e-8}\n";
const std::string kFit =
    "odeon: 1\ntask: train\nprecision: float64\nseed: 4\n" + kField + kSolver +
    "gradient: direct\n"
    "data:\n"
    "  format: trajectory\n"
    "  truth: {plugin: linear, matrix: [[-0.1, -1], [1, -0.1]], trainable: false}\n"
    "  initial: [[1, 0]]\n"
    "  times: {start: 0, stop: 6, count: 61}\n"
    "  solver: {plugin: dopri5, rtol: 1.0e-8, atol: 1.0e-8}\n"
    "  window: 5\n"
    "optimizer: {kind: adam, learning_rate: 0.05}\n"
    "train: {epochs: 150, batch: 8, learning_rate_schedule: [{epoch: 100, factor: 0.1}]}\n";

}  // namespace

TEST_CASE("a fit finds the field that made the trajectory") {
  const RunResult result = run(kFit);
  const std::string& history = text_of(result, "history.csv");
  CHECK(lines_of(history).front() == "iteration,loss,seconds");
  const std::vector<double> loss = column_of(history, 1);
  REQUIRE(loss.size() == 150);
  CHECK(loss.back() < 0.02 * loss.front());
  CHECK(result.record["metrics"]["trajectory_error"].get<double>() < 0.05);
  const std::vector<double> matrix = result.tensors.front().second[0].array.to_doubles();
  CHECK(difference(matrix, {-0.1, -1, 1, -0.1}) < 0.05);
}

TEST_CASE("the error of dy/dt is of the fields at each time, where the true trajectory is then") {
  // y' = t against y' = 0 y: the mean of 0, 0.1, …, 1.
  const RunResult result =
      run("odeon: 1\ntask: train\nprecision: float64\n" + kSolver +
          "field: {plugin: expression, state: [y], parameters: {a: 0}, derivatives: {y: a*y}}\n"
          "gradient: direct\n"
          "data: {format: trajectory, truth: {plugin: expression, state: [y], derivatives: {y: t}}, initial: "
          "[[1]],\n"
          "  times: {start: 0, stop: 1, count: 11}, solver: dopri5, window: 2}\n"
          "optimizer: {kind: sgd, learning_rate: 0.0}\ntrain: {epochs: 1, batch: 1}\n");
  CHECK(result.record["metrics"]["slope_error"].get<double>() == doctest::Approx(0.5).epsilon(1e-12));
}

TEST_CASE("configs/universal.yaml finds the interaction that its formulas leave out") {
  const std::string schedule =
      "[{epoch: 750, factor: 0.3}, {epoch: 1125, factor: 0.1}, {epoch: 1350, factor: 0.03}]";
  const RunResult result = run_experiment({ODEON_SOURCE_DIR "/configs/universal.yaml",
                                           {},
                                           {"train.epochs=1500", "train.learning_rate_schedule=" + schedule},
                                           {}},
                                          {"", true, false}, installed());
  // Half of its steps: 0.014 to 0.017 with three seeds, of an interaction of 2.6 on average.
  CHECK(result.record["metrics"]["slope_error"].get<double>() < 0.05);
  CHECK(result.record["metrics"]["trajectory_error"].get<double>() < 0.2);
  CHECK(result.tensors.front().second.front().name == "network.0.weight");
}

TEST_CASE("the weights that a fit writes give its states again") {
  const ScratchFolder folder;
  const RunResult fit = run(kFit, {"train.epochs=3"}, folder / "out");
  const RunResult solved = run("odeon: 1\ntask: solve\nprecision: float64\n" + kField + kSolver +
                                   "initial: [[1, 0]]\ntimes: {start: 0, stop: 6, count: 61}\n",
                               {"field.weights={file: " + (folder / "out/weights.safetensors") + "}"});
  CHECK(states_of(solved) == states_of(fit));
}

TEST_CASE("a fit that goes on from its checkpoint has the bits of one that never stopped") {
  const ScratchFolder folder;
  const RunResult whole = run(kFit, {"train.epochs=8"});
  run(kFit, {"train.epochs=3"}, folder / "out");
  const std::string resume = "train.resume=" + (folder / "out/checkpoint.safetensors");
  const RunResult rest = run(kFit, {"train.epochs=8", resume});
  CHECK(column_of(text_of(rest, "history.csv"), 1) == column_of(text_of(whole, "history.csv"), 1));
  CHECK(states_of(rest) == states_of(whole));
  const RunResult none = run(kFit, {"train.epochs=3", resume});
  CHECK_FALSE(none.record["metrics"].contains("final_loss"));
  CHECK(none.summary.find("last loss") == std::string::npos);
}

TEST_CASE("a fit of two states comes with a picture, one of three with none") {
  const auto pictures = [](const RunResult& r) {
    return std::count_if(r.texts.begin(), r.texts.end(), [](const auto& t) { return t.first == "fit.svg"; });
  };
  CHECK(pictures(run(kFit, {"train.epochs=1"})) == 1);
  CHECK(pictures(run(kFit, {"train.epochs=1", "data.initial=[[1, 0, 2]]", "field.network=[{linear: 3}]",
                            "data.truth.matrix=[[-1, 0, 0], [0, -1, 0], [0, 0, -1]]"})) == 0);
}

TEST_CASE("a trajectory at uneven times, or with fewer sequences than a batch, is refused") {
  CHECK_THROWS_WITH(run(kFit, {"data.times=[0, 1, 2, 4, 5, 6, 7]"}),
                    "--set data.times: 'times' of a trajectory must be evenly spaced; found a gap of 2 after "
                    "one of 1; write {start: …, stop: …, count: …}");
  CHECK_THROWS_WITH(
      run(kFit, {"train.batch=57"}),
      "--set train.batch: 'batch' must be at most the 56 sequences of the trajectory; found 57");
}
