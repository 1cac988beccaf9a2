// A queue is a stream with its staging memory.
#include <algorithm>

#include "backend.hpp"
#include "device.hpp"

using odeon::cuda::check_runtime;

odeon_queue::odeon_queue(odeon_backend* owner)
    : backend(owner),
      owned_(odeon::cuda::make_stream()),
      stream(owned_.get()),
      staging(std::make_unique<odeon::cuda::Staging>(stream)),
      partials_(owner->memory) {
  backend->memory.add_stream(stream);
}

odeon_queue::~odeon_queue() {
  cudaStreamSynchronize(stream);
  backend->memory.remove_stream(stream);
}

double* odeon_queue::partials(int64_t count) {
  return partials_.of<double>(std::max<int64_t>(count, 1024) * int64_t{sizeof(double)});
}

odeon::cuda::Cancel& odeon_queue::cancel() {
  if (!cancel_) cancel_ = std::make_unique<odeon::cuda::Cancel>(backend->host, backend->memory, stream);
  return *cancel_;
}

namespace odeon::cuda {

odeon_status queue_create(odeon_backend* backend, odeon_queue** out) {
  return barrier(backend->host, [&] {
    use(*backend);
    *out = new odeon_queue(backend);
  });
}

void queue_destroy(odeon_queue* queue) {
  barrier(queue->backend->host, [&] {
    use(*queue->backend);
    delete queue;
  });
}

odeon_status queue_wait(odeon_queue* queue) {
  return barrier(queue->backend->host, [&] {
    use(*queue->backend);
    check_runtime(cudaStreamSynchronize(queue->stream), "waiting for the queue");
  });
}

odeon_status copy(odeon_queue* queue, void* to, const void* from, int64_t bytes, int32_t direction) {
  return barrier(queue->backend->host, [&] {
    if (direction < ODEON_COPY_TO_DEVICE || direction > ODEON_COPY_ON_DEVICE)
      throw Error("copy: direction " + std::to_string(direction) +
                  " is not ODEON_COPY_TO_DEVICE, TO_HOST or ON_DEVICE");
    use(*queue->backend);
    if (direction == ODEON_COPY_TO_DEVICE) return queue->staging->to_device(to, from, bytes);
    if (direction == ODEON_COPY_TO_HOST) return queue->staging->to_host(to, from, bytes);
    if (bytes > 0 && to != from)
      check_runtime(
          cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, queue->stream),
          "copying on the device");
  });
}

}  // namespace odeon::cuda
