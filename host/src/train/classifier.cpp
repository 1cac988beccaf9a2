#include "train/classifier.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "loader/host_table.hpp"
#include "train/checkpoint.hpp"
#include "train/dataset.hpp"
#include "train/model.hpp"
#include "train/optimizer.hpp"
#include "train/progress.hpp"
#include "train/schedule.hpp"
#include "train/shared_gradient.hpp"

namespace odeon::host {

namespace {

using Clock = std::chrono::steady_clock;

struct EpochResult {
  double train_loss = 0, test_error = 0, seconds = 0, evaluations = 0, vjps = 0;  // the last two per batch
  double kinetic = 0, jacobian = 0;  // of regularised blocks, added up; per batch
  int64_t tape_peak = 0;
};

void check_labels(const Dataset& data, int64_t classes, const ConfigNode& model) {
  const auto largest = std::max_element(data.labels.begin(), data.labels.end());
  if (largest != data.labels.end() && *largest >= classes)
    throw ConfigError(model.where + ": the model ends with " + std::to_string(classes) +
                      " logits, but the data has label " + std::to_string(*largest) +
                      "; widen the last layer to " + std::to_string(*largest + 1));
}

class ClassifierTraining {
 public:
  ClassifierTraining(const Experiment& e, const Registry& registry)
      : e_(e),
        ranks_(*e.ranks),
        settings_(read_train(e)),
        data_(load_images(require_key(e.root, "task train", "data"), e.dtype)),
        optimizer_settings_(read_optimizer(require_key(e.root, "task train", "optimizer"))),
        model_(require_key(e.root, "task train", "model"), data_.train.row_shape(), registry, e.seed,
               e.dtype),
        backend_(open_backend(e, registry)) {
    model_.bind(backend_);
    optimizer_ =
        std::make_unique<Optimizer>(backend_, optimizer_settings_, e.dtype, model_.parameters().flat.size());
    if (model_.regularisers().kinetic > 0) history_ += ",kinetic";
    if (model_.regularisers().jacobian > 0) history_ += ",jacobian";
    history_ += "\n";
    if (!settings_.resume.empty()) resume();
  }

  RunResult run(bool quiet, const std::string& folder) {
    const std::string name = title_of(e_);
    const int64_t batches = (data_.train.size() + settings_.batch - 1) / settings_.batch;
    Progress progress(name, batches * std::max<int64_t>(0, settings_.epochs - first_epoch_), quiet);
    RunResult result;
    result.record = record_head(e_);
    record_backend(result.record, *backend_);
    EpochResult last;
    require_same_theta(ranks_, *backend_, model_.theta(), first_epoch_);
    for (int64_t epoch = first_epoch_; epoch < settings_.epochs; ++epoch) {
      last = train_epoch(epoch, progress);
      last.test_error = test_error();
      char line[256];
      std::snprintf(line, sizeof line, "%lld,%.9g,%.6g,%.4g,%.4g,%lld,%.4g",
                    static_cast<long long>(epoch + 1), last.train_loss, last.test_error, last.evaluations,
                    last.vjps, static_cast<long long>(last.tape_peak), last.seconds);
      history_ += line;
      append_terms(last);
      if (settings_.checkpoint_every > 0 && (epoch + 1) % settings_.checkpoint_every == 0 &&
          !folder.empty()) {
        write_safetensors(folder + "/checkpoint.safetensors", format_checkpoint(checkpoint(epoch + 1)));
      }
    }
    if (first_epoch_ >= settings_.epochs) last.test_error = test_error();
    download();
    result.tensors.emplace_back("weights.safetensors", model_.parameters().named());
    result.tensors.emplace_back("checkpoint.safetensors",
                                format_checkpoint(checkpoint(std::max(first_epoch_, settings_.epochs))));
    result.texts.emplace_back("history.csv", history_);
    auto& metrics = result.record["metrics"];
    metrics = {{"title", name},
               {"test_error", last.test_error},
               {"train_loss", last.train_loss},
               {"parameters", model_.parameters().flat.size()},
               {"backward_memory_bytes", last.tape_peak},
               {"seconds_per_epoch", last.seconds}};
    if (model_.has_ode()) {
      metrics["evaluations_per_batch"] = last.evaluations;
      metrics["vjps_per_batch"] = last.vjps;
    }
    if (model_.regularisers().kinetic > 0) metrics["kinetic"] = last.kinetic;
    if (model_.regularisers().jacobian > 0) metrics["jacobian"] = last.jacobian;
    char text[256];
    std::snprintf(text, sizeof text, "%s: test error %.2f %%, %lld parameters, %.2f s per epoch\n",
                  name.c_str(), 100 * last.test_error,
                  static_cast<long long>(model_.parameters().flat.size()), last.seconds);
    result.summary = text;
    return result;
  }

  RunResult evaluate() {
    RunResult result;
    result.record = record_head(e_);
    record_backend(result.record, *backend_);
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
      add_gradient(batch_at(order, from), r, costs);
      if (!std::isfinite(r.train_loss))
        throw RunError("the loss is not finite in epoch " + std::to_string(epoch + 1) +
                       "; use a smaller learning_rate");
      optimizer_->step(model_.theta(), model_.gradient(),
                       optimizer_settings_.learning_rate * settings_.factor(epoch));
      progress.advance();
    }
    require_same_theta(ranks_, *backend_, model_.theta(), epoch + 1);
    double sums[] = {r.train_loss, r.kinetic, r.jacobian};
    ranks_.sum(sums);
    r.train_loss = sums[0] / static_cast<double>(order.size());
    r.kinetic = sums[1] / static_cast<double>(batches);
    r.jacobian = sums[2] / static_cast<double>(batches);
    r.evaluations = static_cast<double>(costs.forward.evaluations) / static_cast<double>(batches);
    r.vjps = static_cast<double>(costs.backward.vjps) / static_cast<double>(batches);
    r.tape_peak = costs.tape_peak;
    r.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return r;
  }

  // The rows of all ranks from `from` on.
  std::span<const int64_t> batch_at(const std::vector<int64_t>& order, size_t from) const {
    return {order.data() + from, std::min(static_cast<size_t>(settings_.batch), order.size() - from)};
  }

  // The gradient of a batch of all ranks; to `sums` this rank's part of its loss and regularisers.
  void add_gradient(std::span<const int64_t> rows, EpochResult& sums, PassCosts& costs) {
    const std::span<const int64_t> mine = ranks_.share(rows);
    const double count = static_cast<double>(mine.size()), part = count / static_cast<double>(rows.size());
    if (!mine.empty()) {
      const LabelledBatch batch = gather(data_.train, mine, model_.classes());
      costs.kinetic = costs.jacobian = 0;
      const double loss = model_.differentiate(
          batch.inputs, batch.one_hot, costs,
          {static_cast<uint64_t>(optimizer_->steps()), ranks_.share_begin(std::ssize(rows))});
      sums.train_loss += loss * count;
      sums.kinetic += part * costs.kinetic;
      sums.jacobian += part * costs.jacobian;
    }
    share_gradient(ranks_, *backend_, model_.gradient(), part);
  }

  // The end of a line of the history.
  void append_terms(const EpochResult& r) {
    const Regularisers weights = model_.regularisers();
    for (const auto& [weight, value] :
         {std::pair(weights.kinetic, r.kinetic), std::pair(weights.jacobian, r.jacobian)})
      if (weight > 0) {
        char text[32];
        std::snprintf(text, sizeof text, ",%.9g", value);
        history_ += text;
      }
    history_ += "\n";
  }

  double test_error() {
    PassCosts costs;
    double wrong = 0;
    const std::vector<int64_t> order = epoch_order(data_.test.size(), 0, 0, false);
    for (size_t from = 0; from < order.size(); from += static_cast<size_t>(settings_.batch)) {
      const std::span<const int64_t> mine = ranks_.share(batch_at(order, from));
      if (mine.empty()) continue;
      const LabelledBatch batch = gather(data_.test, mine, model_.classes());
      const Array logits = model_.logits(batch.inputs, costs);
      for (size_t r = 0; r < mine.size(); ++r) {
        int64_t best = 0;
        for (int64_t c = 1; c < model_.classes(); ++c)
          if (logits.at(static_cast<int64_t>(r) * model_.classes() + c) >
              logits.at(static_cast<int64_t>(r) * model_.classes() + best))
            best = c;
        wrong += best != data_.test.labels[size_t(mine[r])];
      }
    }
    ranks_.sum({&wrong, 1});
    return data_.test.size() > 0 ? wrong / static_cast<double>(data_.test.size()) : 0;
  }

  void download() { model_.parameters().flat = odeon::host::download(*backend_, model_.theta()); }

  Checkpoint checkpoint(int64_t epochs_done) {
    download();
    return {model_.parameters().flat, optimizer_->moments(), optimizer_->steps(), epochs_done, history_};
  }

  void resume() {
    const Checkpoint c =
        resume_from(settings_, model_.parameter_count(), moment_count(optimizer_settings_), e_.dtype);
    optimizer_->restore(c.moments, c.steps);
    first_epoch_ = c.epochs;
    history_ = c.history;
    upload(*backend_, model_.theta(), c.parameters);
  }

  const Experiment& e_;
  Ranks& ranks_;
  TrainSettings settings_;
  ImageData data_;
  OptimizerSettings optimizer_settings_;
  Model model_;
  std::shared_ptr<Backend> backend_;
  std::unique_ptr<Optimizer> optimizer_;
  int64_t first_epoch_ = 0;
  std::string history_ =
      "epoch,train_loss,test_error,evaluations_per_batch,vjps_per_batch,backward_memory_bytes,seconds";
};

}  // namespace

RunResult run_classifier(const Experiment& e, const Registry& registry, bool quiet,
                         const std::string& folder) {
  ClassifierTraining training(e, registry);
  return e.task == Task::train ? training.run(quiet, folder) : training.evaluate();
}

std::string check_classifier(const Experiment& e, const Registry& registry) {
  const std::string what = std::string("task ") + task_name(e.task);
  const TrainSettings train = read_train(e);
  require_checkpoint(e, train);
  const OptimizerSettings optimizer = read_optimizer(require_key(e.root, what, "optimizer"));
  const ConfigNode &data = require_key(e.root, what, "data"), &list = require_key(e.root, what, "model");
  std::optional<ImageData> images;
  std::vector<int64_t> row = read_image_shape(data);
  if (row.empty() || images_are_here(data))
    images = load_images(data, e.dtype), row = images->train.row_shape();
  const Model model(list, row, registry, e.seed, e.dtype);
  if (images)
    check_labels(images->train, model.classes(), list), check_labels(images->test, model.classes(), list);
  if (!train.resume.empty()) resume_from(train, model.parameter_count(), moment_count(optimizer), e.dtype);
  return model.summary();
}

}  // namespace odeon::host
