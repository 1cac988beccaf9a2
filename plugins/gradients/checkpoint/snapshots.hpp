// States at the beginnings of steps: a limited number in backend memory, and where a folder is given any
// number more in a file there. The file has no name, so it is gone with the process, however that ends.
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <odeon/sdk/gradient.hpp>
#include <string>

namespace odeon {

class Snapshots {
 public:
  // folder: for what goes beyond `most`; empty: there is no more.
  Snapshots(size_t most, std::string folder) : most_(most), folder_(std::move(folder)) {}
  Snapshots(Snapshots&& other) noexcept
      : most_(other.most_),
        folder_(std::move(other.folder_)),
        memory_(std::move(other.memory_)),
        free_(std::move(other.free_)),
        of_step_(std::move(other.of_step_)),
        file_(std::exchange(other.file_, -1)),
        staged_(std::move(other.staged_)) {}
  Snapshots& operator=(Snapshots&&) = delete;
  ~Snapshots() {
    if (file_ >= 0) close(file_);
  }

  // How many more there may be.
  size_t room() const { return folder_.empty() ? most_ - of_step_.size() : kWithoutEnd; }
  bool empty() const { return of_step_.empty(); }
  size_t last() const { return of_step_.rbegin()->first; }

  void store(const Engine& engine, size_t step, const odeon_tensor& y) {
    const size_t slot = take(engine);
    if (slot < most_)
      engine.copy(engine.state(memory_[slot].data()), y);
    else
      write(engine, slot - most_, y);
    of_step_[step] = slot;
  }
  // The state of the step; `scratch` receives it where it is not in memory.
  odeon_tensor load(const Engine& engine, size_t step, const odeon_tensor& scratch) {
    const size_t slot = of_step_.at(step);
    if (slot < most_) return engine.state(memory_[slot].data());
    read(engine, slot - most_, scratch);
    return scratch;
  }
  void drop(size_t step) {
    const auto entry = of_step_.find(step);
    free_.push_back(entry->second);
    of_step_.erase(entry);
  }
  // Keeps only every `stride`th step.
  void thin(size_t stride) {
    for (auto entry = of_step_.begin(); entry != of_step_.end();) {
      const auto next = std::next(entry);
      if (entry->first % stride != 0) drop(entry->first);
      entry = next;
    }
  }

 private:
  static constexpr size_t kWithoutEnd = 1 << 30;

  size_t take(const Engine& engine) {
    if (!free_.empty()) {
      const size_t slot = free_.back();
      free_.pop_back();
      return slot;
    }
    const size_t slot = of_step_.size();
    if (slot < most_) memory_.emplace_back(engine, engine.state_bytes());
    return slot;
  }

  [[noreturn]] void fail(const char* what) const {
    throw Error(
        folder_ + ": the file of snapshots cannot be " + what + " (" + std::strerror(errno) +
        "); give 'spill' a folder that can be written to and has room, or raise 'budget' and remove 'spill'");
  }
  void open_file() {
    if (file_ >= 0) return;
    std::string name = folder_ + "/odeon-snapshots-XXXXXX";
    file_ = mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) fail("made");
    unlink(name.c_str());
  }
  void write(const Engine& engine, size_t place, const odeon_tensor& y) {
    open_file();
    const int64_t bytes = engine.state_bytes();
    staged_.resize(static_cast<size_t>(bytes));
    check(engine.info().backend_api->copy(engine.info().queue, staged_.data(), y.data, bytes,
                                          ODEON_COPY_TO_HOST));
    for (int64_t done = 0; done < bytes;) {
      const ssize_t n = pwrite(file_, staged_.data() + done, static_cast<size_t>(bytes - done),
                               static_cast<int64_t>(place) * bytes + done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail("written");
      done += n;
    }
  }
  void read(const Engine& engine, size_t place, const odeon_tensor& y) {
    const int64_t bytes = engine.state_bytes();
    staged_.resize(static_cast<size_t>(bytes));
    for (int64_t done = 0; done < bytes;) {
      const ssize_t n = pread(file_, staged_.data() + done, static_cast<size_t>(bytes - done),
                              static_cast<int64_t>(place) * bytes + done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) fail("read");
      done += n;
    }
    check(engine.info().backend_api->copy(engine.info().queue, y.data, staged_.data(), bytes,
                                          ODEON_COPY_TO_DEVICE));
    check(engine.info().backend_api->queue_wait(engine.info().queue));  // staged_ is used again
  }

  size_t most_;
  std::string folder_;
  std::vector<TapeMemory> memory_;    // slots below most_
  std::vector<size_t> free_;          // slots that were dropped
  std::map<size_t, size_t> of_step_;  // slot by step
  int file_ = -1;
  std::vector<char> staged_;
};

}  // namespace odeon
