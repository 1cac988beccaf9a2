// Memory of the stand-in: of each device one range of addresses that nobody can touch outside of kernels and
// copies, handed out by pools in the order of a stream, with red zones around each piece; and pinned host
// memory.
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include "fake/stand_in.hpp"

// What a pool has of the device: what it has handed out, and blocks that it keeps, of which each serves one
// piece that is not larger.
struct FakePool {
  int device;
  int pieces = 0;
  struct Block {
    size_t bytes;
    int64_t free_id;  // of what was in it; its work may not have run
  };
  std::vector<Block> kept;
};

namespace {

constexpr size_t kDeviceBytes = size_t{1} << 30, kLine = 256;
constexpr unsigned char kZone = 0xfe;  // large numbers of either precision

struct Piece {
  size_t bytes;  // asked for; a red zone of at least kLine before and behind
  cudaMemPool_t pool;
  size_t block = 0;  // of the pool
  size_t begin_zone(size_t at) const { return at - kLine; }
  size_t end(size_t at) const { return (at + bytes + kLine - 1) / kLine * kLine + kLine; }
};
// By where they begin, behind their first zone.
using Pieces = std::map<size_t, Piece>;

struct Device {
  char* base;
  Pieces taken;                                       // as the host sees it
  std::map<int64_t, std::pair<size_t, Piece>> freed;  // but still in use by work that has not run
  Pieces live;                                        // as work sees it
  int64_t frees = 0;
  size_t reserved = 0;  // by all pools
  int opened = 0;

  Device() {
    void* p = mmap(nullptr, kDeviceBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) fake::die("no address range");
    base = static_cast<char*>(p);
  }
  size_t offset(const void* p) const { return static_cast<size_t>(static_cast<const char*>(p) - base); }
  bool holds(const void* p) const {
    const auto* c = static_cast<const char*>(p);
    return c >= base && c < base + kDeviceBytes;
  }
  // All of [p, p + bytes) is in one piece.
  bool holds(const void* p, size_t bytes) const {
    if (!holds(p)) return false;
    const size_t at = offset(p);
    auto after = taken.upper_bound(at);
    if (after == taken.begin()) return false;
    --after;
    return at + bytes <= after->first + after->second.bytes;
  }
  // First fit. A pool takes what it freed, since all its work is in one order; others wait until it is free.
  size_t find(size_t bytes, cudaMemPool_t pool) const {
    std::vector<std::pair<size_t, size_t>> used;
    for (const auto& [at, piece] : taken) used.emplace_back(piece.begin_zone(at), piece.end(at));
    for (const auto& [id, p] : freed)
      if (p.second.pool != pool) used.emplace_back(p.second.begin_zone(p.first), p.second.end(p.first));
    std::sort(used.begin(), used.end());
    size_t at = kLine;
    const Piece wanted{bytes, pool};
    for (const auto& [begin, end] : used) {
      if (wanted.end(at) <= begin) break;
      at = std::max(at, end + kLine);
    }
    return wanted.end(at) <= kDeviceBytes ? at : 0;
  }
  void check(size_t at, const Piece& piece) const {
    const auto intact = [&](size_t from, size_t to) {
      for (size_t i = from; i < to; ++i)
        if (static_cast<unsigned char>(base[i]) != kZone) return false;
      return true;
    };
    if (!intact(piece.begin_zone(at), at)) fake::die("memory in front of a piece was written");
    if (!intact(at + piece.bytes, piece.end(at))) fake::die("memory behind the end of a piece was written");
  }
};
Device& device(int index) {
  static auto* all = new std::map<int, Device>;
  const std::lock_guard lock(fake::everything());
  return (*all)[index];
}

// Of a device. A test may want a small one.
size_t memory_of_device() {
  const char* wanted = std::getenv("ODEON_FAKE_BYTES");
  return wanted ? size_t(std::atoll(wanted)) : kDeviceBytes;
}

// The smallest block that is large enough, or a new one; 0: there is no room.
size_t take_block(Device& d, FakePool& pool, size_t bytes) {
  auto best = pool.kept.end();
  for (auto b = pool.kept.begin(); b != pool.kept.end(); ++b)
    if (b->bytes >= bytes && (best == pool.kept.end() || b->bytes < best->bytes)) best = b;
  if (best != pool.kept.end()) {
    const size_t block = best->bytes;
    pool.kept.erase(best);
    return block;
  }
  if (d.reserved + bytes > memory_of_device()) return 0;
  d.reserved += bytes;
  return bytes;
}

struct Pinned {
  size_t bytes;
  int copies = 0;  // that have not run
};
std::map<const char*, Pinned>& pinned() {
  static auto* all = new std::map<const char*, Pinned>;
  return *all;
}
Pinned& pinned_of(const void* memory, size_t bytes) {
  const auto* p = static_cast<const char*>(memory);
  auto after = pinned().upper_bound(p);
  if (after == pinned().begin()) fake::die("a copy of host memory that is not pinned waits for the device");
  --after;
  if (p + bytes > after->first + after->second.bytes)
    fake::die("a copy of host memory that is not pinned waits for the device");
  return after->second;
}

}  // namespace

void fake::with_memory(int index, const std::function<void()>& body) {
  Device& d = device(index);
  {
    const std::lock_guard lock(everything());
    if (d.opened++ == 0) mprotect(d.base, kDeviceBytes, PROT_READ | PROT_WRITE);
  }
  body();
  const std::lock_guard lock(everything());
  for (const auto& [at, piece] : d.live) d.check(at, piece);
  if (--d.opened == 0) mprotect(d.base, kDeviceBytes, PROT_NONE);
}

std::vector<fake::Range> fake::live_memory(int index) {
  const std::lock_guard lock(everything());
  Device& d = device(index);
  std::vector<Range> out;
  for (const auto& [at, piece] : d.live) out.push_back({d.base + at, piece.bytes});
  return out;
}
std::vector<fake::Range>& fake::lent_by_host() {
  static auto* all = new std::vector<Range>;
  return *all;
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t* out, const cudaMemPoolProps* p) {
  fake::forbid_in_capture("cudaMemPoolCreate");
  if (p->allocType != cudaMemAllocationTypePinned || p->location.type != cudaMemLocationTypeDevice ||
      p->location.id < 0 || p->location.id >= fake::device_count())
    return fake::failed(cudaErrorInvalidValue);
  *out = new FakePool{p->location.id, 0, {}};
  fake::count("memory pools", 1);
  return cudaSuccess;
}
cudaError_t cudaMemPoolDestroy(cudaMemPool_t p) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaMemPoolDestroy");
  if (p->pieces != 0)
    fake::die("a memory pool is destroyed with " + std::to_string(p->pieces) + " pieces in use");
  for (const auto& [id, freed] : device(p->device).freed)
    if (freed.second.pool == p) fake::die("a memory pool is destroyed before its frees have run");
  for (const FakePool::Block& block : p->kept) device(p->device).reserved -= block.bytes;
  fake::count("memory pools", -1);
  delete p;
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void* value) {
  return value ? cudaSuccess : fake::failed(cudaErrorInvalidValue);
}

// Blocks whose frees have run go back to the device.
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t pool, size_t bytes) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaMemPoolTrimTo");
  Device& d = device(pool->device);
  if (bytes != 0) fake::die("cudaMemPoolTrimTo: only to 0 here");
  std::erase_if(pool->kept, [&](const FakePool::Block& block) {
    const bool idle = !d.freed.contains(block.free_id);
    if (idle) d.reserved -= block.bytes;
    return idle;
  });
  return cudaSuccess;
}

// New memory is full of NaNs.
cudaError_t cudaMallocFromPoolAsync(void** out, size_t bytes, cudaMemPool_t pool, cudaStream_t stream) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaMallocFromPoolAsync");
  if (pool->device != fake::queue_of(stream).device)
    fake::die("memory of one device in the order of another's stream");
  Device& d = device(pool->device);
  if (bytes > kDeviceBytes) return fake::failed(cudaErrorMemoryAllocation);
  const size_t block = take_block(d, *pool, bytes), at = block == 0 ? 0 : d.find(bytes, pool);
  if (at == 0) {
    if (block != 0) pool->kept.push_back({block, -1});
    return fake::failed(cudaErrorMemoryAllocation);
  }
  const Piece piece{bytes, pool, block};
  d.taken[at] = piece;
  ++pool->pieces;
  *out = d.base + at;
  fake::enqueue(stream, [&d, at, piece, index = pool->device] {
    const std::lock_guard lock(fake::everything());
    fake::with_memory(index, [&] {
      std::memset(d.base + piece.begin_zone(at), kZone, piece.end(at) - piece.begin_zone(at));
      std::memset(d.base + at, 0xff, piece.bytes);
      d.live[at] = piece;
    });
  });
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaFreeAsync");
  const int index = fake::queue_of(stream).device;
  Device& d = device(index);
  const auto found = d.holds(memory) ? d.taken.find(d.offset(memory)) : d.taken.end();
  if (found == d.taken.end()) fake::die("memory is freed that was not allocated");
  const auto [at, piece] = *found;
  d.taken.erase(found);
  --piece.pool->pieces;
  const int64_t id = d.frees++;
  d.freed[id] = {at, piece};
  piece.pool->kept.push_back({piece.block, id});
  fake::enqueue(stream, [&d, at = at, piece = piece, index, id] {
    const std::lock_guard lock(fake::everything());
    fake::with_memory(index, [&] {
      d.check(at, piece);
      std::memset(d.base + at, 0xff, piece.bytes);
      d.live.erase(at);
      d.freed.erase(id);
    });
  });
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* available, size_t* total) {
  const std::lock_guard lock(fake::everything());
  *total = memory_of_device();
  *available = *total - device(fake::current_device()).reserved;
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** out, size_t bytes, unsigned) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaHostAlloc");
  *out = std::malloc(bytes);
  if (!*out) return fake::failed(cudaErrorMemoryAllocation);
  pinned()[static_cast<const char*>(*out)] = {bytes};
  fake::count("pieces of pinned memory", 1);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaFreeHost");
  const auto found = pinned().find(static_cast<const char*>(memory));
  if (found == pinned().end()) fake::die("pinned memory is freed that was not allocated");
  if (found->second.copies > 0) fake::die("pinned memory is freed that a copy still needs");
  pinned().erase(found);
  fake::count("pieces of pinned memory", -1);
  std::free(memory);
  return cudaSuccess;
}

// For a test that counts what the host reads; it is in this process.
static void count_read() {
  if (const char* counter = std::getenv("ODEON_FAKE_READS"))
    ++*reinterpret_cast<int64_t*>(std::strtoull(counter, nullptr, 10));
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaMemcpyAsync");
  const int index = fake::queue_of(stream).device;
  Device& d = device(index);
  const bool to_device = kind != cudaMemcpyDeviceToHost, from_device = kind != cudaMemcpyHostToDevice;
  if (to_device ? !d.holds(to, bytes) : d.holds(to)) fake::die("a copy to where it does not belong");
  if (from_device ? !d.holds(from, bytes) : d.holds(from)) fake::die("a copy from where it does not belong");
  Pinned* host = !to_device ? &pinned_of(to, bytes) : !from_device ? &pinned_of(from, bytes) : nullptr;
  if (host) ++host->copies;
  if (!to_device) count_read();
  fake::enqueue(stream, [=] {
    const std::lock_guard lock(fake::everything());
    fake::with_memory(index, [&] { std::memmove(to, from, bytes); });
    if (host) --host->copies;
  });
  return cudaSuccess;
}
