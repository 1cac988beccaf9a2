// Derivative products in two parts are those in one, to the bit, and no product or convolution of f is in
// both parts.
#include "autodiff/residuals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "autodiff/gradient_check.hpp"

namespace {

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

constexpr int64_t B = ODEON_BATCH;

struct FieldCase {
  const char* name;
  Shape state;
  int64_t parameters;
  std::function<Value(GraphBuilder&, Value y)> build;
  std::vector<Shape> kept;  // what the reverse must be given
};

Value linear(GraphBuilder& b, Value x, int64_t in, int64_t out, int64_t at) {
  return b.add(b.matmul(x, b.parameter(at, {out, in}), false, true), b.parameter(at + in * out, {out}));
}

// A layer of torchdiffeq's odenet_mnist.py: group norm with its affine map, relu, the time as one more
// channel, a convolution; 6 channels of 4 x 4.
Value conv_layer(GraphBuilder& b, Value y, int64_t at) {
  const Value scaled = b.mul(b.group_norm(y, 3, 1e-5), b.reshape(b.parameter(at, {6}), {6, 1, 1}));
  const Value x = b.relu(b.add(scaled, b.reshape(b.parameter(at + 6, {6}), {6, 1, 1})));
  const Value t = b.broadcast_to(b.reshape(b.time(), {B, 1, 1, 1}), {B, 1, 4, 4});
  return b.conv2d(b.concat(t, x, 1), b.parameter(at + 12, {6, 7, 3, 3}), {1, 1, 1, 1});
}

const std::vector<FieldCase>& cases() {
  using G = GraphBuilder;
  static const std::vector<FieldCase> all{
      {"tanh network: the hidden layer",
       {B, 2},
       2 * 5 + 5 + 5 * 2 + 2,
       [](G& b, Value y) { return linear(b, b.tanh(linear(b, b.powi(y, 3), 2, 5, 0)), 5, 2, 15); },
       {{B, 5}}},
      {"relu network: what the hidden layer's sign and value come of",
       {B, 3},
       3 * 4 + 4 + 4 * 3 + 3,
       [](G& b, Value y) { return linear(b, b.relu(linear(b, y, 3, 4, 0)), 4, 3, 16); },
       {{B, 4}}},
      {"softplus network: the activation and its slope",
       {B, 3},
       3 * 4 + 4 + 4 * 3 + 3,
       [](G& b, Value y) { return linear(b, b.softplus(linear(b, y, 3, 4, 0)), 4, 3, 16); },
       {{B, 4}, {B, 4}}},
      {"convolutional block: normalised values, and the first convolution",
       {B, 6, 4, 4},
       2 * (12 + 6 * 7 * 9),
       [](G& b, Value y) { return conv_layer(b, conv_layer(b, y, 0), 12 + 6 * 7 * 9); },
       {{B, 6, 4, 4}, {B, 6, 4, 4}, {B, 6, 4, 4}}},
      {"linear: nothing",
       {B, 3},
       9,
       [](G& b, Value y) {
         return b.matmul(y, b.parameter(0, {3, 3}));
       },
       {}},
      {"formulas, without products of matrices: nothing",
       {B, 2},
       2,
       [](G& b, Value y) { return b.sin(b.mul(b.exp(y), b.parameter(0, {2}))); },
       {}},
  };
  return all;
}

Graph graph_of(const FieldCase& c) {
  GraphBuilder b;
  b.mark_output(c.build(b, b.input(0, c.state)));
  return b.finish();
}

int64_t count(const Graph& g, std::initializer_list<int32_t> ops) {
  return std::count_if(g.nodes.begin(), g.nodes.end(), [&](const odeon_node& n) {
    return std::find(ops.begin(), ops.end(), n.op) != ops.end();
  });
}

}  // namespace

TEST_CASE("a derivative product from residuals has the bits of one that evaluates everything") {
  for (const FieldCase& c : cases()) {
    CAPTURE(c.name);
    const Graph f = graph_of(c);
    const ResidualGraphs graphs(f);
    const auto y = random_values(elements(c.state), 1, -1, 1), v = random_values(elements(c.state), 2, -1, 1),
               theta = random_values(c.parameters, 3, -1, 1);
    const auto forward = evaluate(graphs.forward(), {y}, theta, 0.3);
    CHECK(forward[0] == evaluate(f, {y}, theta, 0.3)[0]);
    std::vector<std::vector<double>> inputs{y, v};
    inputs.insert(inputs.end(), forward.begin() + 1, forward.end());
    for (int bits = 1; bits < 8; ++bits) {
      CAPTURE(bits);
      const VjpRequest request{
          .inputs = (bits & 1) != 0, .parameters = (bits & 2) != 0, .time = (bits & 4) != 0};
      const VjpGraph whole = make_vjp(f, request), reverse = graphs.reverse(request);
      CHECK(evaluate(reverse.graph, inputs, theta, 0.3) == evaluate(whole.graph, {y, v}, theta, 0.3));
      CHECK(reverse.input_gradients == whole.input_gradients);
      CHECK(reverse.time_gradient == whole.time_gradient);
      REQUIRE(reverse.parameters.size() == whole.parameters.size());
      for (size_t i = 0; i < whole.parameters.size(); ++i) {
        CHECK(reverse.parameters[i].output == whole.parameters[i].output);
        CHECK(reverse.parameters[i].offset == whole.parameters[i].offset);
        CHECK(reverse.parameters[i].count == whole.parameters[i].count);
      }
    }
  }
}

TEST_CASE("residuals are few, and all that was costly") {
  for (const FieldCase& c : cases()) {
    CAPTURE(c.name);
    const Graph f = graph_of(c);
    const ResidualGraphs graphs(f);
    CHECK(graphs.shapes() == c.kept);
    if (c.kept.empty()) continue;
    const Graph reverse = graphs.reverse({.inputs = true, .parameters = true, .time = true}).graph;
    CHECK(count(reverse, {ODEON_OP_CONV2D, ODEON_OP_GROUP_NORM, ODEON_OP_TANH, ODEON_OP_SIGMOID,
                          ODEON_OP_SOFTPLUS}) == 0);
    // One for the state and one for the weights each.
    CHECK(count(reverse, {ODEON_OP_MATMUL}) == 2 * count(f, {ODEON_OP_MATMUL}));
    CHECK(count(reverse, {ODEON_OP_CONV2D_INPUT_GRAD, ODEON_OP_CONV2D_WEIGHT_GRAD}) ==
          2 * count(f, {ODEON_OP_CONV2D}));
  }
}
