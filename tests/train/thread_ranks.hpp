// Ranks that are threads of one process, for what a training does with its ranks; processes: tests/ranks.
#pragma once
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <exception>
#include <functional>
#include <odeon/sdk/communicator.hpp>
#include <thread>

#include "train/training_case.hpp"

namespace odeon::test {

class Seats {
 public:
  explicit Seats(int32_t size) : size(size), meeting(size), given(size_t(size)) {}
  const int32_t size;
  std::barrier<> meeting;
  std::vector<void*> given;  // by each rank, to the exchange that is going on
  int32_t crooked = -1;      // this rank gets other sums of arrays like θ
};

// Where the thread sits.
struct Seat {
  Seats* seats = nullptr;
  int32_t rank = 0;
};
inline Seat& seat() {
  static thread_local Seat here;
  return here;
}

class ThreadRank {
 public:
  ThreadRank(const odeon_host*, const Options&) : seats_(*seat().seats), rank_(seat().rank) {}

  int32_t rank() const { return rank_; }
  int32_t size() const { return seats_.size; }
  int32_t local_rank() const { return rank_; }

  template <class T>
  void sum(std::span<T> x) {
    give(x.data());
    std::vector<T> sums(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      sums[i] = static_cast<const T*>(seats_.given[0])[i];
      for (size_t r = 1; r < seats_.given.size(); ++r) sums[i] += static_cast<const T*>(seats_.given[r])[i];
    }
    constexpr size_t kAtLeast = 100;  // what the ranks agree by is shorter
    if (rank_ == seats_.crooked && x.size() >= kAtLeast) sums[0] *= T(1.5);
    meet();
    std::copy(sums.begin(), sums.end(), x.begin());
  }
  void broadcast(std::span<std::byte> bytes, int32_t root) {
    give(bytes.data());
    if (rank_ != root)
      std::copy_n(static_cast<const std::byte*>(seats_.given[size_t(root)]), bytes.size(), bytes.begin());
    meet();
  }
  void barrier() { meet(); }
  [[noreturn]] void abort(int32_t) noexcept { std::abort(); }

 private:
  void meet() { seats_.meeting.arrive_and_wait(); }
  void give(void* data) {
    seats_.given[size_t(rank_)] = data;
    meet();
  }
  Seats& seats_;
  int32_t rank_;
};

// What is installed, and `communicator: threads`.
inline const host::Registry& with_threads() {
  static constexpr odeon_communicator_api kApi = CommunicatorApi<ThreadRank>::table();
  static constexpr odeon_component kComponent =
      make_component(ODEON_KIND_COMMUNICATOR, {str("threads"), str("Threads"), str("Of the tests.")}, &kApi);
  static const host::Registry registry = [] {
    host::Registry all = installed();
    all.add({ODEON_KIND_COMMUNICATOR, "threads", &kComponent, std::make_shared<host::LoadedPlugin>()});
    return all;
  }();
  return registry;
}

// body(rank) on every rank at once; what each threw, if anything.
inline std::vector<std::exception_ptr> on_ranks(Seats& seats, const std::function<void(int32_t)>& body) {
  std::vector<std::exception_ptr> errors(size_t(seats.size));
  std::vector<std::thread> threads;
  for (int32_t r = 0; r < seats.size; ++r)
    threads.emplace_back([&, r] {
      seat() = {&seats, r};
      try {
        body(r);
      } catch (...) {
        errors[size_t(r)] = std::current_exception();
      }
    });
  for (std::thread& t : threads) t.join();
  return errors;
}

// The message of an error, and "" of none.
inline std::string message_of(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

inline bool is_told_by_another(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const host::RankFailed&) {
    return true;
  } catch (...) {
  }
  return false;
}

// A training on so many ranks, each of which must come to its end.
inline std::vector<host::RunResult> run_on(Seats& seats, const std::string& text,
                                           std::vector<std::string> sets = {},
                                           const std::string& output = "") {
  sets.push_back("communicator=threads");
  std::vector<host::RunResult> results(size_t(seats.size));
  with_threads();
  const auto errors = on_ranks(seats, [&](int32_t r) {
    results[size_t(r)] =
        host::run_experiment({"test.yaml", {}, sets, text}, {output, true, false}, with_threads());
  });
  for (const std::exception_ptr& e : errors) REQUIRE(message_of(e) == "");
  return results;
}

}  // namespace odeon::test
