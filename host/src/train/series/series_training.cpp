#include "train/series/series_training.hpp"

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "train/dataset.hpp"
#include "train/epochs.hpp"
#include "train/random.hpp"
#include "train/series/field_fit.hpp"
#include "train/series/latent_ode.hpp"
#include "train/series/recurrent_forecast.hpp"
#include "train/series/series_picture.hpp"
#include "train/shared_gradient.hpp"
#include "train/text_line.hpp"

namespace odeon::host {
namespace {

// Of the seed, for the noise of a batch: the data have the streams below it.
constexpr uint64_t kFirstNoiseStream = 2;

const ConfigNode& section(const Experiment& e, const char* key) {
  return require_key(e.root, std::string("task ") + task_name(e.task), key);
}

// The sections, read and checked as a whole.
template <class Model>
struct Plan {
  TrainSettings train;
  OptimizerSettings optimizer;
  SeriesData data;
  Model model;

  Plan(const Experiment& e, const Registry& registry, const ConfigNode& of_model)
      : train(read_train(e)),
        optimizer(read_optimizer(section(e, "optimizer"))),
        data(read_series(section(e, "data"), e.seed)),
        model(of_model, data, registry, e.dtype) {
    require_checkpoint(e, train);
  }
};

struct EpochResult {
  SeriesLoss loss;
  double seconds = 0;
};

class SeriesTraining {
 public:
  SeriesTraining(const Experiment& e, const Registry& registry, const TrainSettings& train,
                 const OptimizerSettings& optimizer, const SeriesData& data, SeriesModel& model)
      : e_(e),
        ranks_(*e.ranks),
        data_(data),
        model_(model),
        backend_(odeon::host::open_backend(e, registry)),
        parameters_(model.start(e.dtype, e.seed)),
        device_(backend_, parameters_.flat),
        epochs_(e, train, optimizer, backend_, device_.theta.view, device_.gradient.view,
                "epoch,loss,kl,rmse_window,rmse,seconds\n"),
        measured_(range(data.first_measured(), data.size())) {
    model_.bind(backend_, device_);
  }

  RunResult run(bool quiet, const std::string& folder) {
    EpochResult last;
    epochs_.run(title_of(e_), data_.training, quiet, folder, [&](int64_t epoch) {
      last = train_epoch(epoch);
      const Array found = predict(measured_);
      return text_line("%lld,%.9g,%.6g,%.6g,%.6g,%.4g\n", static_cast<long long>(epoch + 1), last.loss.total,
                       last.loss.kl, window_error(found), beyond_error(found), last.seconds);
    });
    RunResult result = evaluate();
    auto& metrics = result.record["metrics"];
    metrics["train_loss"] = last.loss.total;
    metrics["train_kl"] = last.loss.kl;
    metrics["seconds_per_epoch"] = last.seconds;
    if (const auto steps = static_cast<double>(steps_); costs_.forward.evaluations > 0) {
      metrics["backward_memory_bytes"] = costs_.tape_peak;
      metrics["evaluations_per_batch"] = static_cast<double>(costs_.forward.evaluations) / steps;
      metrics["vjps_per_batch"] = static_cast<double>(costs_.backward.vjps) / steps;
    }
    parameters_.flat = download(*backend_, device_.theta.view);
    result.tensors.emplace_back("weights.safetensors", parameters_.named());
    epochs_.report(result);
    return result;
  }

  RunResult evaluate() {
    RunResult result;
    result.record = record_head(e_);
    Array found = predict(measured_);
    const double window = window_error(found), beyond = beyond_error(found);
    auto& metrics = result.record["metrics"];
    metrics = {{"title", title_of(e_)}, {"rmse_window", window}};
    result.summary = title_of(e_) +
                     (data_.training < data_.size() ? ": error of the series held out " : ": error ") +
                     text_line("%.4f within the window", window);
    if (data_.window < data_.points()) {
      metrics["rmse"] = beyond;
      metrics["rmse_training"] =
          prediction_error(data_, predict(range(0, data_.training)), 0, data_.window, data_.points());
      result.summary += text_line(", %.4f beyond it", beyond);
    }
    metrics["parameters"] = parameters_.flat.size();
    result.summary += text_line("; %lld parameters\n", static_cast<long long>(parameters_.flat.size()));
    result.texts.emplace_back("predictions.svg", series_picture(data_, found, data_.first_measured()));
    result.arrays.emplace_back("times.npy", Array::of(data_.times, {data_.points()}));
    result.arrays.emplace_back("predictions.npy", std::move(found));
    return result;
  }

 private:
  double window_error(const Array& found) const {
    return prediction_error(data_, found, data_.first_measured(), 0, data_.window);
  }
  double beyond_error(const Array& found) const {
    return prediction_error(data_, found, data_.first_measured(), data_.window, data_.points());
  }

  EpochResult train_epoch(int64_t epoch) {
    EpochResult r;
    Random noise(e_.seed, kFirstNoiseStream + static_cast<uint64_t>(epoch));
    const auto [count, seconds] = epochs_.steps(epoch, [&](std::span<const int64_t> batch) {
      const SeriesLoss loss = differentiate(batch, noise);
      const double part =
          static_cast<double>(ranks_.share(batch).size()) / static_cast<double>(data_.training);
      r.loss.total += part * loss.total;
      r.loss.kl += part * loss.kl;
      return loss.total;
    });
    steps_ += count;
    double sums[] = {r.loss.total, r.loss.kl};
    ranks_.sum(sums);
    r.loss = {sums[0], sums[1]};
    r.seconds = seconds;
    return r;
  }

  // The gradient of a batch of all ranks, and the loss of this rank's series of it.
  SeriesLoss differentiate(std::span<const int64_t> batch, Random& draws) {
    const int64_t rows = std::ssize(batch), width = model_.noise_width(), begin = ranks_.share_begin(rows);
    const std::span<const int64_t> mine = ranks_.share(batch);
    Array noise = Array::zeros(e_.dtype, {std::ssize(mine), width});
    for (int64_t i = 0; i < rows * width; ++i) {  // every rank draws for all, and keeps its own
      const double drawn = draws.normal();
      if (const int64_t at = i - begin * width; at >= 0 && at < noise.size()) noise.set(at, drawn);
    }
    SeriesLoss loss;
    if (!mine.empty()) loss = model_.differentiate(mine, noise, costs_);
    share_gradient(ranks_, *backend_, device_.gradient.view,
                   static_cast<double>(mine.size()) / static_cast<double>(rows));
    return loss;
  }

  Array predict(std::span<const int64_t> series) {
    PassCosts costs;
    Array out = Array::zeros(ODEON_F64, {static_cast<int64_t>(series.size()), data_.points(), data_.width()});
    const int64_t row = data_.points() * data_.width() * dtype_bytes(ODEON_F64);
    int64_t before = 0;
    epochs_.for_batches(series, [&](std::span<const int64_t> batch) {
      if (const std::span<const int64_t> mine = ranks_.share(batch); !mine.empty()) {
        const Array part = model_.predict(mine, costs);
        std::copy(part.bytes.begin(), part.bytes.end(),
                  out.bytes.begin() + (before + ranks_.share_begin(std::ssize(batch))) * row);
      }
      before += std::ssize(batch);
    });
    ranks_.sum(out);
    return out;
  }

  const Experiment& e_;
  Ranks& ranks_;
  const SeriesData& data_;
  SeriesModel& model_;
  std::shared_ptr<Backend> backend_;
  ParameterSet parameters_;
  DeviceParameters device_;
  Epochs epochs_;
  std::vector<int64_t> measured_;  // series whose errors are reported
  PassCosts costs_;                // of training
  int64_t steps_ = 0;
};

template <class Model>
std::string check(const Experiment& e, const Registry& registry, const ConfigNode& node) {
  const Plan<Model> p(e, registry, node);
  if (!p.train.resume.empty())
    resume_from(p.train, p.model.parameters().count, moment_count(p.optimizer), e.dtype);
  p.model.start(e.dtype, e.seed);  // reads weights
  return p.model.summary();
}

template <class Model>
RunResult run(const Experiment& e, const Registry& registry, const ConfigNode& node, bool quiet,
              const std::string& folder) {
  Plan<Model> p(e, registry, node);
  SeriesTraining training(e, registry, p.train, p.optimizer, p.data, p.model);
  return e.task == Task::train ? training.run(quiet, folder) : training.evaluate();
}

}  // namespace

std::string check_latent_ode(const Experiment& e, const Registry& registry) {
  return check<LatentOde>(e, registry, section(e, "latent"));
}
std::string check_recurrent(const Experiment& e, const Registry& registry) {
  return check<RecurrentForecast>(e, registry, section(e, "recurrent"));
}
std::string check_field_fit(const Experiment& e, const Registry& registry) {
  return check<FieldFit>(e, registry, e.root);
}
RunResult run_field_fit(const Experiment& e, const Registry& registry, bool quiet,
                        const std::string& folder) {
  return run<FieldFit>(e, registry, e.root, quiet, folder);
}
RunResult run_latent_ode(const Experiment& e, const Registry& registry, bool quiet,
                         const std::string& folder) {
  return run<LatentOde>(e, registry, section(e, "latent"), quiet, folder);
}
RunResult run_recurrent(const Experiment& e, const Registry& registry, bool quiet,
                        const std::string& folder) {
  return run<RecurrentForecast>(e, registry, section(e, "recurrent"), quiet, folder);
}

}  // namespace odeon::host
