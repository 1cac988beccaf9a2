#include "train/classifier.hpp"

#include <algorithm>
#include <optional>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "train/dataset.hpp"
#include "train/epochs.hpp"
#include "train/model.hpp"
#include "train/shared_gradient.hpp"
#include "train/text_line.hpp"

namespace odeon::host {

namespace {

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
    std::string columns =
        "epoch,train_loss,test_error,evaluations_per_batch,vjps_per_batch,backward_memory_bytes,seconds";
    if (model_.regularisers().kinetic > 0) columns += ",kinetic";
    if (model_.regularisers().jacobian > 0) columns += ",jacobian";
    epochs_.emplace(e, settings_, optimizer_settings_, backend_, model_.theta(), model_.gradient(),
                    columns + "\n");
  }

  RunResult run(bool quiet, const std::string& folder) {
    const std::string name = title_of(e_);
    RunResult result;
    result.record = record_head(e_);
    record_backend(result.record, *backend_);
    EpochResult last;
    epochs_->run(name, data_.train.size(), quiet, folder, [&](int64_t epoch) {
      last = train_epoch(epoch);
      last.test_error = test_error();
      return text_line("%lld,%.9g,%.6g,%.4g,%.4g,%lld,%.4g", static_cast<long long>(epoch + 1),
                       last.train_loss, last.test_error, last.evaluations, last.vjps,
                       static_cast<long long>(last.tape_peak), last.seconds) +
             terms_of(last) + "\n";
    });
    if (!epochs_->any()) last.test_error = test_error();
    model_.parameters().flat = download(*backend_, model_.theta());
    result.tensors.emplace_back("weights.safetensors", model_.parameters().named());
    epochs_->report(result);
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
    result.summary = text_line("%s: test error %.2f %%, %lld parameters, %.2f s per epoch\n", name.c_str(),
                               100 * last.test_error, static_cast<long long>(model_.parameters().flat.size()),
                               last.seconds);
    return result;
  }

  RunResult evaluate() {
    RunResult result;
    result.record = record_head(e_);
    record_backend(result.record, *backend_);
    const double error = test_error();
    result.record["metrics"] = {{"test_error", error}, {"parameters", model_.parameters().flat.size()}};
    result.summary = text_line("test error %.2f %%\n", 100 * error);
    return result;
  }

 private:
  EpochResult train_epoch(int64_t epoch) {
    EpochResult r;
    PassCosts costs;
    const auto [count, seconds] = epochs_->steps(epoch, [&](std::span<const int64_t> batch) {
      add_gradient(batch, r, costs);
      return r.train_loss;
    });
    const auto batches = static_cast<double>(count);
    double sums[] = {r.train_loss, r.kinetic, r.jacobian};
    ranks_.sum(sums);
    r.train_loss = sums[0] / static_cast<double>(data_.train.size());
    r.kinetic = sums[1] / batches;
    r.jacobian = sums[2] / batches;
    r.evaluations = static_cast<double>(costs.forward.evaluations) / batches;
    r.vjps = static_cast<double>(costs.backward.vjps) / batches;
    r.tape_peak = costs.tape_peak;
    r.seconds = seconds;
    return r;
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
          {static_cast<uint64_t>(epochs_->optimizer_steps()), ranks_.share_begin(std::ssize(rows))});
      sums.train_loss += loss * count;
      sums.kinetic += part * costs.kinetic;
      sums.jacobian += part * costs.jacobian;
    }
    share_gradient(ranks_, *backend_, model_.gradient(), part);
  }

  // The end of a line of the history.
  std::string terms_of(const EpochResult& r) const {
    const Regularisers weights = model_.regularisers();
    std::string out;
    for (const auto& [weight, value] :
         {std::pair(weights.kinetic, r.kinetic), std::pair(weights.jacobian, r.jacobian)})
      if (weight > 0) out += text_line(",%.9g", value);
    return out;
  }

  double test_error() {
    PassCosts costs;
    double wrong = 0;
    epochs_->for_batches(range(0, data_.test.size()), [&](std::span<const int64_t> all) {
      const std::span<const int64_t> mine = ranks_.share(all);
      if (mine.empty()) return;
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
    });
    ranks_.sum({&wrong, 1});
    return data_.test.size() > 0 ? wrong / static_cast<double>(data_.test.size()) : 0;
  }

  const Experiment& e_;
  Ranks& ranks_;
  TrainSettings settings_;
  ImageData data_;
  OptimizerSettings optimizer_settings_;
  Model model_;
  std::shared_ptr<Backend> backend_;
  std::optional<Epochs> epochs_;
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
