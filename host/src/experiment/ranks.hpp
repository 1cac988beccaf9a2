// The processes ("ranks") that carry out one run together, as one of them sees them.
//
// 1. Every rank makes the same exchanges in the same order. Before each, all ranks meet: one that has failed
//    says so there, once, and the others then throw RankFailed instead of waiting for it.
// 2. Without a communicator there is one rank, and every exchange leaves things as they are.
#pragma once
#include <odeon/communicator.h>

#include <functional>
#include <memory>
#include <span>
#include <type_traits>

#include "data/array.hpp"
#include "data/error.hpp"
#include "experiment/component_handle.hpp"

namespace odeon::host {

class Ranks {
 public:
  Ranks() = default;  // this process alone
  // Opens what `communicator` names, and tells components where this process stands (odeon.host.ranks/1).
  explicit Ranks(const ComponentChoice& choice);
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int64_t rank() const { return info_.rank; }
  int64_t size() const { return info_.size; }
  bool first() const { return info_.rank == 0; }

  // Of the rows of a batch of all ranks, those that this rank takes, and where they begin.
  int64_t share_begin(int64_t rows) const { return rows * rank() / size(); }
  int64_t share_end(int64_t rows) const { return rows * (rank() + 1) / size(); }
  template <class T>
  std::span<T> share(std::span<T> rows) const {
    const int64_t n = std::ssize(rows), begin = share_begin(n);
    return rows.subspan(size_t(begin), size_t(share_end(n) - begin));
  }

  // Each number becomes the sum of those of all ranks: the same bits everywhere.
  void sum(std::span<double> values);
  void sum(Array& values);  // f32 or f64

  // Throws RunError, which names the ranks that differ from rank 0, unless the bytes are
  // the same on all. what: "θ".
  void require_same(std::span<const std::byte> bytes, const std::string& what, const std::string& remedy);

  // Runs `body` on every rank. Where it throws on some, it throws on all: its own exception on the first of
  // those, and RankFailed on every other, so that one rank says what is wrong.
  template <class Body>
  std::invoke_result_t<Body> together(const Body& body) {
    if (size() == 1) return body();
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
        body();
        meet();
      } else {
        auto result = body();
        meet();
        return result;
      }
    } catch (const RankFailed&) {
      throw;  // said already
    } catch (const Error& e) {
      meet(e.code(), e.what());
      throw;
    } catch (const std::exception& e) {
      meet(ExitCode::run_failed, e.what());
      throw;
    }
  }

 private:
  void meet(ExitCode code = ExitCode::done, const std::string& message = "");
  void exchange(const std::function<odeon_status()>& call);
  std::string text_from(int64_t rank, std::string text);

  std::shared_ptr<const void> keep_alive_;
  std::string name_;  // "communicator 'mpi'", for messages
  const odeon_communicator_api* api_ = nullptr;
  odeon_communicator* handle_ = nullptr;
  odeon_communicator_info info_{sizeof(odeon_communicator_info), 0, 1, 0};
};

// What `communicator` of a configuration names; this process alone where nothing stands there.
std::shared_ptr<Ranks> open_ranks(const ConfigNode& root, const Registry& registry);

}  // namespace odeon::host
