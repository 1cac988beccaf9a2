// Streams, events and other handles of the CUDA runtime that give themselves back.
#pragma once
#include <cuda_runtime_api.h>

#include <memory>
#include <type_traits>

#include "device.hpp"

namespace odeon::cuda {

template <auto kRelease>
struct Release {
  template <class T>
  void operator()(T* handle) const {
    kRelease(handle);
  }
};
template <class Handle, auto kRelease>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Release<kRelease>>;

using Stream = Owned<cudaStream_t, cudaStreamDestroy>;
using Event = Owned<cudaEvent_t, cudaEventDestroy>;
using Pool = Owned<cudaMemPool_t, cudaMemPoolDestroy>;
using Pinned = Owned<void*, cudaFreeHost>;  // memory of the host
using CudaGraph = Owned<cudaGraph_t, cudaGraphDestroy>;
using ReadyGraph = Owned<cudaGraphExec_t, cudaGraphExecDestroy>;

// That waits for no other stream.
inline Stream make_stream() {
  cudaStream_t stream = nullptr;
  check_runtime(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creating a stream");
  return Stream(stream);
}
// That knows no time.
inline Event make_event() {
  cudaEvent_t event = nullptr;
  check_runtime(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "creating an event");
  return Event(event);
}
inline Pinned make_pinned(size_t bytes) {
  void* memory = nullptr;
  check_runtime(cudaHostAlloc(&memory, bytes, cudaHostAllocDefault), "allocating pinned host memory");
  return Pinned(memory);
}

}  // namespace odeon::cuda
