// The naive interpreter of op graphs on host memory: the definition of every op, the oracle of the
// tests, and the host's fallback for backends that compile no graphs.
#pragma once
#include <odeon/ext/graph.h>

#include <odeon/sdk/graph_eval/elementwise.hpp>
#include <odeon/sdk/graph_eval/linear.hpp>
#include <odeon/sdk/graph_eval/normalise.hpp>
#include <odeon/sdk/graph_eval/structure.hpp>
#include <odeon/sdk/graph_ops.hpp>
#include <odeon/sdk/tensor.hpp>
#include <vector>

namespace odeon {

template <class T>
constexpr int32_t dtype_of() {
  return sizeof(T) == 4 ? ODEON_F32 : ODEON_F64;
}

// The shape of a node with the batch size filled in.
inline odeon_tensor bound_shape(const odeon_node& node, int64_t batch, int32_t dtype) {
  odeon_tensor x{};
  x.dtype = dtype;
  x.rank = node.rank;
  for (int32_t i = 0; i < node.rank; ++i) x.shape[i] = node.shape[i] == ODEON_BATCH ? batch : node.shape[i];
  return x;
}

// T: float or double. Allocates when constructed, never in run. The graph must be valid.
template <class T>
class Interpreter {
 public:
  Interpreter(const odeon_graph& graph, int64_t batch)
      : nodes_(graph.nodes, graph.nodes + graph.n_nodes),
        outputs_(graph.outputs, graph.outputs + graph.n_outputs) {
    int64_t total = 0;
    std::vector<int64_t> offsets;
    for (const odeon_node& node : nodes_) {
      values_.push_back(bound_shape(node, batch, dtype_of<T>()));
      offsets.push_back(total);
      if (!is_alias(node)) total += element_count(values_.back());
    }
    memory_.resize(static_cast<size_t>(total));
    for (size_t i = 0; i < nodes_.size(); ++i) values_[i].data = memory_.data() + offsets[i];
  }

  // Tensors of args are host memory here; a device t is read as host memory too.
  void run(const odeon_plan_args& args) {
    for (size_t i = 0; i < nodes_.size(); ++i) evaluate(i, args);
    for (size_t k = 0; k < outputs_.size(); ++k) {
      const odeon_tensor& value = values_[size_t(outputs_[k])];
      const int64_t n = element_count(value);
      T* to = data<T>(args.outputs[k]);
      if (args.modes[k] == ODEON_WRITE_OVERWRITE) std::copy_n(data<T>(value), n, to);
      if (args.modes[k] == ODEON_WRITE_ACCUMULATE)
        for (int64_t i = 0; i < n; ++i) to[i] += data<T>(value)[i];
    }
  }

  int64_t bytes() const { return static_cast<int64_t>(memory_.size() * sizeof(T)); }

 private:
  // Values that live elsewhere: in the caller's tensors, or under another shape.
  static bool is_alias(const odeon_node& node) {
    return node.op == ODEON_OP_INPUT || node.op == ODEON_OP_PARAMETER || node.op == ODEON_OP_RESHAPE;
  }

  void evaluate(size_t i, const odeon_plan_args& args) {
    const odeon_node& node = nodes_[i];
    odeon_tensor& z = values_[i];
    const auto in = [&](int k) -> const odeon_tensor& { return values_[size_t(node.inputs[k])]; };
    const int64_t n = element_count(z);
    switch (node.op) {
      case ODEON_OP_INPUT:
        z.data = args.inputs[node.ints[0]].data;
        return;
      case ODEON_OP_PARAMETER:
        z.data = data<T>(*args.theta) + node.ints[0];
        return;
      case ODEON_OP_RESHAPE:
        z.data = in(0).data;
        return;
      case ODEON_OP_CONSTANT:
        std::fill_n(data<T>(z), n, static_cast<T>(node.reals[0]));
        return;
      case ODEON_OP_TIME:
        for (int64_t r = 0; r < n; ++r)
          data<T>(z)[r] = static_cast<T>(args.t.device ? args.t.device[r * args.t.stride] : args.t.value);
        return;
      case ODEON_OP_BROADCAST:
        return eval::broadcast<T>(in(0), z);
      case ODEON_OP_SUM:
        return eval::sum<T>(in(0), z);
      case ODEON_OP_CONCAT:
        return eval::concat<T>(node, in(0), in(1), z);
      case ODEON_OP_SLICE:
        return eval::slice<T>(node, in(0), z);
      case ODEON_OP_PAD:
        return eval::pad<T>(node, in(0), z);
      case ODEON_OP_TRANSPOSE:
        return eval::transpose<T>(node, in(0), z);
      case ODEON_OP_MATMUL:
        return eval::matmul<T>(node, in(0), in(1), z);
      case ODEON_OP_CONV2D:
        return eval::conv2d<T>(node, in(0), in(1), z);
      case ODEON_OP_CONV2D_INPUT_GRAD:
        return eval::conv2d_input_grad<T>(node, in(0), in(1), z);
      case ODEON_OP_CONV2D_WEIGHT_GRAD:
        return eval::conv2d_weight_grad<T>(node, in(0), in(1), z);
      case ODEON_OP_GROUP_NORM:
        return eval::group_norm<T>(node, in(0), z);
      case ODEON_OP_GROUP_NORM_GRAD:
        return eval::group_norm_grad<T>(node, in(0), in(1), z);
      case ODEON_OP_LOG_SOFTMAX:
        return eval::log_softmax<T>(in(0), z);
      case ODEON_OP_SELECT:
        for (int64_t e = 0; e < n; ++e)
          data<T>(z)[e] = data<T>(in(0))[e] != 0 ? data<T>(in(1))[e] : data<T>(in(2))[e];
        return;
      default:
        break;
    }
    if (find_op(node.op)->family == OpFamily::unary)
      for (int64_t e = 0; e < n; ++e) data<T>(z)[e] = eval::unary(node, data<T>(in(0))[e]);
    else
      for (int64_t e = 0; e < n; ++e)
        data<T>(z)[e] = eval::binary(node, data<T>(in(0))[e], data<T>(in(1))[e]);
  }

  std::vector<odeon_node> nodes_;
  std::vector<int32_t> outputs_;
  std::vector<odeon_tensor> values_;
  std::vector<T> memory_;
};

}  // namespace odeon
