#include "memory.hpp"

#include <algorithm>
#include <limits>

namespace odeon::cuda {
namespace {

// That keeps what is given back.
Pool make_pool(int device) {
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = device;
  cudaMemPool_t pool = nullptr;
  check_runtime(cudaMemPoolCreate(&pool, &properties), "creating a memory pool");
  Pool owned(pool);
  uint64_t keep = std::numeric_limits<uint64_t>::max();
  check_runtime(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep),
                "setting up the memory pool");
  return owned;
}

}  // namespace

Memory::Memory(int device, int64_t limit)
    : budget_(limit), pool_(make_pool(device)), stream_(make_stream()), used_(make_event()) {}

Memory::~Memory() { cudaStreamSynchronize(stream_.get()); }

void* Memory::allocate(int64_t bytes) {
  if (bytes == 0) return nullptr;
  if (bytes < 0) throw Error("alloc: a size of " + std::to_string(bytes) + " bytes is negative");
  if (!budget_.fits(bytes)) throw Error(budget_.refusal(bytes, -1), ODEON_E_NO_MEMORY);
  void* memory = nullptr;
  const auto attempt = [&] {
    return cudaMallocFromPoolAsync(&memory, static_cast<size_t>(bytes), pool_.get(), stream_.get());
  };
  cudaError_t error = attempt();
  if (error == cudaErrorMemoryAllocation) {
    // What was given back lies in pieces that the pool keeps, and may be too small each.
    cudaGetLastError();
    check_runtime(cudaStreamSynchronize(stream_.get()), "allocating device memory");
    check_runtime(cudaMemPoolTrimTo(pool_.get(), 0), "allocating device memory");
    error = attempt();
  }
  if (error == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    size_t available = 0, total = 0;
    const bool known = cudaMemGetInfo(&available, &total) == cudaSuccess;
    throw Error(budget_.refusal(bytes, known ? static_cast<int64_t>(available) : -1), ODEON_E_NO_MEMORY);
  }
  check_runtime(error, "allocating device memory");
  sizes_[memory] = bytes;
  budget_.take(bytes);
  check_runtime(cudaStreamSynchronize(stream_.get()), "allocating device memory");
  return memory;
}

void Memory::release(void* memory) noexcept {
  const auto found = sizes_.find(memory);
  if (found == sizes_.end()) return;
  budget_.give_back(found->second);
  sizes_.erase(found);
  // The stream of allocations goes on after all that is queued now. Errors here are those of earlier work,
  // which the next call on its queue reports.
  for (cudaStream_t s : streams_) {
    cudaEventRecord(used_.get(), s);
    cudaStreamWaitEvent(stream_.get(), used_.get(), 0);
  }
  cudaFreeAsync(memory, stream_.get());
}

void Memory::remove_stream(cudaStream_t stream) {
  streams_.erase(std::remove(streams_.begin(), streams_.end(), stream), streams_.end());
}

}  // namespace odeon::cuda
