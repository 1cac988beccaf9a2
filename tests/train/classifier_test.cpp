#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

const std::string kOdeNet =
    kDigits +
    "model:\n"
    "  - {conv2d: {channels: 4, kernel: 4, stride: 4}}\n"
    "  - ode:\n"
    "      field: {plugin: neural, time: concat, network: [{conv2d: {channels: 4, padding: 1}}, tanh]}\n"
    "      solver: {plugin: dopri5, rtol: 1.0e-3, atol: 1.0e-3}\n"
    "      gradient: adjoint\n"
    "  - flatten\n"
    "  - linear: 10\n"
    "optimizer: {kind: sgd, learning_rate: 0.1, momentum: 0.9}\n"
    "train: {epochs: 3, batch: 64}\n";

}  // namespace

TEST_CASE("training lowers the loss and learns the digits, and its history says how") {
  const ScratchFolder folder;
  const RunResult result = run(kOdeNet, {}, folder / "out");
  const std::string& history = text_of(result, "history.csv");
  CHECK(lines_of(history).front() ==
        "epoch,train_loss,test_error,evaluations_per_batch,vjps_per_batch,backward_memory_bytes,seconds");
  CHECK(column_of(history, 0) == std::vector<double>{1, 2, 3});
  const std::vector<double> loss = column_of(history, 1), error = column_of(history, 2);
  CHECK(loss[1] < loss[0]);
  CHECK(loss[2] < loss[1]);
  CHECK(error[2] < 0.2);  // guessing gives 0.9
  const Json& metrics = result.record["metrics"];
  CHECK(metrics["train_loss"].get<double>() == doctest::Approx(loss[2]).epsilon(1e-6));
  CHECK(metrics["test_error"].get<double>() == doctest::Approx(error[2]).epsilon(1e-4));
  CHECK(metrics["evaluations_per_batch"].get<double>() >= 7);  // dopri5's first step
  CHECK(metrics["vjps_per_batch"].get<double>() >= 7);
  CHECK(metrics["backward_memory_bytes"].get<int64_t>() > 0);
  for (const char* file : {"history.csv", "weights.safetensors", "checkpoint.safetensors", "record.json"})
    CHECK(std::filesystem::exists(folder / "out/" + file));
}

TEST_CASE("task evaluate finds the test error that training ended with") {
  const ScratchFolder folder;
  const RunResult trained = run(kOdeNet, {"train.epochs=1"}, folder / "out");
  const RunResult evaluated =
      run(kOdeNet, {"task=evaluate", "train.resume=" + (folder / "out/checkpoint.safetensors")});
  CHECK(evaluated.record["metrics"]["test_error"] == trained.record["metrics"]["test_error"]);
  CHECK(evaluated.record["metrics"]["parameters"] == trained.record["metrics"]["parameters"]);
}

TEST_CASE("the same seed trains to the same weights, another one to others") {
  const auto weights = [](const std::string& seed) {
    const RunResult r = run(kOdeNet, {"train.epochs=1", "seed=" + seed});
    std::vector<std::vector<std::byte>> bytes;
    for (const NamedArray& a : r.tensors.front().second) bytes.push_back(a.array.bytes);
    return bytes;
  };
  const auto first = weights("1");
  CHECK(weights("1") == first);
  CHECK(weights("2") != first);
}

TEST_CASE("a loss that is not finite ends the run with its epoch and a remedy") {
  CHECK_THROWS_WITH(run(kOdeNet, {"model=[flatten, {linear: 8}, tanh, {linear: 10}]",
                                  "optimizer.learning_rate=1.0e5", "optimizer.weight_decay=1.0e5"}),
                    "the loss is not finite in epoch 1; use a smaller learning_rate");
}

TEST_CASE("a regularised block becomes slower and smoother, and the history says how much") {
  const auto trained = [](const std::string& weight) {
    const RunResult r =
        run(kOdeNet, {"train.epochs=2", "model.1.ode.gradient=direct",
                      "model.1.ode.regularise={kinetic: " + weight + ", jacobian: " + weight + "}"});
    CHECK(lines_of(text_of(r, "history.csv")).front().ends_with("seconds,kinetic,jacobian"));
    CHECK(column_of(text_of(r, "history.csv"), 7).back() ==
          doctest::Approx(r.record["metrics"]["kinetic"].get<double>()).epsilon(1e-6));
    return r.record["metrics"];
  };
  const Json little = trained("1.0e-6"), much = trained("10");
  CHECK(much["kinetic"].get<double>() < 0.5 * little["kinetic"].get<double>());
  CHECK(much["jacobian"].get<double>() < 0.5 * little["jacobian"].get<double>());
}
