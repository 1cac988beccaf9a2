// Building op graphs. Equal nodes are found when built, and trivial algebra is done on the way
// (x+0, x*1, x*0 -> 0 even where x is not finite, --x, constants), so derivative graphs stay small.
#pragma once
#include <cstring>
#include <map>
#include <odeon/sdk/graph_shapes.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon {

// An owned graph; a value type.
struct Graph {
  std::vector<odeon_node> nodes;
  std::vector<int32_t> outputs;

  odeon_graph view() const {
    odeon_graph g{};
    g.struct_size = sizeof g;
    g.nodes = nodes.data();
    g.n_nodes = static_cast<int64_t>(nodes.size());
    g.outputs = outputs.data();
    g.n_outputs = static_cast<int64_t>(outputs.size());
    return g;
  }
  Shape shape(int32_t node) const { return shape_of(nodes[size_t(node)]); }
};

// A value in a graph under construction.
struct Value {
  int32_t id = -1;
  friend bool operator==(Value, Value) = default;
};

class GraphBuilder {
 public:
  // Sources.
  Value input(int64_t index, const Shape& shape) { return source(ODEON_OP_INPUT, shape, index, 0); }
  Value time() { return source(ODEON_OP_TIME, {ODEON_BATCH}, 0, 0); }
  Value constant(double value, const Shape& shape = {}) { return source(ODEON_OP_CONSTANT, shape, 0, value); }
  Value parameter(int64_t offset, const Shape& shape) { return source(ODEON_OP_PARAMETER, shape, offset, 0); }

  // Elementwise.
  Value neg(Value x) {
    if (node(x).op == ODEON_OP_NEG) return {node(x).inputs[0]};
    if (is_constant(x)) return constant(-node(x).reals[0], shape(x));
    return unary(ODEON_OP_NEG, x);
  }
  Value exp(Value x) { return unary(ODEON_OP_EXP, x); }
  Value log(Value x) { return unary(ODEON_OP_LOG, x); }
  Value sin(Value x) { return unary(ODEON_OP_SIN, x); }
  Value cos(Value x) { return unary(ODEON_OP_COS, x); }
  Value tan(Value x) { return unary(ODEON_OP_TAN, x); }
  Value tanh(Value x) { return unary(ODEON_OP_TANH, x); }
  Value sigmoid(Value x) { return unary(ODEON_OP_SIGMOID, x); }
  Value relu(Value x) { return unary(ODEON_OP_RELU, x); }
  Value softplus(Value x) { return unary(ODEON_OP_SOFTPLUS, x); }
  Value erf(Value x) { return unary(ODEON_OP_ERF, x); }
  Value sqrt(Value x) { return unary(ODEON_OP_SQRT, x); }
  Value abs(Value x) { return unary(ODEON_OP_ABS, x); }
  Value sign(Value x) { return unary(ODEON_OP_SIGN, x); }
  Value heaviside(Value x) { return unary(ODEON_OP_HEAVISIDE, x); }
  Value reciprocal(Value x) { return unary(ODEON_OP_RECIPROCAL, x); }
  Value powi(Value x, int64_t exponent) {
    if (exponent == 0) return constant(1, shape(x));
    if (exponent == 1) return x;
    odeon_node n = make(ODEON_OP_POWI, {x});
    n.ints[0] = exponent;
    return add_node(n);
  }
  // Operands of different shape are broadcast as in NumPy.
  Value add(Value a, Value b) {
    align(a, b);
    if (is_constant(a, 0)) return b;
    if (is_constant(b, 0)) return a;
    if (is_constant(a) && is_constant(b)) return constant(real(a) + real(b), shape(a));
    return binary(ODEON_OP_ADD, a, b);
  }
  Value sub(Value a, Value b) {
    align(a, b);
    if (is_constant(b, 0)) return a;
    if (is_constant(a, 0)) return neg(b);
    if (is_constant(a) && is_constant(b)) return constant(real(a) - real(b), shape(a));
    return binary(ODEON_OP_SUB, a, b);
  }
  Value mul(Value a, Value b) {
    align(a, b);
    if (is_constant(a, 0) || is_constant(b, 1)) return a;
    if (is_constant(b, 0) || is_constant(a, 1)) return b;
    if (is_constant(a, -1)) return neg(b);
    if (is_constant(b, -1)) return neg(a);
    if (is_constant(a) && is_constant(b)) return constant(real(a) * real(b), shape(a));
    return binary(ODEON_OP_MUL, a, b);
  }
  Value div(Value a, Value b) {
    align(a, b);
    if (is_constant(b, 1)) return a;
    if (is_constant(a) && is_constant(b)) return constant(real(a) / real(b), shape(a));
    return binary(ODEON_OP_DIV, a, b);
  }
  Value pow(Value a, Value b) { return aligned(ODEON_OP_POW, a, b); }
  Value maximum(Value a, Value b) { return aligned(ODEON_OP_MAXIMUM, a, b); }
  Value minimum(Value a, Value b) { return aligned(ODEON_OP_MINIMUM, a, b); }
  Value greater(Value a, Value b) { return aligned(ODEON_OP_GREATER, a, b); }
  Value select(Value mask, Value a, Value b) {
    align(a, b);
    align(mask, a);
    align(mask, b);
    return add_node(make(ODEON_OP_SELECT, {mask, a, b}));
  }
  Value scale(Value x, double factor) { return mul(x, constant(factor, shape(x))); }

  // Structure.
  Value reshape(Value x, const Shape& to) {
    if (to == shape(x)) return x;
    if (is_constant(x)) return constant(real(x), to);
    if (node(x).op == ODEON_OP_RESHAPE) return reshape({node(x).inputs[0]}, to);
    return add_node(declared(make(ODEON_OP_RESHAPE, {x}), to));
  }
  // NumPy's rules: axes of length 1 are put in front, then repeated.
  Value broadcast_to(Value x, const Shape& to) {
    if (shape(x) == to) return x;
    if (is_constant(x)) return constant(real(x), to);
    Shape padded = shape(x);
    if (padded.size() > to.size())
      throw Error("cannot broadcast " + to_string(shape(x)) + " to " + to_string(to));
    if (!has_batch(padded)) padded.insert(padded.begin(), to.size() - padded.size(), 1);
    if (padded.size() != to.size())
      throw Error("cannot broadcast " + to_string(shape(x)) + " to " + to_string(to) +
                  ": the batch must be the first axis of both");
    return expand(reshape(x, padded), to);
  }
  // Axes by bit mask; they keep length 1.
  Value sum(Value x, int64_t axes) {
    Shape s = shape(x);
    bool changes = false;
    for (size_t i = 0; i < s.size(); ++i) changes |= (axes >> i & 1) && s[i] != 1;
    if (!changes) return x;
    odeon_node n = make(ODEON_OP_SUM, {x});
    n.ints[0] = axes;
    return add_node(n);
  }
  Value concat(Value a, Value b, int64_t axis) { return attributed(ODEON_OP_CONCAT, {a, b}, {axis}); }
  Value slice(Value x, int64_t axis, int64_t start, int64_t stop) {
    if (start == 0 && axis < int64_t(shape(x).size()) && axis >= 0 && stop == shape(x)[size_t(axis)])
      return x;
    return attributed(ODEON_OP_SLICE, {x}, {axis, start, stop});
  }
  Value pad(Value x, int64_t axis, int64_t before, int64_t after) {
    if (before == 0 && after == 0) return x;
    return attributed(ODEON_OP_PAD, {x}, {axis, before, after});
  }
  Value transpose(Value x, const std::vector<int64_t>& permutation) {
    return attributed(ODEON_OP_TRANSPOSE, {x}, permutation);
  }

  // Linear algebra, convolution, normalisation.
  Value matmul(Value a, Value b, bool transpose_a = false, bool transpose_b = false) {
    return attributed(ODEON_OP_MATMUL, {a, b}, {transpose_a, transpose_b});
  }
  struct Conv {
    int64_t stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0;
  };
  Value conv2d(Value x, Value w, Conv c) {
    return attributed(ODEON_OP_CONV2D, {x, w}, {c.stride_h, c.stride_w, c.pad_h, c.pad_w});
  }
  Value conv2d_input_grad(Value g, Value w, Conv c, int64_t height, int64_t width) {
    return attributed(ODEON_OP_CONV2D_INPUT_GRAD, {g, w},
                      {c.stride_h, c.stride_w, c.pad_h, c.pad_w, height, width});
  }
  Value conv2d_weight_grad(Value x, Value g, Conv c, int64_t kernel_h, int64_t kernel_w) {
    return attributed(ODEON_OP_CONV2D_WEIGHT_GRAD, {x, g},
                      {c.stride_h, c.stride_w, c.pad_h, c.pad_w, kernel_h, kernel_w});
  }
  Value group_norm(Value x, int64_t groups, double eps) {
    odeon_node n = make(ODEON_OP_GROUP_NORM, {x});
    n.ints[0] = groups;
    n.reals[0] = eps;
    return add_node(n);
  }
  Value group_norm_grad(Value x, Value g, int64_t groups, double eps) {
    odeon_node n = make(ODEON_OP_GROUP_NORM_GRAD, {x, g});
    n.ints[0] = groups;
    n.reals[0] = eps;
    return add_node(n);
  }
  Value log_softmax(Value x) { return add_node(make(ODEON_OP_LOG_SOFTMAX, {x})); }

  // A node like `like` with other inputs: for passes that rewrite graphs.
  Value copy_of(const odeon_node& like, std::span<const Value> inputs) {
    odeon_node n = like;
    for (size_t i = 0; i < inputs.size(); ++i) n.inputs[i] = inputs[i].id;
    return add_node(n);
  }

  Shape shape(Value x) const { return shape_of(node(x)); }
  const odeon_node& node(Value x) const { return graph_.nodes.at(size_t(x.id)); }
  bool is_constant(Value x) const { return node(x).op == ODEON_OP_CONSTANT; }
  bool is_constant(Value x, double value) const { return is_constant(x) && real(x) == value; }

  void mark_output(Value x) { graph_.outputs.push_back(x.id); }
  // Leaves out what no output needs.
  Graph finish() const;

 private:
  double real(Value x) const { return node(x).reals[0]; }
  odeon_node make(int32_t op, std::initializer_list<Value> inputs) const {
    odeon_node n{};
    n.op = op;
    for (Value v : inputs) n.inputs[n.n_inputs++] = v.id;
    return n;
  }
  static odeon_node declared(odeon_node n, const Shape& shape) {
    if (shape.size() > ODEON_MAX_RANK) throw Error("a shape of more than 8 axes: " + to_string(shape));
    n.rank = static_cast<int32_t>(shape.size());
    for (size_t i = 0; i < shape.size(); ++i) n.shape[i] = shape[i];
    return n;
  }
  Value source(int32_t op, const Shape& shape, int64_t integer, double real) {
    odeon_node n = declared(make(op, {}), shape);
    n.ints[0] = integer;
    n.reals[0] = real;
    return add_node(n);
  }
  Value unary(int32_t op, Value x) { return add_node(make(op, {x})); }
  Value binary(int32_t op, Value a, Value b) { return add_node(make(op, {a, b})); }
  Value aligned(int32_t op, Value a, Value b) {
    align(a, b);
    return binary(op, a, b);
  }
  template <class Ints>
  Value attributed_from(int32_t op, std::initializer_list<Value> inputs, const Ints& ints) {
    odeon_node n = make(op, inputs);
    if (ints.size() > ODEON_NODE_MAX_INTS) throw Error("an op with more than 8 integer attributes");
    size_t k = 0;
    for (int64_t value : ints) n.ints[k++] = value;
    return add_node(n);
  }
  Value attributed(int32_t op, std::initializer_list<Value> inputs, std::initializer_list<int64_t> ints) {
    return attributed_from(op, inputs, ints);
  }
  Value attributed(int32_t op, std::initializer_list<Value> inputs, const std::vector<int64_t>& ints) {
    return attributed_from(op, inputs, ints);
  }
  Value expand(Value x, const Shape& to) {
    if (shape(x) == to) return x;
    return add_node(declared(make(ODEON_OP_BROADCAST, {x}), to));
  }
  void align(Value& a, Value& b) {
    if (a.id < 0 || b.id < 0) throw Error("an operand is not part of the graph");
    const Shape sa = shape(a), sb = shape(b);
    if (sa == sb) return;
    const Shape &longer = sa.size() >= sb.size() ? sa : sb, &shorter = sa.size() >= sb.size() ? sb : sa;
    Shape to = longer;
    const size_t offset = longer.size() - shorter.size();
    for (size_t i = 0; i < shorter.size(); ++i)
      if (to[i + offset] == 1) to[i + offset] = shorter[i];
    a = broadcast_to(a, to);
    b = broadcast_to(b, to);
  }
  Value add_node(odeon_node n);

  using Key = std::string;
  Graph graph_;
  std::map<Key, int32_t> known_;
};

inline Value GraphBuilder::add_node(odeon_node n) {
  std::vector<Shape> inputs;
  for (int32_t i = 0; i < n.n_inputs; ++i) {
    if (n.inputs[i] < 0 || n.inputs[i] >= int32_t(graph_.nodes.size()))
      throw Error("an operand is not part of the graph");
    inputs.push_back(shape_of(graph_.nodes[size_t(n.inputs[i])]));
  }
  n = declared(n, infer_shape(n, inputs));
  for (size_t i = size_t(n.rank); i < ODEON_MAX_RANK; ++i) n.shape[i] = 0;
  static_assert(sizeof(odeon_node) == 4 * 6 + 8 * 8 + 8 * 8 + 2 * 8, "nodes have no padding");
  Key key(reinterpret_cast<const char*>(&n), sizeof n);
  const auto [at, is_new] = known_.try_emplace(std::move(key), int32_t(graph_.nodes.size()));
  if (is_new) graph_.nodes.push_back(n);
  return {at->second};
}

inline Graph GraphBuilder::finish() const {
  std::vector<char> needed(graph_.nodes.size(), 0);
  for (int32_t o : graph_.outputs) needed[size_t(o)] = 1;
  for (size_t i = graph_.nodes.size(); i-- > 0;)
    for (int32_t k = 0; needed[i] && k < graph_.nodes[i].n_inputs; ++k)
      needed[size_t(graph_.nodes[i].inputs[k])] = 1;
  Graph out;
  std::vector<int32_t> place(graph_.nodes.size(), -1);
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    if (!needed[i]) continue;
    odeon_node n = graph_.nodes[i];
    for (int32_t k = 0; k < n.n_inputs; ++k) n.inputs[k] = place[size_t(n.inputs[k])];
    place[i] = static_cast<int32_t>(out.nodes.size());
    out.nodes.push_back(n);
  }
  for (int32_t o : graph_.outputs) out.outputs.push_back(place[size_t(o)]);
  return out;
}

}  // namespace odeon
