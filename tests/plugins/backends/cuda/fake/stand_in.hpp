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
// Held by whoever changes anything here, and while work runs: one thing happens at a time.
std::recursive_mutex& everything();
// Numbers below `end` from ODEON_FAKE_SEED; without it always 0, which is the laziest order.
unsigned chance(unsigned end);

// Work in the order in which it was put. It runs when somebody waits for it, as late as can be, or, with a
// seed, some of it sooner.
struct Queue {
  int device = 0;
  std::deque<std::function<void()>> work;
  int64_t put = 0, done = 0;
  void run_until(int64_t count);
};
Queue& queue_of(cudaStream_t stream);
void enqueue(cudaStream_t stream, std::function<void()> work);

int current_device();  // of this thread
int device_count();
void expect_here(int device, const char* what);
// What a thread must not do while a stream of its own is being captured.
void forbid_in_capture(const char* call);

// Objects that exist; those that are left when the process ends are told as an error.
void count(const char* kind, int change);

// body() with the memory of a device in reach; the red zones around each piece are looked at behind it.
void with_memory(int device, const std::function<void()>& body);

}  // namespace fake
