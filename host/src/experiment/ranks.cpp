#include "experiment/ranks.hpp"

#include <odeon/ext/ranks.h>

#include <algorithm>
#include <cstring>
#include <mutex>

#include "data/nearest.hpp"
#include "experiment/launched.hpp"
#include "loader/registry.hpp"
#include "loader/slot_call.hpp"

namespace odeon::host {
namespace {

// For odeon.host.ranks/1.
std::mutex place_mutex;
odeon_communicator_info place{sizeof(odeon_communicator_info), 0, 1, 0};

void tell_place(odeon_communicator_info* out) {
  const std::lock_guard lock(place_mutex);
  const odeon_communicator_info known = place;
  out->rank = known.rank, out->size = known.size, out->local_rank = known.local_rank;
}

void publish(const odeon_communicator_info& info) {
  static constexpr odeon_ranks_api kTable{sizeof(odeon_ranks_api), 0, tell_place};
  {
    const std::lock_guard lock(place_mutex);
    place = info;
  }
  register_host_extension(ODEON_EXT_HOST_RANKS, &kTable);
  if (info.size > 1)
    set_process_name("rank " + std::to_string(info.rank) + " of " + std::to_string(info.size));
}

// FNV-1a, 64 bits (Fowler, Noll, Vo), cut to a whole number that a double holds.
double digest(std::span<const std::byte> bytes) {
  uint64_t h = 14695981039346656037ull;
  for (std::byte b : bytes) h = (h ^ static_cast<uint64_t>(b)) * 1099511628211ull;
  return static_cast<double>(h >> 11);
}

}  // namespace

Ranks::Ranks(const ComponentChoice& choice)
    : keep_alive_(choice.component->plugin),
      name_("communicator '" + choice.component->id + "'"),
      api_(static_cast<const odeon_communicator_api*>(choice.component->descriptor->vtable)) {
  call(name_, api_->create, &host_table(), &choice.options.value(), &handle_);
  call(name_, api_->info, handle_, &info_);
  publish(info_);
}

Ranks::~Ranks() {
  if (handle_) call_release(name_, api_->destroy, handle_);
}

// Whoever cannot exchange cannot say so to the others either.
void Ranks::exchange(const std::function<odeon_status()>& exchanged) {
  try {
    check_call(exchanged(), name_);
  } catch (const std::exception& e) {
    log(ODEON_LOG_ERROR, std::string(e.what()) + "; all ranks end");
    api_->abort(handle_, static_cast<int32_t>(ExitCode::run_failed));
  }
}

std::string Ranks::text_from(int64_t rank, std::string text) {
  int64_t length = std::ssize(text);
  const int32_t root = static_cast<int32_t>(rank);
  exchange([&] { return call_slot(name_, api_->broadcast, handle_, &length, int64_t{sizeof length}, root); });
  text.resize(static_cast<size_t>(length));
  exchange([&] { return call_slot(name_, api_->broadcast, handle_, text.data(), length, root); });
  return text;
}

void Ranks::meet(ExitCode code, const std::string& message) {
  if (size() == 1) return;
  std::vector<double> codes(size_t(size()), 0);
  codes[size_t(rank())] = static_cast<double>(code);
  exchange([&] { return call_slot(name_, api_->sum, handle_, codes.data(), ODEON_F64, size()); });
  const auto failed = std::find_if(codes.begin(), codes.end(), [](double c) { return c != 0; });
  if (failed == codes.end()) return;
  const int64_t which = failed - codes.begin();
  const std::string text = text_from(which, message);
  if (which == rank()) return;  // its own error goes on
  throw RankFailed(static_cast<ExitCode>(static_cast<int>(*failed)),
                   "rank " + std::to_string(which) + " of " + std::to_string(size()) + " failed: " + text);
}

void Ranks::sum(std::span<double> values) {
  if (size() == 1) return;
  meet();
  exchange(
      [&] { return call_slot(name_, api_->sum, handle_, values.data(), ODEON_F64, std::ssize(values)); });
}

void Ranks::sum(Array& values) {
  if (size() == 1) return;
  meet();
  exchange(
      [&] { return call_slot(name_, api_->sum, handle_, values.bytes.data(), values.dtype, values.size()); });
}

void Ranks::require_same(std::span<const std::byte> bytes, const std::string& what,
                         const std::string& remedy) {
  if (size() == 1) return;
  std::vector<double> digests(size_t(size()), 0);
  digests[size_t(rank())] = digest(bytes);
  sum(digests);
  std::vector<std::string> others;
  for (size_t r = 1; r < digests.size(); ++r)
    if (digests[r] != digests[0]) others.push_back(std::to_string(r));
  if (!others.empty())
    throw RunError(what + " must be the same on all ranks, to the last bit; that of rank " + joined(others) +
                   " differs from that of rank 0; " + remedy);
}

namespace {
// Everything that a configuration says, and not where.
std::string content_of(const ConfigNode& node) {
  std::string text = std::to_string(static_cast<int>(node.kind)) + node.text + (node.quoted ? "\"" : "");
  for (const auto& [key, value] : node.entries) text += "{" + key + ":" + content_of(value) + "}";
  for (const ConfigNode& item : node.items) text += "[" + content_of(item) + "]";
  return text;
}
}  // namespace

std::shared_ptr<Ranks> open_ranks(const ConfigNode& root, const Registry& registry) {
  const ConfigNode* node = root.find("communicator");
  if (!node) return std::make_shared<Ranks>();
  auto ranks = std::make_shared<Ranks>(bind_component(ODEON_KIND_COMMUNICATOR, *node, registry));
  if (const Launched l = launched(); l.size > 1 && ranks->size() == 1)
    bad(*node, std::to_string(l.size) +
                   " processes were started together, but this communicator finds one; "
                   "start them with the mpirun of the MPI library that it was built with");
  const std::string text = content_of(root);
  ranks->together([&] {
    ranks->require_same(std::as_bytes(std::span(text)), "the configuration",
                        "start all ranks with one command line, and with the same files");
  });
  return ranks;
}

}  // namespace odeon::host
