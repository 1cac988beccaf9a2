// The cuda backend: one device, a pool of its memory, and queues that are streams. Every call puts work on
// its queue and returns; sums have a fixed order, so the same inputs give the same bits.
#pragma once
#include <odeon/ext/graph.h>
#include <odeon/ext/solve.h>
#include <odeon/ext/solve_gradient.h>

#include <memory>
#include <string>

#include "compile/modules.hpp"
#include "joint/form.hpp"
#include "memory.hpp"
#include "solve/cancel.hpp"
#include "solve/row_form.hpp"
#include "staging.hpp"

namespace odeon::cuda {
// What a user chooses.
struct Choices {
  int64_t memory_limit;  // bytes; 0: none
  std::string cache;     // a folder, or nothing
  Precision precision;   // of the factors of f32 products
  std::optional<JointForm> joint_form;
  std::optional<RowForm> row_form;
};
}  // namespace odeon::cuda

struct odeon_backend {
  odeon_backend(const odeon_host* host_table, int device_index, const odeon::cuda::Choices& choices);
  const odeon_host* host;
  int device;
  std::string name;
  odeon::cuda::Precision precision;
  std::optional<odeon::cuda::JointForm> joint_form;
  std::optional<odeon::cuda::RowForm> row_form;
  int blocks_at_once;
  odeon::cuda::Memory memory;
  odeon::cuda::Modules modules;
};

struct odeon_queue {
  explicit odeon_queue(odeon_backend* owner);
  ~odeon_queue();
  odeon_queue(const odeon_queue&) = delete;
  odeon_queue& operator=(const odeon_queue&) = delete;

  // Room for partial results of a reduction; grows in the first calls, then stays.
  double* partials(int64_t count);
  // Of whole solves on this queue; made when it is first asked for.
  odeon::cuda::Cancel& cancel();

  odeon_backend* backend;

 private:
  const odeon::cuda::Stream owned_;

 public:
  const cudaStream_t stream;
  const std::unique_ptr<odeon::cuda::Staging> staging;

 private:
  odeon::cuda::Room partials_;
  std::unique_ptr<odeon::cuda::Cancel> cancel_;
};

namespace odeon::cuda {

// The device is a property of the thread.
void use(const odeon_backend& backend);

// instance.cpp
odeon_status create(const odeon_host* host, const odeon_value* options, odeon_backend** out);
void destroy(odeon_backend* backend);
odeon_status info(odeon_backend* backend, odeon_backend_info* out);
odeon_status alloc(odeon_backend* backend, int64_t bytes, void** out);
void release(odeon_backend* backend, void* memory);

// queue.cpp
odeon_status queue_create(odeon_backend* backend, odeon_queue** out);
void queue_destroy(odeon_queue* queue);
odeon_status queue_wait(odeon_queue* queue);
odeon_status copy(odeon_queue* queue, void* to, const void* from, int64_t bytes, int32_t direction);

// maths.cpp
odeon_status fill(odeon_queue* queue, const odeon_tensor* out, double value);
odeon_status lincomb(odeon_queue* queue, const odeon_tensor* z, const odeon_tensor* base, odeon_scalar scale,
                     int32_t n_terms, const double* coefficients, const odeon_tensor* terms);
odeon_status error_norm(odeon_queue* queue, const odeon_error_norm_args* args, double* result);
odeon_status reduce(odeon_queue* queue, int32_t operation, const odeon_tensor* x, double* result);
odeon_status dot(odeon_queue* queue, const odeon_tensor* x, const odeon_tensor* y, double* result);
odeon_status select(odeon_queue* queue, const odeon_tensor* z, const uint8_t* mask, const odeon_tensor* a,
                    const odeon_tensor* b);

// table.cpp
extern const odeon_backend_api kApi;
extern const odeon_option* const kOptions[6];

// graph/extension.cpp
extern const odeon_backend_graph_api kGraphApi;
extern const odeon_backend_solve_api kSolveApi;                   // solve/extension.cpp
extern const odeon_backend_solve_gradient_api kSolveGradientApi;  // likewise

}  // namespace odeon::cuda
