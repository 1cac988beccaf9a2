// Streams and events of the stand-in. Nothing of a stream runs before somebody waits for it: what reads a
// result too early, or lets go of what a copy or a kernel still needs, is seen.
#include <algorithm>
#include <thread>

#include "fake/stand_in.hpp"

struct FakeStream {
  std::shared_ptr<fake::Queue> queue = std::make_shared<fake::Queue>();
};
struct FakeEvent {
  int device;
  std::shared_ptr<fake::Queue> queue;  // where it was last recorded, behind `count` pieces of work
  int64_t count = 0;
};

namespace {

FakeStream& stream_of(cudaStream_t s, const char* call) {
  if (!s) fake::die(std::string(call) + ": the legacy stream, which waits for nobody here");
  return *s;
}

}  // namespace

fake::Queue& fake::queue_of(cudaStream_t stream) { return *stream_of(stream, "a stream").queue; }

void fake::Queue::run_until(int64_t count) {
  if (beside && done < count) die("the host waits for a stream whose event is being asked for");
  while (done < count) {
    const std::function<void()> next = std::move(work.front());
    work.pop_front();
    next();
    ++done;
  }
}

void fake::Queue::run_beside(int64_t count) {
  for (;;) {
    std::function<void()> next;
    {
      const std::lock_guard lock(everything());
      beside = done < count;
      if (!beside) return;
      next = std::move(work.front());
      work.pop_front();
    }
    next();
    const std::lock_guard lock(everything());
    ++done;
  }
}

void fake::enqueue(cudaStream_t stream, std::function<void()> work) {
  const std::lock_guard lock(everything());
  Queue& q = queue_of(stream);
  expect_here(q.device, "work for a stream");
  q.work.push_back(std::move(work));
  ++q.put;
  if (!q.beside && chance(2) == 1) q.run_until(q.done + chance(unsigned(q.work.size()) + 1));
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* out, unsigned flags) {
  fake::forbid_in_capture("cudaStreamCreateWithFlags");
  if (flags != cudaStreamNonBlocking) fake::die("a stream that the legacy stream waits for");
  *out = new FakeStream;
  (*out)->queue->device = fake::current_device();
  fake::count("streams", 1);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t s) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaStreamDestroy");
  fake::Queue& q = fake::queue_of(s);
  fake::expect_here(q.device, "a stream");
  q.run_until(q.put);
  fake::count("streams", -1);
  delete s;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t s) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaStreamSynchronize");
  fake::Queue& q = fake::queue_of(s);
  fake::expect_here(q.device, "a stream");
  q.run_until(q.put);
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* out, unsigned) {
  *out = new FakeEvent{fake::current_device(), nullptr};
  fake::count("events", 1);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  fake::count("events", -1);
  delete e;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t s) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaEventRecord");
  e->queue = stream_of(s, "cudaEventRecord").queue;
  if (e->queue->device != e->device) fake::die("an event is recorded on a stream of another device");
  fake::expect_here(e->device, "an event");
  e->count = e->queue->put;
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t e, unsigned) {
  fake::forbid_in_capture("cudaStreamWaitEvent");
  if (!e->queue) return cudaSuccess;
  fake::enqueue(s, [queue = e->queue, count = e->count] {
    const std::lock_guard lock(fake::everything());
    queue->run_until(count);
  });
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaEventSynchronize");
  if (e->queue) e->queue->run_until(e->count);
  return cudaSuccess;
}
// The work runs beside the host from the first question on.
cudaError_t cudaEventQuery(cudaEvent_t e) {
  const std::lock_guard lock(fake::everything());
  fake::forbid_in_capture("cudaEventQuery");
  if (!e->queue || (!e->queue->beside && e->queue->done >= e->count)) return cudaSuccess;
  if (!e->queue->beside) {
    e->queue->beside = true;
    std::thread([queue = e->queue, count = e->count] { queue->run_beside(count); }).detach();
  }
  return fake::failed(cudaErrorNotReady);
}
