// Computations of a problem, which compile and allocate once and serve again.
#pragma once
#include <memory>
#include <mutex>
#include <utility>

#include "experiment/computation.hpp"

namespace odeon::host {

// One that nobody uses now: of the last batch size.
class IdleComputation {
 public:
  struct Entry {
    std::unique_ptr<Computation> computation;
    int64_t batch = 0;
    int64_t parameters = 0;  // which θ of its problem it has, counted from 1; 0: none
  };

  // One without a computation where none fits; what does not fit gives its memory back first.
  Entry take(int64_t batch) {
    const std::lock_guard lock(mutex_);
    if (entry_.batch != batch) entry_ = {};
    return std::exchange(entry_, {});
  }
  void put(Entry entry) {
    const std::lock_guard lock(mutex_);
    entry_ = std::move(entry);
  }

 private:
  std::mutex mutex_;  // a gradient pass may end in any thread
  Entry entry_;
};

// A computation for as long as the object lives.
class LentComputation {
 public:
  LentComputation(std::shared_ptr<IdleComputation> from, int64_t batch)
      : from_(std::move(from)), entry_(from_->take(batch)) {
    entry_.batch = batch;
  }
  ~LentComputation() { from_->put(std::move(entry_)); }
  LentComputation(const LentComputation&) = delete;
  LentComputation& operator=(const LentComputation&) = delete;

  IdleComputation::Entry& entry() { return entry_; }
  Computation& get() { return *entry_.computation; }

 private:
  std::shared_ptr<IdleComputation> from_;
  IdleComputation::Entry entry_;
};

}  // namespace odeon::host
