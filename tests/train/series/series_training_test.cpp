// Runs of task train with `latent` and `recurrent`, as a user sees them.
#include "data/npy.hpp"
#include "train/series/series_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

const std::string kLatent =
    "latent:\n"
    "  encoder: {gru: 16}\n"
    "  dimension: 4\n"
    "  field: {plugin: neural, network: [{linear: 16}, tanh, {linear: 4}]}\n"
    "  solver: {plugin: dopri5, rtol: 1.0e-4, atol: 1.0e-4}\n"
    "  gradient: direct\n"
    "  decoder: [{linear: 16}, relu, {linear: 2}]\n"
    "  noise: 0.3\n";
const std::string kRecurrent = "recurrent: {cell: {gru: 16}, decoder: [{linear: 2}], noise: 0.3}\n";

std::string training(const std::string& model, const std::string& precision = "float64") {
  return "odeon: 1\ntask: train\nseed: 2\nprecision: " + precision + "\n" + model +
         "data: {format: spirals, count: 120, points: 30, extrapolate: 10, observed: 15, held_out: 40}\n"
         "optimizer: {kind: adam, learning_rate: 0.02}\n"
         "train: {epochs: 60, batch: 20}\n";
}

// The error of always predicting the mean of what was measured.
double trivial_error(const SeriesData& d) {
  double mean[2] = {0, 0};
  for (int64_t i = 0; i < d.training; ++i)
    for (int64_t t = 0; t < d.window; ++t)
      for (int64_t k : {0, 1})
        mean[k] += d.values.at(d.at(i, t) + k) / static_cast<double>(d.training * d.window);
  Array constant = Array::zeros(ODEON_F64, {d.size() - d.training, d.points(), 2});
  for (int64_t i = 0; i < constant.size(); ++i) constant.set(i, mean[i % 2]);
  return prediction_error(d, constant, d.training, 0, d.window);
}

}  // namespace

TEST_CASE("training lowers the loss and predicts far better than the mean, in both precisions") {
  const SeriesData data = read_series(
      yaml("{format: spirals, count: 120, points: 30, extrapolate: 10, observed: 15, held_out: 40}"), 2);
  for (const std::string& model : {kLatent, kRecurrent})
    for (const char* precision : {"float64", "float32"}) {
      CAPTURE(model);
      CAPTURE(precision);
      const RunResult result = run(training(model, precision));
      const std::string& history = text_of(result, "history.csv");
      CHECK(lines_of(history).front() == "epoch,loss,kl,rmse_window,rmse,seconds");
      const std::vector<double> loss = column_of(history, 1), error = column_of(history, 3);
      REQUIRE(loss.size() == 60);
      CHECK(loss.back() < 0.1 * loss.front());
      CHECK(error.back() < 0.2 * trivial_error(data));
      CHECK(result.record["metrics"]["rmse_window"].get<double>() ==
            doctest::Approx(error.back()).epsilon(1e-4));
      CHECK(text_of(result, "predictions.svg").starts_with("<svg"));
      CHECK(array_of(result, "predictions.npy").shape == std::vector<int64_t>{40, 40, 2});
    }
}

TEST_CASE("a training run gives the same bits again, whatever the number of threads") {
  for (const std::string& model : {kLatent, kRecurrent}) {
    const auto weights = [&](const std::string& backend) {
      std::vector<std::byte> all;
      const RunResult result = run(training(model), {"train.epochs=2", "backend=" + backend});
      for (const NamedArray& a : result.tensors.front().second)
        all.insert(all.end(), a.array.bytes.begin(), a.array.bytes.end());
      return all;
    };
    const auto one = weights("{plugin: cpu, threads: 1}");
    CHECK(one == weights("{plugin: cpu, threads: 2}"));
    CHECK(one == weights("{plugin: cpu, threads: 1}"));
  }
}

TEST_CASE("a run that goes on from a checkpoint ends with the bits of one that never stopped") {
  const ScratchFolder folder;
  for (const std::string& model : {kLatent, kRecurrent}) {
    const auto weights = [](const RunResult& r) { return r.tensors.front().second.front().array.bytes; };
    const RunResult whole = run(training(model), {"train.epochs=3"});
    run(training(model), {"train.epochs=2"}, folder / "half");
    const std::string resume = "train.resume=" + (folder / "half/checkpoint.safetensors");
    CHECK(weights(run(training(model), {"train.epochs=3", resume})) == weights(whole));

    const RunResult again = run(training(model), {"task=evaluate", resume});
    const RunResult half = run(training(model), {"train.epochs=2"});
    CHECK(again.record["metrics"]["rmse"] == half.record["metrics"]["rmse"]);
  }
}

TEST_CASE("series of a file, with NaN where nothing was measured, train as well") {
  const ScratchFolder folder;
  // Waves of one number at uneven times.
  std::vector<double> times;
  for (int64_t i = 0; i < 25; ++i) times.push_back(0.1 * static_cast<double>(i + i % 3));
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  const int64_t points = static_cast<int64_t>(times.size());
  Array truth = Array::zeros(ODEON_F64, {40, points, 1}), values = truth;
  for (int64_t i = 0; i < truth.size(); ++i) {
    truth.set(i, std::sin(2 * times[size_t(i % points)] + 0.3 * static_cast<double>(i / points)));
    values.set(i, i % 3 == 1 ? std::nan("") : truth.at(i));
  }
  write_npy(folder / "waves.npy", values);
  write_npy(folder / "truth.npy", truth);
  write_npy(folder / "times.npy", Array::of(times, {points}));
  const RunResult result =
      run("odeon: 1\ntask: train\nseed: 2\nprecision: float64\n"
          "latent: {encoder: {gru: 10}, dimension: 3, field: {plugin: neural, network: [{linear: 10}, tanh, "
          "{linear: "
          "3}]}, solver: rk4, gradient: direct, decoder: [{linear: 1}], noise: 0.1}\n"
          "data: {format: series, file: " +
          (folder / "waves.npy") + ", truth: " + (folder / "truth.npy") +
          ", times: {file: " + (folder / "times.npy") +
          "}, extrapolate: 4, held_out: 10}\n"
          "optimizer: {kind: adam, learning_rate: 0.02}\ntrain: {epochs: 80, batch: 10}\n");
  CHECK(result.record["metrics"]["rmse_window"].get<double>() < 0.25);  // of waves of height 1
  CHECK(std::isfinite(result.record["metrics"]["rmse"].get<double>()));
}
