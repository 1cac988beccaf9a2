// Devices, errors and who has what of the stand-in.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <utility>

#include "fake/stand_in.hpp"

namespace {

constexpr int kMajor = 9;
thread_local int device_here = 0, times_held = 0;
thread_local cudaError_t last_error = cudaSuccess;

std::map<std::string, int>& counts() {
  static auto* all = new std::map<std::string, int>;
  return *all;
}

// When the process ends, behind everything that could still give something back.
[[gnu::destructor]] void tell_leaks() {
  for (const auto& [kind, left] : counts())
    if (left != 0) fake::die(std::to_string(left) + " " + kind + " not given back when the process ended");
}

}  // namespace

void fake::die(const std::string& why) {
  std::fprintf(stderr, "fake device: %s\n", why.c_str());
  std::abort();
}
void fake::Lock::lock() {
  mutex_.lock();
  ++times_held;
}
void fake::Lock::unlock() {
  --times_held;
  mutex_.unlock();
}
void fake::Lock::without(const std::function<void()>& body) {
  const int times = times_held;
  for (int i = 0; i < times; ++i) unlock();
  body();
  for (int i = 0; i < times; ++i) lock();
}
fake::Lock& fake::everything() {
  static auto* all = new Lock;
  return *all;
}
unsigned fake::seed() {
  const char* text = std::getenv("ODEON_FAKE_SEED");
  return text ? unsigned(std::atoi(text)) : 0;
}
unsigned fake::chance(unsigned end) {
  static auto* engine = new std::mt19937(seed());
  return seed() != 0 ? (*engine)() % end : 0;
}
void fake::count(const char* kind, int change) {
  const std::lock_guard lock(everything());
  counts()[kind] += change;
}
int fake::current_device() { return device_here; }
// One, or as many as a test wants.
int fake::device_count() {
  const char* wanted = std::getenv("ODEON_FAKE_GPUS");
  return wanted ? std::atoi(wanted) : 1;
}
void fake::expect_here(int device, const char* what) {
  if (device != device_here)
    die(std::string(what) + " of device " + std::to_string(device) + " while the thread's device is " +
        std::to_string(device_here));
}

cudaError_t fake::failed(cudaError_t error) { return last_error = error; }
void fake::expect_no_old_error() {
  if (last_error != cudaSuccess)
    die("error " + std::to_string(last_error) + " was left for whoever asks next: the start of a kernel");
}

const char* cudaGetErrorString(cudaError_t e) {
  return e == cudaErrorMemoryAllocation ? "out of memory" : "an error";
}
const char* cudaGetErrorName(cudaError_t e) {
  return e == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "cudaErrorUnknown";
}
cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }
cudaError_t cudaGetDeviceCount(int* count) {
  if (const char* wanted = std::getenv("ODEON_FAKE_NO_DEVICE"))  // why there is none
    return fake::failed(cudaError_t(std::atoi(wanted)));
  *count = fake::device_count();
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int d) {
  if (d < 0 || d >= fake::device_count()) return fake::failed(cudaErrorInvalidValue);
  device_here = d;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* out, int) {
  *out = {"fake_gpu, a stand-in", kMajor, fake::minor_capability};
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* out, cudaDeviceAttr attribute, int) {
  const char* cooperates = std::getenv("ODEON_FAKE_COOPERATION");  // 0: as a device without it
  *out = attribute == cudaDevAttrComputeCapabilityMajor   ? kMajor
         : attribute == cudaDevAttrComputeCapabilityMinor ? fake::minor_capability
         : attribute == cudaDevAttrMultiProcessorCount    ? int(fake::kMultiprocessors)
         : attribute == cudaDevAttrCooperativeLaunch      ? !cooperates || std::atoi(cooperates) != 0
                                                          : 0;
  return cudaSuccess;
}
