#include "train/epochs.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "engine/failure.hpp"
#include "loader/host_table.hpp"
#include "train/dataset.hpp"
#include "train/shared_gradient.hpp"

namespace odeon::host {

Epochs::Epochs(const Experiment& experiment, const TrainSettings& train, const OptimizerSettings& optimizer,
               std::shared_ptr<Backend> backend, odeon_tensor theta, odeon_tensor gradient,
               std::string columns)
    : train_(train),
      settings_(optimizer),
      ranks_(*experiment.ranks),
      seed_(experiment.seed),
      backend_(std::move(backend)),
      theta_(theta),
      gradient_(gradient),
      optimizer_(backend_, optimizer, experiment.dtype, theta.shape[0]),
      history_(std::move(columns)),
      batch_given_(experiment.root.find("train") && experiment.root.find("train")->find("batch")) {
  if (train.resume.empty()) return;
  const Checkpoint c = resume_from(train, theta.shape[0], moment_count(optimizer), experiment.dtype);
  optimizer_.restore(c.moments, c.steps);
  first_ = c.epochs;
  history_ = c.history;
  upload(*backend_, theta_, c.parameters);
}

void Epochs::run(const std::string& title, int64_t rows, bool quiet, const std::string& folder,
                 const std::function<std::string(int64_t epoch)>& one) {
  if (batch_given_ && train_.batch > rows && ranks_.first())
    log(ODEON_LOG_WARNING, "train.batch " + std::to_string(train_.batch) + " is more than the " +
                               std::to_string(rows) + " rows: each epoch is one step over all of them");
  const int64_t batches = (rows + train_.batch - 1) / train_.batch;
  progress_.emplace(title, batches * std::max<int64_t>(0, train_.epochs - first_), quiet);
  rows_ = rows;
  require_same_theta(ranks_, *backend_, theta_, first_);
  const auto write_checkpoint = [&](int64_t epochs_done) {
    if (!folder.empty())
      write_safetensors(folder + "/checkpoint.safetensors", format_checkpoint(checkpoint(epochs_done)));
  };
  for (int64_t epoch = first_; epoch < train_.epochs; ++epoch) {
    try {
      history_ += one(epoch);
    } catch (const Cancelled&) {
      write_checkpoint(
          epoch);  // the epoch that was broken off begins again, from the parameters that it had reached
      throw;
    } catch (const SolveFailed& failed) {
      throw failed.explained("in epoch " + std::to_string(epoch + 1),
                             "in training, a smaller learning_rate keeps the field near what it can solve");
    }
    if (train_.checkpoint_every > 0 && (epoch + 1) % train_.checkpoint_every == 0)
      write_checkpoint(epoch + 1);
  }
  progress_.reset();
}

Epochs::Steps Epochs::steps(int64_t epoch,
                            const std::function<double(std::span<const int64_t> batch)>& loss_of) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Steps out;
  for_batches(epoch_order(rows_, seed_, epoch, train_.shuffle), [&](std::span<const int64_t> batch) {
    step(epoch, loss_of(batch));
    ++out.count;
  });
  require_same_theta(ranks_, *backend_, theta_, epoch + 1);
  out.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return out;
}

void Epochs::step(int64_t epoch, double loss) {
  if (!std::isfinite(loss))
    throw RunError("the loss is not finite in epoch " + std::to_string(epoch + 1) +
                   "; use a smaller learning_rate");
  optimizer_.step(theta_, gradient_, settings_.learning_rate * train_.factor(epoch));
  progress_->advance();
}

void Epochs::for_batches(std::span<const int64_t> rows,
                         const std::function<void(std::span<const int64_t> batch)>& use) const {
  for (size_t from = 0; from < rows.size(); from += static_cast<size_t>(train_.batch)) {
    if (cancel_requested()) throw Cancelled();
    use(rows.subspan(from, std::min(static_cast<size_t>(train_.batch), rows.size() - from)));
  }
}

void Epochs::report(RunResult& result) const {
  result.tensors.emplace_back("checkpoint.safetensors",
                              format_checkpoint(checkpoint(std::max(first_, train_.epochs))));
  result.texts.emplace_back("history.csv", history_);
}

Checkpoint Epochs::checkpoint(int64_t epochs_done) const {
  return {download(*backend_, theta_), optimizer_.moments(), optimizer_.steps(), epochs_done, history_};
}

}  // namespace odeon::host
