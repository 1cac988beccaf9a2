// A recurrent cell over a sequence, forwards with every state kept, and back through them.
#pragma once
#include "autodiff/vjp.hpp"
#include "engine/graph_program.hpp"
#include "train/parameters.hpp"

namespace odeon::host {

class Recurrence {
 public:
  // cell: as cell_graph gives it; sequences of `steps` inputs for each of `rows` rows.
  Recurrence(std::shared_ptr<Backend> backend, const Graph& cell, int32_t dtype, int64_t steps, int64_t rows);

  // inputs [steps, rows, width], mask [steps, rows, 1], in the dtype on the host. The first state is zero.
  void forward(const odeon_tensor& theta, const Array& inputs, const Array& mask);
  // One more step from `from` to `to` [rows, hidden], with an input [rows, width] that every row takes.
  void step(const odeon_tensor& theta, const odeon_tensor& from, const Array& input, const odeon_tensor& to);

  // [steps + 1, rows, hidden], of the last forward.
  const odeon_tensor& states() const { return states_.view; }
  // Likewise: dL/dstates of what reads the states. backward adds what the steps add and leaves dL/dstates
  // there, and adds dL/dθ to `gradient`.
  const odeon_tensor& cotangents() const { return cotangents_.view; }
  void backward(const odeon_tensor& theta, const odeon_tensor& gradient);

 private:
  std::shared_ptr<Backend> backend_;
  int64_t steps_;
  DeviceTensor states_, cotangents_, inputs_, mask_, input_, ones_;
  GraphProgram forward_;
  VjpGraph meaning_;
  std::unique_ptr<GraphProgram> reverse_;
};

}  // namespace odeon::host
