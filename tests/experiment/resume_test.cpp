#include <doctest/doctest.h>

#include <boost/algorithm/string/replace.hpp>

#include "data/atomic_file.hpp"
#include "data/mutation.hpp"
#include "data/safetensors.hpp"
#include "data/scratch_folder.hpp"
#include "experiment/odeon_process.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr const char* kMlp = "model: [flatten, {linear: 16}, tanh, {linear: 10}]\n";
constexpr const char* kOdeBlock =
    "model:\n  - flatten\n  - linear: 8\n  - ode:\n"
    "      field: {plugin: neural, time: concat, network: [{linear: 8}, tanh]}\n"
    "      solver: {plugin: dopri5, rtol: 1.0e-3, atol: 1.0e-3}\n      gradient: adjoint\n  - linear: 10\n";

std::string config(const ScratchFolder& folder, const std::string& model, const std::string& optimizer) {
  write_file_atomically(folder / "config.yaml",
                        "odeon: 1\ntask: train\nseed: 3\n" + model +
                            "data: {format: idx, directory: " ODEON_SOURCE_DIR
                            "/configs/data/digits}\n"
                            "optimizer: " +
                            optimizer +
                            "\ntrain:\n  epochs: 3\n  batch: 200\n"
                            "  learning_rate_schedule: [{epoch: 1, factor: 0.5}, {epoch: 2, factor: 0.1}]\n");
  return folder / "config.yaml";
}

void train(const std::string& path, const std::string& output, const std::vector<std::string>& sets) {
  std::vector<std::string> args{"run", path, "--quiet", "--output", output};
  for (const std::string& s : sets) args.insert(args.end(), {"--set", s});
  const Outcome o = run_odeon(args);
  CHECK(o.err == "");
  CHECK(o.status == 0);
}

}  // namespace

TEST_CASE("training resumed from a checkpoint gives the same bits as training in one go") {
  const ScratchFolder folder;
  std::string path;
  SUBCASE("a perceptron by SGD with momentum") {
    path = config(folder, kMlp, "{kind: sgd, learning_rate: 0.1, momentum: 0.9, weight_decay: 1.0e-4}");
  }
  SUBCASE("a perceptron by Adam, whose steps count") {
    path = config(folder, kMlp, "{kind: adam, learning_rate: 0.01}");
  }
  SUBCASE("a continuous-depth block by RMSprop") {
    path = config(folder, kOdeBlock, "{kind: rmsprop, learning_rate: 0.001, momentum: 0.5}");
  }
  SUBCASE("a block whose regularisers take random probes") {
    path = config(folder,
                  boost::replace_all_copy(std::string(kOdeBlock), "gradient: adjoint\n",
                                          "gradient: direct\n      regularise: {jacobian: 0.1}\n"),
                  "{kind: sgd, learning_rate: 0.1}");
  }
  train(path, folder / "whole", {});
  train(path, folder / "first", {"train.epochs=1"});
  train(path, folder / "rest", {"train.resume=" + (folder / "first/checkpoint.safetensors")});
  const auto weights = [&](const std::string& run) {
    return contents_of(folder / run + "/weights.safetensors");
  };
  CHECK(weights("rest") == weights("whole"));
  CHECK(weights("first") != weights("whole"));
}

TEST_CASE("a checkpoint of another precision, model or optimizer is refused") {
  const ScratchFolder folder;
  const std::string path = config(folder, kMlp, "{kind: sgd}"),
                    checkpoint = folder / "out/checkpoint.safetensors";
  train(path, folder / "out", {"train.epochs=1"});
  const auto refusal = [&](const std::string& set) {
    const Outcome o = run_odeon({"validate", path, "--set", "train.resume=" + checkpoint, "--set", set});
    CHECK(o.status == 2);
    return o.err;
  };
  const std::string start = "odeon: --set train.resume: 'resume': " + checkpoint +
                            ": is no checkpoint of this run: ",
                    tail = "; name the checkpoint.safetensors of a run with this model and optimizer\n";
  CHECK(refusal("precision=float64") ==
        start + "'parameters' has 1210 numbers of float32, but 1210 of float64 are needed" + tail);
  CHECK(refusal("model.1.linear=8") ==
        start + "'parameters' has 1210 numbers of float32, but 610 of float32 are needed" + tail);
  CHECK(refusal("optimizer.kind=adam") == start + "it has no 'optimizer.moment1'" + tail);
}

TEST_CASE("a checkpoint with a hostile count is refused") {
  const ScratchFolder folder;
  const std::string path = config(folder, kMlp, "{kind: sgd}"),
                    checkpoint = folder / "out/checkpoint.safetensors";
  train(path, folder / "out", {"train.epochs=1"});
  for (const Array& count :
       {Array::of({-1}, {1}), Array::of({0.5}, {1}), Array::of({1e300}, {1}), Array::of({}, {0})}) {
    std::vector<NamedArray> arrays = read_safetensors(checkpoint);
    for (NamedArray& a : arrays)
      if (a.name == "epochs") a.array = count;
    write_safetensors(folder / "bad.safetensors", arrays);
    const Outcome o = run_odeon({"validate", path, "--set", "train.resume=" + (folder / "bad.safetensors")});
    CHECK(o.status == 2);
    CHECK(o.err.find("is no checkpoint of this run: 'epochs'") != std::string::npos);
  }
}
