// Training a classifier on images: the loop, its history, checkpoints.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <random>

#include "data/error.hpp"
#include "loader/host_table.hpp"
#include "train/dataset.hpp"
#include "train/model.hpp"
#include "train/optimizer.hpp"
#include "train/progress.hpp"
#include "train/schedule.hpp"
#include "train/training.hpp"

namespace odeon::host {

// Declared in trajectory.cpp.
RunResult fit_trajectory(const Experiment& experiment, const Registry& registry, bool quiet);

namespace {

using Clock = std::chrono::steady_clock;

// Deterministic in (seed, epoch), so that a resumed run sees the same batches.
std::vector<int64_t> epoch_order(int64_t n, uint64_t seed, int64_t epoch, bool shuffle) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 engine(seed * 1'000'003 + static_cast<uint64_t>(epoch));
  for (size_t i = order.size(); shuffle && i > 1; --i) std::swap(order[i - 1], order[engine() % i]);
  return order;
}

struct EpochResult {
  double train_loss = 0, test_error = 0, seconds = 0, evaluations = 0, vjps = 0;  // the last two per batch
  int64_t tape_peak = 0;
};

class ClassifierTraining {
 public:
  ClassifierTraining(const Experiment& e, const Registry& registry)
      : e_(e),
        settings_(read_train(e.root.find("train"))),
        data_(load_images(require_key(e.root, "task train", "data"), e.dtype)),
        optimizer_settings_(read_optimizer(require_key(e.root, "task train", "optimizer"))),
        model_(require_key(e.root, "task train", "model"), data_.train.row_shape(), registry, e.seed,
               e.dtype),
        backend_(open_backend(e, registry)) {
    model_.bind(backend_);
    optimizer_ =
        std::make_unique<Optimizer>(backend_, optimizer_settings_, e.dtype, model_.parameters().flat.size());
    if (!settings_.resume.empty()) resume();
  }

  RunResult run(bool quiet, const std::string& folder) {
    const ConfigNode* title = e_.root.find("title");
    const std::string name =
        title ? read_text(*title, "'title'") : std::filesystem::path(e_.path).stem().string();
    const int64_t batches = (data_.train.size() + settings_.batch - 1) / settings_.batch;
    Progress progress(name, batches * std::max<int64_t>(0, settings_.epochs - first_epoch_), quiet);
    RunResult result;
    result.record = record_head(e_);
    EpochResult last;
    for (int64_t epoch = first_epoch_; epoch < settings_.epochs; ++epoch) {
      last = train_epoch(epoch, progress);
      last.test_error = test_error();
      char line[256];
      std::snprintf(line, sizeof line, "%lld,%.9g,%.6g,%.4g,%.4g,%lld,%.4g\n",
                    static_cast<long long>(epoch + 1), last.train_loss, last.test_error, last.evaluations,
                    last.vjps, static_cast<long long>(last.tape_peak), last.seconds);
      history_ += line;
      if (settings_.checkpoint_every > 0 && (epoch + 1) % settings_.checkpoint_every == 0 &&
          !folder.empty()) {
        std::filesystem::create_directories(folder);
        write_safetensors(folder + "/checkpoint.safetensors", checkpoint(epoch + 1));
      }
    }
    if (first_epoch_ >= settings_.epochs) last.test_error = test_error();
    download();
    result.tensors.emplace_back("weights.safetensors", model_.parameters().named());
    result.tensors.emplace_back("checkpoint.safetensors",
                                checkpoint(std::max(first_epoch_, settings_.epochs)));
    result.texts.emplace_back("history.csv", history_);
    auto& metrics = result.record["metrics"];
    metrics = {{"title", name},
               {"test_error", last.test_error},
               {"train_loss", last.train_loss},
               {"parameters", model_.parameters().flat.size()},
               {"backward_memory_bytes", last.tape_peak},
               {"evaluations_per_batch", last.evaluations},
               {"vjps_per_batch", last.vjps},
               {"seconds_per_epoch", last.seconds}};
    char text[256];
    std::snprintf(text, sizeof text, "%s: test error %.2f %%, %lld parameters, %.2f s per epoch\n",
                  name.c_str(), 100 * last.test_error,
                  static_cast<long long>(model_.parameters().flat.size()), last.seconds);
    result.summary = text;
    return result;
  }

  RunResult evaluate() {
    if (settings_.resume.empty())
      throw ConfigError(
          e_.path + ": task evaluate needs 'train: {resume: checkpoint.safetensors}', the model to evaluate");
    RunResult result;
    result.record = record_head(e_);
    const double error = test_error();
    result.record["metrics"] = {{"test_error", error}, {"parameters", model_.parameters().flat.size()}};
    char text[96];
    std::snprintf(text, sizeof text, "test error %.2f %%\n", 100 * error);
    result.summary = text;
    return result;
  }

 private:
  EpochResult train_epoch(int64_t epoch, Progress& progress) {
    EpochResult r;
    const auto start = Clock::now();
    const std::vector<int64_t> order = epoch_order(data_.train.size(), e_.seed, epoch, settings_.shuffle);
    PassCosts costs;
    int64_t batches = 0;
    for (size_t from = 0; from < order.size(); from += static_cast<size_t>(settings_.batch), ++batches) {
      if (cancel_requested()) throw Cancelled();
      const size_t count = std::min(static_cast<size_t>(settings_.batch), order.size() - from);
      const LabelledBatch batch = gather(data_.train, {order.data() + from, count}, model_.classes());
      r.train_loss += model_.loss(batch.inputs, batch.one_hot, true, costs) * static_cast<double>(count);
      if (!std::isfinite(r.train_loss))
        throw RunError("the loss is not finite in epoch " + std::to_string(epoch + 1) +
                       "; use a smaller learning_rate");
      optimizer_->step(model_.theta(), model_.gradient(),
                       optimizer_settings_.learning_rate * settings_.factor(epoch));
      progress.advance();
    }
    r.train_loss /= static_cast<double>(order.size());
    r.evaluations = static_cast<double>(costs.forward.evaluations) / static_cast<double>(batches);
    r.vjps = static_cast<double>(costs.backward.vjps) / static_cast<double>(batches);
    r.tape_peak = costs.tape_peak;
    r.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return r;
  }

  double test_error() {
    PassCosts costs;
    int64_t wrong = 0;
    const std::vector<int64_t> order = epoch_order(data_.test.size(), 0, 0, false);
    for (size_t from = 0; from < order.size(); from += static_cast<size_t>(settings_.batch)) {
      const size_t count = std::min(static_cast<size_t>(settings_.batch), order.size() - from);
      const LabelledBatch batch = gather(data_.test, {order.data() + from, count}, model_.classes());
      const Array logits = model_.logits(batch.inputs, costs);
      for (size_t r = 0; r < count; ++r) {
        int64_t best = 0;
        for (int64_t c = 1; c < model_.classes(); ++c)
          if (logits.at(static_cast<int64_t>(r) * model_.classes() + c) >
              logits.at(static_cast<int64_t>(r) * model_.classes() + best))
            best = c;
        wrong += best != data_.test.labels[from + r];
      }
    }
    return data_.test.size() > 0 ? static_cast<double>(wrong) / static_cast<double>(data_.test.size()) : 0;
  }

  void download() {
    Array& flat = model_.parameters().flat;
    backend_->download(flat.bytes.data(), model_.theta().data, static_cast<int64_t>(flat.bytes.size()));
  }

  std::vector<NamedArray> checkpoint(int64_t epochs_done) {
    download();
    std::vector<NamedArray> out = optimizer_->save();
    out.push_back({"parameters", model_.parameters().flat});
    out.push_back({"epochs", Array::of({static_cast<double>(epochs_done)}, {1})});
    Array text = Array::zeros(ODEON_U8, {static_cast<int64_t>(history_.size())});
    std::memcpy(text.bytes.data(), history_.data(), history_.size());
    out.push_back({"history", text});
    return out;
  }

  void resume() {
    const std::vector<NamedArray> arrays = read_safetensors(settings_.resume);
    optimizer_->load(arrays, settings_.resume);
    for (const NamedArray& a : arrays) {
      if (a.name == "epochs") first_epoch_ = static_cast<int64_t>(a.array.at(0));
      if (a.name == "history")
        history_.assign(reinterpret_cast<const char*>(a.array.bytes.data()), a.array.bytes.size());
      if (a.name != "parameters") continue;
      if (a.array.bytes.size() != model_.parameters().flat.bytes.size())
        throw RunError(settings_.resume + ": has " + std::to_string(a.array.size()) +
                       " parameters, but the model has " + std::to_string(model_.parameters().flat.size()));
      backend_->upload(model_.theta().data, a.array.bytes.data(), static_cast<int64_t>(a.array.bytes.size()));
    }
  }

  const Experiment& e_;
  TrainSettings settings_;
  ImageData data_;
  OptimizerSettings optimizer_settings_;
  Model model_;
  std::shared_ptr<Backend> backend_;
  std::unique_ptr<Optimizer> optimizer_;
  int64_t first_epoch_ = 0;
  std::string history_ =
      "epoch,train_loss,test_error,evaluations_per_batch,vjps_per_batch,backward_memory_bytes,seconds\n";
};

}  // namespace

RunResult run_training(const Experiment& e, const Registry& registry, bool quiet, const std::string& folder) {
  if (e.root.find("field")) return fit_trajectory(e, registry, quiet);
  return ClassifierTraining(e, registry).run(quiet, folder);
}

RunResult run_evaluation(const Experiment& e, const Registry& registry) {
  return ClassifierTraining(e, registry).evaluate();
}

std::string describe_model(const Experiment& e, const Registry& registry) {
  const ConfigNode* model = e.root.find("model");
  if (!model) return "";
  read_train(e.root.find("train"));
  read_optimizer(require_key(e.root, "task train", "optimizer"));
  std::vector<int64_t> row;
  const ConfigNode& data = require_key(e.root, "task train", "data");
  if (const ConfigNode* shape = data.find("shape"))  // data that is not here yet
    for (const ConfigNode& d : shape->items) row.push_back(read_integer(d, "'shape'"));
  else
    row = load_images(data, e.dtype).train.row_shape();
  return Model(*model, row, registry, e.seed, e.dtype).summary();
}

}  // namespace odeon::host
