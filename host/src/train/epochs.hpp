// The epochs of a training, for all that is trained by batches of rows: their order, steps of the optimiser,
// history and checkpoints.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiment/tasks.hpp"
#include "train/checkpoint.hpp"
#include "train/optimizer.hpp"
#include "train/progress.hpp"

namespace odeon::host {

class Epochs {
 public:
  // theta, gradient: flat, on the backend; θ becomes that of a checkpoint which `train.resume` names.
  // columns: the first line of history.csv. The settings must outlive the object.
  Epochs(const Experiment& experiment, const TrainSettings& train, const OptimizerSettings& optimizer,
         std::shared_ptr<Backend> backend, odeon_tensor theta, odeon_tensor gradient, std::string columns);

  // one(epoch) trains for an epoch by `steps` and returns its line of the history. Writes the checkpoints
  // that `checkpoint_every` asks for to the folder, unless its name is empty, and one when cancelled. rows:
  // of an epoch.
  void run(const std::string& title, int64_t rows, bool quiet, const std::string& folder,
           const std::function<std::string(int64_t epoch)>& one);

  struct Steps {
    int64_t count = 0;
    double seconds = 0;
  };
  // One step of the optimiser for each batch, which are the rows of all ranks: loss_of leaves the gradient
  // over them. Throws Cancelled; RunError where a loss, which is that of this rank's rows, is not finite.
  Steps steps(int64_t epoch, const std::function<double(std::span<const int64_t> batch)>& loss_of);
  // One step along the gradient as it stands, of a batch with this loss. Throws RunError as `steps` does.
  void step(int64_t epoch, double loss);

  // Calls use(batch) over `rows` in their order. Throws Cancelled.
  void for_batches(std::span<const int64_t> rows,
                   const std::function<void(std::span<const int64_t> batch)>& use) const;

  int64_t optimizer_steps() const {
    return optimizer_.steps();
  }                                         // from the beginning, also before a checkpoint
  int64_t first() const { return first_; }  // done before, by the checkpoint
  // None: the checkpoint had all of them.
  bool any() const { return first_ < train_.epochs; }
  // history.csv and the last checkpoint.
  void report(RunResult& result) const;

 private:
  Checkpoint checkpoint(int64_t epochs_done) const;

  const TrainSettings& train_;
  const OptimizerSettings& settings_;
  Ranks& ranks_;
  uint64_t seed_;
  std::shared_ptr<Backend> backend_;
  odeon_tensor theta_, gradient_;
  Optimizer optimizer_;
  int64_t first_ = 0, rows_ = 0;
  std::string history_;
  bool batch_given_;                  // by the configuration
  std::optional<Progress> progress_;  // of `run`
};

}  // namespace odeon::host
