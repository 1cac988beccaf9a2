// Device memory of the stand-in: one range of addresses that nobody can touch outside of kernels and copies.
#include <cuda_runtime.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace {

constexpr size_t kDeviceBytes = size_t{1} << 30, kLine = 256;

[[noreturn]] void die(const char* why) {
  std::fprintf(stderr, "fake device: %s\n", why);
  std::abort();
}

struct Device {
  char* base;
  std::mutex mutex;
  std::map<size_t, size_t> taken;  // offset, bytes

  Device() {
    void* p = mmap(nullptr, kDeviceBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) die("no address range");
    base = static_cast<char*>(p);
  }
  bool holds(const void* p) const {
    const auto* c = static_cast<const char*>(p);
    return c >= base && c < base + kDeviceBytes;
  }
  // All of [p, p + bytes) is in one allocation.
  bool holds(const void* p, size_t bytes) {
    if (!holds(p)) return false;
    const auto at = static_cast<size_t>(static_cast<const char*>(p) - base);
    auto after = taken.upper_bound(at);
    if (after == taken.begin()) return false;
    --after;
    return at + bytes <= after->first + after->second;
  }
  void open() { mprotect(base, kDeviceBytes, PROT_READ | PROT_WRITE); }
  void close() { mprotect(base, kDeviceBytes, PROT_NONE); }
};
Device& device() {
  static Device* d = new Device;
  return *d;
}
cudaError_t last_error = cudaSuccess;
cudaError_t failed(cudaError_t error) { return last_error = error; }

}  // namespace

void fake::with_memory(const std::function<void()>& body) {
  static thread_local bool open = false;
  if (open) return body();  // a kernel of a graph
  const std::lock_guard lock(device().mutex);
  open = true;
  device().open();
  body();
  device().close();
  open = false;
}

const char* cudaGetErrorString(cudaError_t e) {
  return e == cudaErrorMemoryAllocation ? "out of memory" : "an error";
}
const char* cudaGetErrorName(cudaError_t e) {
  return e == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "cudaErrorUnknown";
}
cudaError_t cudaGetLastError() {
  const cudaError_t e = last_error;
  last_error = cudaSuccess;
  return e;
}
// One, or as many as a test wants.
static int devices() {
  const char* wanted = std::getenv("ODEON_FAKE_GPUS");
  return wanted ? std::atoi(wanted) : 1;
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = devices();
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int d) {
  return d >= 0 && d < devices() ? cudaSuccess : failed(cudaErrorInvalidValue);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* out, int) {
  *out = {"fake_gpu, a stand-in", 9, 0};
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* out, cudaDeviceAttr attribute, int) {
  *out = attribute == cudaDevAttrComputeCapabilityMajor ? 9 : 0;
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* out, unsigned) {
  *out = reinterpret_cast<cudaStream_t>(new char);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  delete reinterpret_cast<char*>(s);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  fake::not_captured(stream, "the host waits");
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return cudaSuccess; }
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* out, unsigned) {
  *out = reinterpret_cast<cudaEvent_t>(new char);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  delete reinterpret_cast<char*>(e);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t stream) {
  fake::not_captured(stream, "an event is recorded");
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaMemPoolCreate(cudaMemPool_t* out, const cudaMemPoolProps*) {
  *out = reinterpret_cast<cudaMemPool_t>(new char);
  return cudaSuccess;
}
cudaError_t cudaMemPoolDestroy(cudaMemPool_t p) {
  delete reinterpret_cast<char*>(p);
  return cudaSuccess;
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }

// First fit; new memory is full of NaNs.
cudaError_t cudaMallocFromPoolAsync(void** out, size_t bytes, cudaMemPool_t, cudaStream_t stream) {
  fake::not_captured(stream, "memory is allocated");
  Device& d = device();
  size_t at = 0;
  {
    const std::lock_guard lock(d.mutex);
    if (bytes > kDeviceBytes) return failed(cudaErrorMemoryAllocation);
    for (const auto& [offset, size] : d.taken) {
      if (offset >= at + bytes) break;
      at = (offset + size + kLine - 1) / kLine * kLine;
    }
    if (at + bytes > kDeviceBytes) return failed(cudaErrorMemoryAllocation);
    d.taken[at] = bytes;
  }
  *out = d.base + at;
  fake::with_memory([&] { std::memset(*out, 0xff, bytes); });
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  fake::not_captured(stream, "memory is freed");
  const std::lock_guard lock(device().mutex);
  if (device().taken.erase(static_cast<size_t>(static_cast<char*>(memory) - device().base)) != 1)
    die("memory is freed that was not allocated");
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* available, size_t* total) {
  const std::lock_guard lock(device().mutex);
  *available = *total = kDeviceBytes;
  for (const auto& [offset, size] : device().taken) *available -= size;
  return cudaSuccess;
}
cudaError_t cudaHostAlloc(void** out, size_t bytes, unsigned) {
  *out = std::malloc(bytes);
  return *out ? cudaSuccess : failed(cudaErrorMemoryAllocation);
}
cudaError_t cudaFreeHost(void* memory) {
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
  fake::not_captured(stream, "a copy");
  if (kind == cudaMemcpyDeviceToHost) count_read();
  const bool to_device = kind != cudaMemcpyDeviceToHost, from_device = kind != cudaMemcpyHostToDevice;
  fake::with_memory([&] {
    if (to_device ? !device().holds(to, bytes) : device().holds(to))
      die("a copy to where it does not belong");
    if (from_device ? !device().holds(from, bytes) : device().holds(from))
      die("a copy from where it does not belong");
    std::memmove(to, from, bytes);
  });
  return cudaSuccess;
}
