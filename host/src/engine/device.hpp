// An opened backend with its queue, and memory on it. The host's only way to a device.
#pragma once
#include <odeon/backend.h>
#include <odeon/ext/graph.h>
#include <odeon/ext/solve.h>
#include <odeon/ext/solve_gradient.h>

#include <memory>
#include <odeon/sdk/tensor.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

struct LoadedComponent;

// Shared by everything that computes on it; one queue, used by one thread at a time.
class Backend {
 public:
  // options: a checked MAP of the component's schema. Throws with the backend's own words.
  static std::shared_ptr<Backend> open(const LoadedComponent& component, const odeon_value* options);
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  const odeon_backend_api& api() const { return *api_; }
  odeon_backend* handle() const { return handle_; }
  odeon_queue* queue() const { return queue_; }
  const odeon_backend_info& info() const { return info_; }
  const std::string& id() const { return id_; }
  const std::string& name() const { return name_; }                        // "backend 'cpu'", for messages
  const odeon_backend_graph_api* graph_api() const { return graph_api_; }  // NULL: the host interprets graphs
  const odeon_backend_solve_api* solve_api() const { return solve_api_; }  // NULL: the host drives all steps
  const odeon_backend_solve_gradient_api* solve_gradient_api() const { return solve_gradient_api_; }  // likewise
  // With `backend: auto`: the backends that do not open here, and why.
  std::vector<std::string> passed_over;

  void upload(void* to, const void* from, int64_t bytes);
  void download(void* to, const void* from, int64_t bytes);
  void copy(const odeon_tensor& to, const odeon_tensor& from);
  void fill(const odeon_tensor& out, double value);
  // z = base + scale * sum_i c[i] x[i]; base may be null.
  void lincomb(const odeon_tensor& z, const odeon_tensor* base, double scale, std::span<const double> c,
               std::span<const odeon_tensor> x);
  // One f64 that lies in backend memory.
  double read(const double* on_device);

 private:
  Backend() = default;
  std::shared_ptr<const void> keep_alive_;
  std::string id_, name_;
  const odeon_backend_api* api_ = nullptr;
  odeon_backend* handle_ = nullptr;
  odeon_queue* queue_ = nullptr;
  odeon_backend_info info_{};
  const odeon_backend_graph_api* graph_api_ = nullptr;
  const odeon_backend_solve_api* solve_api_ = nullptr;
  const odeon_backend_solve_gradient_api* solve_gradient_api_ = nullptr;
};

// Owned backend memory.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<Backend> backend, int64_t bytes);
  ~Buffer();
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }

  void* data() const { return data_; }
  int64_t bytes() const { return bytes_; }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
  }
  std::shared_ptr<Backend> backend_;
  void* data_ = nullptr;
  int64_t bytes_ = 0;
};

// A buffer with a shape.
struct DeviceTensor {
  DeviceTensor() = default;
  DeviceTensor(const std::shared_ptr<Backend>& backend, int32_t dtype, std::span<const int64_t> shape);
  // Of the dtype and shape of x, without its values.
  static DeviceTensor like(const std::shared_ptr<Backend>& backend, const odeon_tensor& x) {
    return {backend, x.dtype, {x.shape, static_cast<size_t>(x.rank)}};
  }
  Buffer buffer;
  odeon_tensor view{};
};

}  // namespace odeon::host
