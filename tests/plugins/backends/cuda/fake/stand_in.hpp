// What the parts of the stand-in share: its lock, who is where, and streams whose work waits to be run.
#pragma once
#include <cuda_runtime.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace fake {

// A rule of CUDA's is broken: says so and ends the process.
[[noreturn]] void die(const std::string& why);
// Kept for cudaGetLastError.
cudaError_t failed(cudaError_t error);
// Held by whoever changes anything here, and while work runs: one thing happens at a time.
class Lock {
 public:
  void lock();
  void unlock();
  // body() without it, however often this thread holds it: kernels of several threads wait for each other.
  void without(const std::function<void()>& body);

 private:
  std::recursive_mutex mutex_;
};
Lock& everything();
// ODEON_FAKE_SEED; 0 without it.
unsigned seed();
// Numbers below `end` from the seed; for 0 always 0, which is the laziest order.
unsigned chance(unsigned end);

// Work in the order in which it was put. It runs when somebody waits for it, as late as can be, or, with a
// seed, some of it sooner.
struct Queue {
  int device = 0;
  std::deque<std::function<void()>> work;
  int64_t put = 0, done = 0;
  bool beside = false;  // a thread runs the work while the host goes on
  void run_until(int64_t count);
  void run_beside(int64_t count);
};
Queue& queue_of(cudaStream_t stream);
void enqueue(cudaStream_t stream, std::function<void()> work);

int current_device();  // of this thread
int device_count();
// Behind the 9 of its compute capability; by who compiles generated source.
extern const int minor_capability;
void expect_here(int device, const char* what);
// What a thread must not do while a stream of its own is being captured.
void forbid_in_capture(const char* call);

// Objects that exist; those that are left when the process ends are told as an error.
void count(const char* kind, int change);

// body() with the memory of a device in reach; the red zones around each piece are looked at behind it. Other
// threads of the host may go on meanwhile, unless the caller holds the lock.
void with_memory(int device, const std::function<void()>& body);
// What kernels of a device may touch.
std::vector<Range> live_memory(int device);
// For the next grid, as `order` says.
unsigned seed_of_grid();
// How many have begun, with the one that runs.
int64_t grids_begun();

}  // namespace fake
