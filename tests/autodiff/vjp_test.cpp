// The derivative rule of every op, against central differences, and twice.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "autodiff/gradient_check.hpp"
#include "autodiff/tangent.hpp"

namespace {

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

struct OpCase {
  const char* name;
  std::vector<Shape> inputs;
  std::function<Value(GraphBuilder&, const std::vector<Value>&)> build;
  double low = 0.3, high = 1.7;  // away from kinks and poles
};

constexpr int64_t B = ODEON_BATCH;

const std::vector<OpCase>& cases() {
  using G = GraphBuilder;
  using V = std::vector<Value>;
  static const std::vector<OpCase> all{
      {"neg", {{B, 3}}, [](G& g, const V& x) { return g.neg(g.mul(x[0], x[0])); }},
      {"exp", {{B, 3}}, [](G& g, const V& x) { return g.exp(x[0]); }},
      {"log", {{B, 3}}, [](G& g, const V& x) { return g.log(x[0]); }},
      {"sin", {{B, 3}}, [](G& g, const V& x) { return g.sin(x[0]); }},
      {"cos", {{B, 3}}, [](G& g, const V& x) { return g.cos(x[0]); }},
      {"tan", {{B, 3}}, [](G& g, const V& x) { return g.tan(x[0]); }, 0.1, 1.0},
      {"tanh", {{B, 3}}, [](G& g, const V& x) { return g.tanh(x[0]); }, -1.5, 1.5},
      {"sigmoid", {{B, 3}}, [](G& g, const V& x) { return g.sigmoid(x[0]); }, -3, 3},
      {"relu", {{B, 3}}, [](G& g, const V& x) { return g.relu(x[0]); }},
      {"softplus", {{B, 3}}, [](G& g, const V& x) { return g.softplus(x[0]); }, -3, 3},
      {"erf", {{B, 3}}, [](G& g, const V& x) { return g.erf(x[0]); }, -1.5, 1.5},
      {"sqrt", {{B, 3}}, [](G& g, const V& x) { return g.sqrt(x[0]); }},
      {"abs", {{B, 3}}, [](G& g, const V& x) { return g.abs(x[0]); }},
      {"powi", {{B, 3}}, [](G& g, const V& x) { return g.powi(x[0], 3); }},
      {"powi negative", {{B, 3}}, [](G& g, const V& x) { return g.powi(x[0], -2); }},
      {"reciprocal", {{B, 3}}, [](G& g, const V& x) { return g.reciprocal(x[0]); }},
      {"add broadcast", {{B, 3}, {3}}, [](G& g, const V& x) { return g.add(x[0], x[1]); }},
      {"sub", {{B, 3}, {B, 1}}, [](G& g, const V& x) { return g.sub(x[0], x[1]); }},
      {"mul broadcast", {{B, 3}, {3}}, [](G& g, const V& x) { return g.mul(x[0], x[1]); }},
      {"div", {{B, 3}, {B, 3}}, [](G& g, const V& x) { return g.div(x[0], x[1]); }},
      {"pow", {{B, 3}, {B, 3}}, [](G& g, const V& x) { return g.pow(x[0], x[1]); }},
      {"maximum", {{B, 3}, {B, 3}}, [](G& g, const V& x) { return g.maximum(x[0], x[1]); }},
      {"minimum", {{B, 3}, {B, 3}}, [](G& g, const V& x) { return g.minimum(x[0], x[1]); }},
      {"select",
       {{B, 3}, {B, 3}},
       [](G& g, const V& x) { return g.select(g.greater(x[0], x[1]), g.mul(x[0], x[0]), g.sin(x[1])); }},
      {"reshape",
       {{B, 2, 3}},
       [](G& g, const V& x) {
         return g.reshape(g.exp(x[0]), {B, 6});
       }},
      {"sum over the batch", {{B, 3}}, [](G& g, const V& x) { return g.sum(g.mul(x[0], x[0]), 1); }},
      {"sum over columns", {{B, 3}}, [](G& g, const V& x) { return g.sum(g.mul(x[0], x[0]), 2); }},
      {"concat", {{B, 2}, {B, 3}}, [](G& g, const V& x) { return g.concat(g.exp(x[0]), g.sin(x[1]), 1); }},
      {"slice", {{B, 5}}, [](G& g, const V& x) { return g.slice(g.exp(x[0]), 1, 1, 4); }},
      {"pad", {{B, 2}}, [](G& g, const V& x) { return g.pad(g.exp(x[0]), 1, 2, 1); }},
      {"transpose",
       {{B, 2, 3}},
       [](G& g, const V& x) {
         return g.transpose(g.exp(x[0]), {0, 2, 1});
       }},
      {"matmul", {{B, 4}, {4, 2}}, [](G& g, const V& x) { return g.matmul(x[0], x[1]); }},
      {"matmul with transposed weight",
       {{B, 4}, {2, 4}},
       [](G& g, const V& x) { return g.matmul(x[0], x[1], false, true); }},
      {"matmul over the batch",
       {{B, 4}, {B, 2}},
       [](G& g, const V& x) { return g.matmul(x[0], x[1], true, false); }},
      {"matmul with both transposed",
       {{4, 5}, {2, 4}},
       [](G& g, const V& x) { return g.matmul(x[0], x[1], true, true); }},
      {"conv2d",
       {{B, 2, 5, 4}, {3, 2, 3, 2}},
       [](G& g, const V& x) {
         return g.conv2d(x[0], x[1], {2, 1, 1, 0});
       }},
      {"conv2d input gradient",
       {{B, 3, 3, 3}, {3, 2, 3, 2}},
       [](G& g, const V& x) {
         return g.conv2d_input_grad(x[0], x[1], {2, 1, 1, 0}, 5, 4);
       }},
      {"conv2d weight gradient",
       {{B, 2, 5, 4}, {B, 3, 3, 3}},
       [](G& g, const V& x) {
         return g.conv2d_weight_grad(x[0], x[1], {2, 1, 1, 0}, 3, 2);
       }},
      {"group norm", {{B, 4, 3}}, [](G& g, const V& x) { return g.group_norm(x[0], 2, 1e-5); }},
      {"group norm gradient",
       {{B, 4, 3}, {B, 4, 3}},
       [](G& g, const V& x) { return g.group_norm_grad(x[0], x[1], 2, 1e-5); }},
      {"log softmax", {{B, 4}}, [](G& g, const V& x) { return g.log_softmax(x[0]); }},
  };
  return all;
}

struct Built {
  Graph graph;
  std::vector<std::vector<double>> inputs;
  std::vector<double> cotangent;
};

Built build(const OpCase& c) {
  GraphBuilder g;
  std::vector<Value> values;
  Built out;
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    values.push_back(g.input(static_cast<int64_t>(i), c.inputs[i]));
    out.inputs.push_back(random_values(elements(c.inputs[i]), 11 + i, c.low, c.high));
  }
  const Value y = c.build(g, values);
  g.mark_output(y);
  out.cotangent = random_values(elements(g.shape(y)), 5, -1, 1);
  out.graph = g.finish();
  validate(out.graph.view());
  return out;
}

// Gradients by all inputs of cotangent . output 0, by central differences.
std::vector<std::vector<double>> differences(const Graph& graph, std::vector<std::vector<double>> inputs,
                                             const std::vector<double>& cotangent, size_t count) {
  constexpr double kStep = 1e-5;
  std::vector<std::vector<double>> out(count);
  for (size_t i = 0; i < count; ++i)
    for (double& v : inputs[i]) {
      const double kept = v;
      v = kept + kStep;
      const double above = dot(cotangent, evaluate(graph, inputs)[0]);
      v = kept - kStep;
      out[i].push_back((above - dot(cotangent, evaluate(graph, inputs)[0])) / (2 * kStep));
      v = kept;
    }
  return out;
}

// Central differences with this step are good to about 1e-9; derivatives here are of order one to ten.
constexpr double kTolerance = 2e-7;

void check_equal(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(kTolerance).scale(1));
}

}  // namespace

TEST_CASE("vjp of every op equals central differences") {
  for (const OpCase& c : cases()) {
    INFO(c.name);
    Built b = build(c);
    const VjpGraph vjp = make_vjp(b.graph, {.inputs = true});
    validate(vjp.graph.view());
    const auto expected = differences(b.graph, b.inputs, b.cotangent, b.inputs.size());
    auto inputs = b.inputs;
    inputs.push_back(b.cotangent);
    const auto found = evaluate(vjp.graph, inputs);
    for (size_t i = 0; i < b.inputs.size(); ++i)
      check_equal(found[size_t(vjp.input_gradients[i])], expected[i]);
  }
}

TEST_CASE("vjp of the vjp of every op equals central differences") {
  for (const OpCase& c : cases()) {
    INFO(c.name);
    Built b = build(c);
    VjpGraph first = make_vjp(b.graph, {.inputs = true});
    first.graph.outputs.resize(1);  // the gradient by input 0
    auto inputs = b.inputs;
    inputs.push_back(b.cotangent);
    bool reads_all = true;
    for (size_t i = 0; i < inputs.size(); ++i)
      reads_all &= find_input(first.graph, static_cast<int64_t>(i)) != nullptr;
    if (!reads_all) continue;  // linear ops: their derivative no longer reads x
    const std::vector<double> v = random_values(static_cast<int64_t>(b.inputs[0].size()), 9, -1, 1);
    const VjpGraph second = make_vjp(first.graph, {.inputs = true});
    const auto expected = differences(first.graph, inputs, v, inputs.size());
    auto with_v = inputs;
    with_v.push_back(v);
    const auto found = evaluate(second.graph, with_v);
    for (size_t i = 0; i < inputs.size(); ++i)
      check_equal(found[size_t(second.input_gradients[i])], expected[i]);
  }
}

TEST_CASE("jvp and vjp of every op are adjoint: v . J u = u . J^T v") {
  for (const OpCase& c : cases()) {
    INFO(c.name);
    Built b = build(c);
    const VjpGraph vjp = make_vjp(b.graph, {.inputs = true});
    const Graph jvp = make_jvp(b.graph);
    auto inputs = b.inputs, tangents = b.inputs;
    for (size_t i = 0; i < inputs.size(); ++i)
      tangents[i] = random_values(static_cast<int64_t>(inputs[i].size()), 21 + i, -1, 1);
    auto with_v = inputs, with_u = inputs;
    with_v.push_back(b.cotangent);
    with_u.insert(with_u.end(), tangents.begin(), tangents.end());
    const auto back = evaluate(vjp.graph, with_v);
    const auto forward = evaluate(jvp, with_u);
    double right = 0;
    for (size_t i = 0; i < inputs.size(); ++i)
      right += dot(back[size_t(vjp.input_gradients[i])], tangents[i]);
    CHECK(dot(b.cotangent, forward[1]) == doctest::Approx(right).epsilon(1e-11).scale(1));
  }
}

TEST_CASE("gradients of parameters and of time equal central differences") {
  GraphBuilder g;
  const Value y = g.input(0, {B, 2}), t = g.reshape(g.time(), {B, 1});
  const Value w = g.parameter(0, {3, 3}), bias = g.parameter(9, {3});
  g.mark_output(g.tanh(g.add(g.matmul(g.concat(t, y, 1), w, false, true), bias)));
  const Graph f = g.finish();
  const VjpGraph vjp = make_vjp(f, {.parameters = true, .time = true});
  std::vector<double> theta = random_values(12, 3, -1, 1);
  const std::vector<std::vector<double>> in{random_values(6, 4, -1, 1)};
  const std::vector<double> v = random_values(9, 6, -1, 1);
  const auto found = evaluate(vjp.graph, {in[0], v}, theta, 0.4);
  REQUIRE(vjp.parameters.size() == 2);
  constexpr double kStep = 1e-6;
  for (const auto& part : vjp.parameters)
    for (int64_t i = 0; i < part.count; ++i) {
      auto above = theta, below = theta;
      above[size_t(part.offset + i)] += kStep;
      below[size_t(part.offset + i)] -= kStep;
      const double difference =
          (dot(v, evaluate(f, in, above, 0.4)[0]) - dot(v, evaluate(f, in, below, 0.4)[0])) / (2 * kStep);
      CHECK(found[size_t(part.output)][size_t(i)] == doctest::Approx(difference).epsilon(1e-7).scale(1));
    }
  const double by_time =
      (dot(v, evaluate(f, in, theta, 0.4 + kStep)[0]) - dot(v, evaluate(f, in, theta, 0.4 - kStep)[0])) /
      (2 * kStep);
  double sum = 0;
  for (double x : found[size_t(vjp.time_gradient)]) sum += x;
  CHECK(sum == doctest::Approx(by_time).epsilon(1e-7));
}

TEST_CASE("equal subexpressions are built once and unused nodes are dropped") {
  GraphBuilder g;
  const Value x = g.input(0, {B, 2});
  const Value a = g.exp(x), b = g.exp(x);
  CHECK(a == b);
  (void)g.sin(x);
  g.mark_output(g.add(a, b));
  CHECK(g.finish().nodes.size() == 3);
}

TEST_CASE("the tangent along parameters, with and without the state, is the transpose of vjp") {
  GraphBuilder g;
  const Value y = g.input(0, {B, 2}), t = g.reshape(g.time(), {B, 1});
  const Value w = g.parameter(0, {3, 3}), bias = g.parameter(9, {3});
  g.mark_output(g.tanh(g.add(g.matmul(g.concat(t, y, 1), w, false, true), bias)));
  const Graph f = g.finish();
  const VjpGraph vjp = make_vjp(f, {.inputs = true, .parameters = true});
  const std::vector<double> theta = random_values(12, 3, -1, 1), theta_dot = random_values(12, 7, -1, 1),
                            in = random_values(6, 4, -1, 1), u = random_values(6, 8, -1, 1),
                            v = random_values(9, 6, -1, 1);
  const auto back = evaluate(vjp.graph, {in, v}, theta, 0.4);
  for (const bool with_state : {false, true}) {
    const ParameterTangent tangent = parameter_tangent(f, with_state);
    std::vector<std::vector<double>> inputs{in};
    double right = 0;
    if (with_state) inputs.push_back(u), right += dot(back[size_t(vjp.input_gradients[0])], u);
    for (const auto& s : tangent.slices) {
      const auto from = theta_dot.begin() + s.offset;
      inputs.emplace_back(from, from + elements(s.shape));
    }
    for (const auto& p : vjp.parameters) {
      const auto from = theta_dot.begin() + p.offset;
      right += dot(back[size_t(p.output)], {from, from + p.count});
    }
    CHECK(dot(v, evaluate(tangent.graph, inputs, theta, 0.4)[0]) == doctest::Approx(right).epsilon(1e-12));
  }
}

TEST_CASE("a field that does not read its state has a tangent along parameters") {
  GraphBuilder g;
  g.mark_output(g.broadcast_to(g.reshape(g.parameter(0, {2}), {1, 2}), {B, 2}));
  const Graph f = g.finish();
  const std::vector<double> y(6, 0.5), u(6, 7.0), theta{1, 2}, theta_dot{3, 4};
  const std::vector<double> expected{3, 4, 3, 4, 3, 4};
  CHECK(evaluate(parameter_tangent(f, true).graph, {y, u, theta_dot}, theta)[0] == expected);
  CHECK(evaluate(parameter_tangent(f, false).graph, {y, theta_dot}, theta)[0] == expected);
}
