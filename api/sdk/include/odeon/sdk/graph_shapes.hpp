// Shapes of op results, and the rules a graph must keep; used by the builder and by the host on
// graphs of strangers. Throws odeon::Error with the op, the rule and the shapes found.
#pragma once
#include <odeon/graph.h>

#include <cmath>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/graph_ops.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon {

using Shape = std::vector<int64_t>;  // ODEON_BATCH may stand in front

inline std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + (shape[i] == ODEON_BATCH ? std::string("batch") : std::to_string(shape[i]));
  return text + "]";
}
inline Shape shape_of(const odeon_node& node) { return Shape(node.shape, node.shape + node.rank); }
inline bool has_batch(const Shape& shape) { return !shape.empty() && shape[0] == ODEON_BATCH; }

// Elements of one row (of everything, without a batch axis).
inline int64_t row_elements(const Shape& shape) {
  int64_t n = 1;
  for (int64_t d : shape)
    if (d != ODEON_BATCH) n *= d;
  return n;
}

namespace detail {

constexpr int64_t kMaxElements = int64_t{1} << 40;  // of one row; beyond it sizes are hostile or absurd

[[noreturn]] inline void shape_error(const odeon_node& node, const std::string& rule,
                                     std::span<const Shape> inputs) {
  const OpInfo* info = find_op(node.op);
  std::string text = "op " + std::string(info ? info->name : "?") + ": " + rule;
  for (const Shape& s : inputs) text += (&s == inputs.data() ? "; inputs " : ", ") + to_string(s);
  throw Error(text);
}

inline void check_shape(const odeon_node& node, const Shape& shape, std::span<const Shape> inputs) {
  if (shape.size() > ODEON_MAX_RANK) shape_error(node, "more than 8 axes", inputs);
  int64_t n = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == ODEON_BATCH && i == 0) continue;
    if (shape[i] < 0) shape_error(node, "axis " + std::to_string(i) + " has a negative length", inputs);
    if (shape[i] > 0 && n > kMaxElements / shape[i]) shape_error(node, "too many elements", inputs);
    n *= shape[i];
  }
}

inline int64_t axis_of(const odeon_node& node, const Shape& x, std::span<const Shape> inputs) {
  const int64_t axis = node.ints[0];
  if (axis < 0 || axis >= static_cast<int64_t>(x.size())) shape_error(node, "no such axis", inputs);
  if (x[size_t(axis)] == ODEON_BATCH) shape_error(node, "works along any axis but the batch", inputs);
  return axis;
}

inline Shape matmul_shape(const odeon_node& node, std::span<const Shape> in) {
  if (in[0].size() != 2 || in[1].size() != 2) shape_error(node, "takes two matrices", in);
  const bool ta = node.ints[0] != 0, tb = node.ints[1] != 0;
  const int64_t m = in[0][ta ? 1 : 0], k = in[0][ta ? 0 : 1], k2 = in[1][tb ? 1 : 0], n = in[1][tb ? 0 : 1];
  if (k != k2) shape_error(node, "inner lengths differ", in);
  if (n == ODEON_BATCH) shape_error(node, "the batch may not become the last axis", in);
  if (m == ODEON_BATCH && ta) shape_error(node, "the batch may not be transposed to the front", in);
  return {m, n};
}

inline Shape conv_shape(const odeon_node& node, std::span<const Shape> in) {
  if (in[0].size() != 4 || in[1].size() != 4) shape_error(node, "takes two 4-d tensors", in);
  const int64_t sh = node.ints[0], sw = node.ints[1], ph = node.ints[2], pw = node.ints[3];
  constexpr int64_t kMax = 1 << 20;
  if (sh < 1 || sw < 1 || ph < 0 || pw < 0 || sh > kMax || sw > kMax || ph > kMax || pw > kMax)
    shape_error(node, "strides must be >= 1 and paddings >= 0", in);
  const auto out = [&](int64_t size, int64_t kernel, int64_t stride, int64_t pad) {
    if (kernel < 1 || size + 2 * pad < kernel)
      shape_error(node, "the kernel is larger than the padded image", in);
    return (size + 2 * pad - kernel) / stride + 1;
  };
  if (node.op == ODEON_OP_CONV2D) {
    const Shape &x = in[0], &w = in[1];
    if (has_batch(w)) shape_error(node, "weights have no batch", in);
    if (x[1] != w[1]) shape_error(node, "input channels of image and weight differ", in);
    return {x[0], w[0], out(x[2], w[2], sh, ph), out(x[3], w[3], sw, pw)};
  }
  const int64_t last_h = node.ints[4], last_w = node.ints[5];
  if (last_h < 1 || last_w < 1 || last_h > kMax || last_w > kMax)
    shape_error(node, "bad size of the result", in);
  if (node.op == ODEON_OP_CONV2D_INPUT_GRAD) {
    const Shape &g = in[0], &w = in[1];
    if (has_batch(w) || g[1] != w[0]) shape_error(node, "output channels of gradient and weight differ", in);
    if (out(last_h, w[2], sh, ph) != g[2] || out(last_w, w[3], sw, pw) != g[3])
      shape_error(node, "no image of the stated size gives this gradient", in);
    return {g[0], w[1], last_h, last_w};
  }
  const Shape &x = in[0], &g = in[1];
  if (x[0] != g[0]) shape_error(node, "image and gradient have different rows", in);
  if (out(x[2], last_h, sh, ph) != g[2] || out(x[3], last_w, sw, pw) != g[3])
    shape_error(node, "no kernel of the stated size gives this gradient", in);
  return {g[1], x[1], last_h, last_w};
}

inline Shape structure_shape(const odeon_node& node, std::span<const Shape> in) {
  const Shape& x = in[0];
  const Shape declared = shape_of(node);
  switch (node.op) {
    case ODEON_OP_RESHAPE:
      if (has_batch(x) != has_batch(declared) || row_elements(x) != row_elements(declared))
        shape_error(node, "to " + to_string(declared) + " changes the number of elements or the batch", in);
      return declared;
    case ODEON_OP_BROADCAST:
      if (x.size() != declared.size())
        shape_error(node, "to " + to_string(declared) + " changes the rank", in);
      for (size_t i = 0; i < x.size(); ++i)
        if (x[i] != declared[i] && x[i] != 1)
          shape_error(node, "to " + to_string(declared) + " repeats an axis that is not 1", in);
      return declared;
    case ODEON_OP_SUM: {
      if (node.ints[0] < 0 || node.ints[0] >= (int64_t{1} << x.size())) shape_error(node, "no such axes", in);
      Shape out = x;
      for (size_t i = 0; i < x.size(); ++i)
        if (node.ints[0] >> i & 1) out[i] = 1;
      return out;
    }
    case ODEON_OP_CONCAT: {
      const size_t axis = static_cast<size_t>(axis_of(node, x, in));
      if (in[1].size() != x.size()) shape_error(node, "ranks differ", in);
      Shape out = x;
      for (size_t i = 0; i < x.size(); ++i)
        if (i != axis && in[1][i] != x[i]) shape_error(node, "shapes differ beside the joined axis", in);
      if (in[1][axis] == ODEON_BATCH) shape_error(node, "works along any axis but the batch", in);
      out[axis] += in[1][axis];
      return out;
    }
    case ODEON_OP_SLICE: {
      const size_t axis = static_cast<size_t>(axis_of(node, x, in));
      if (node.ints[1] < 0 || node.ints[2] < node.ints[1] || node.ints[2] > x[axis])
        shape_error(node, "needs 0 <= start <= stop <= length", in);
      Shape out = x;
      out[axis] = node.ints[2] - node.ints[1];
      return out;
    }
    case ODEON_OP_PAD: {
      const size_t axis = static_cast<size_t>(axis_of(node, x, in));
      if (node.ints[1] < 0 || node.ints[2] < 0 || node.ints[1] > kMaxElements || node.ints[2] > kMaxElements)
        shape_error(node, "needs amounts >= 0", in);
      Shape out = x;
      out[axis] += node.ints[1] + node.ints[2];
      return out;
    }
    default: {  // TRANSPOSE
      Shape out(x.size());
      uint32_t seen = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        const int64_t from = node.ints[i];
        if (from < 0 || from >= static_cast<int64_t>(x.size()) || (seen >> from & 1))
          shape_error(node, "is not a permutation", in);
        seen |= 1u << from;
        out[i] = x[size_t(from)];
        if (i > 0 && out[i] == ODEON_BATCH) shape_error(node, "must leave the batch in front", in);
      }
      return out;
    }
  }
}

}  // namespace detail

// The shape of a node's result. Sources and RESHAPE/BROADCAST declare theirs; it is checked.
inline Shape infer_shape(const odeon_node& node, std::span<const Shape> inputs) {
  using namespace detail;
  const OpInfo* info = find_op(node.op);
  if (!info) throw Error("unknown op code " + std::to_string(node.op));
  if (node.n_inputs != info->arity || static_cast<int32_t>(inputs.size()) != info->arity)
    shape_error(node, "takes " + std::to_string(info->arity) + " inputs", inputs);
  Shape shape;
  switch (info->family) {
    case OpFamily::source:
      shape = node.op == ODEON_OP_TIME ? Shape{ODEON_BATCH} : shape_of(node);
      if ((node.op == ODEON_OP_INPUT || node.op == ODEON_OP_PARAMETER) && node.ints[0] < 0)
        shape_error(node, "negative index or offset", inputs);
      if (node.op == ODEON_OP_PARAMETER && (has_batch(shape) || node.ints[0] > kMaxElements))
        shape_error(node, "parameters have no batch and an offset in range", inputs);
      break;
    case OpFamily::unary:
      shape = inputs[0];
      if (node.op == ODEON_OP_POWI && (node.ints[0] > 1024 || node.ints[0] < -1024))
        shape_error(node, "exponent beyond 1024", inputs);
      break;
    case OpFamily::binary:
    case OpFamily::select:
      for (const Shape& s : inputs)
        if (s != inputs[0]) shape_error(node, "shapes differ; broadcast first", inputs);
      shape = inputs[0];
      break;
    case OpFamily::structure:
      shape = structure_shape(node, inputs);
      break;
    case OpFamily::linear:
      shape = node.op == ODEON_OP_MATMUL ? matmul_shape(node, inputs) : conv_shape(node, inputs);
      break;
    case OpFamily::normalise:
      shape = inputs[0];
      if (node.op == ODEON_OP_LOG_SOFTMAX) {
        if (shape.empty() || shape.back() < 1) shape_error(node, "needs a last axis", inputs);
        break;
      }
      if (shape.size() < 2 || node.ints[0] < 1 || shape[1] < 1 || shape[1] % node.ints[0] != 0)
        shape_error(node, "groups (" + std::to_string(node.ints[0]) + ") must divide the channels", inputs);
      if (!(node.reals[0] >= 0)) shape_error(node, "eps must be >= 0", inputs);
      if (inputs.size() == 2 && inputs[1] != shape) shape_error(node, "shapes differ", inputs);
      break;
  }
  check_shape(node, shape, inputs);
  return shape;
}

// Every rule of graph.h for a whole graph, node by node.
inline void validate(const odeon_graph& graph) {
  constexpr int64_t kMaxNodes = 1 << 24;
  if (graph.n_nodes < 0 || graph.n_nodes > kMaxNodes || graph.n_outputs < 0 || graph.n_outputs > kMaxNodes)
    throw Error("graph: number of nodes or outputs out of range");
  if ((graph.n_nodes > 0 && !graph.nodes) || (graph.n_outputs > 0 && !graph.outputs))
    throw Error("graph: nodes or outputs are NULL");
  for (int64_t i = 0; i < graph.n_nodes; ++i) {
    const odeon_node& node = graph.nodes[i];
    const std::string where = "graph node " + std::to_string(i) + ": ";
    if (node.n_inputs < 0 || node.n_inputs > ODEON_NODE_MAX_INPUTS || node.rank < 0 ||
        node.rank > ODEON_MAX_RANK)
      throw Error(where + "number of inputs or rank out of range");
    for (double real : node.reals)
      if (std::isnan(real)) throw Error(where + "a real attribute is NaN");
    std::vector<Shape> inputs;
    for (int32_t k = 0; k < node.n_inputs; ++k) {
      if (node.inputs[k] < 0 || node.inputs[k] >= i) throw Error(where + "uses a node that is not before it");
      inputs.push_back(shape_of(graph.nodes[node.inputs[k]]));
    }
    Shape shape;
    try {
      shape = infer_shape(node, inputs);
    } catch (const Error& e) {
      throw Error(where + e.what());
    }
    if (shape != shape_of(node))
      throw Error(where + "declares " + to_string(shape_of(node)) + " but has " + to_string(shape));
  }
  for (int64_t i = 0; i < graph.n_outputs; ++i)
    if (graph.outputs[i] < 0 || graph.outputs[i] >= graph.n_nodes)
      throw Error("graph: output " + std::to_string(i) + " names no node");
}

}  // namespace odeon
