// odeon.backend.graph/1 on every backend against the SDK's interpreter.
#include <cstring>

#include "plugins/backends/graph_case.hpp"
#include "plugins/backends/random_graph.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

// Of one op: other approximations of exp and tanh, and other orders of sums of up to a thousand terms,
// perhaps without fused multiplication and addition.
template <class T>
constexpr double kOpTolerance = sizeof(T) == 4 ? 3e-5 : 1e-13;
// Of chains of ops on numbers of size one, each of which may amplify.
template <class T>
constexpr double kChainTolerance = sizeof(T) == 4 ? 2e-3 : 1e-11;

const int64_t kBatches[] = {1, 2, 7, 33};

template <class T>
void check_graph(Device& device, const Graph& graph, double tolerance, uint32_t seed) {
  for (int64_t batch : kBatches) {
    CAPTURE(batch);
    const GraphData<T> data(graph, batch, seed);
    CHECK(distance(run_on(device, graph, batch, data), interpret(graph, batch, data)) <= tolerance);
  }
}

Graph graph_of(const std::function<Value(GraphBuilder&)>& make) {
  GraphBuilder b;
  b.mark_output(make(b));
  return b.finish();
}

void check_op(const std::function<Value(GraphBuilder&)>& make) {
  on_every_backend([&](Device& device, const std::string&) {
    check_graph<double>(device, graph_of(make), kOpTolerance<double>, 5);
    check_graph<float>(device, graph_of(make), kOpTolerance<float>, 5);
  });
}

const Shape kVector{ODEON_BATCH, 13}, kImage{ODEON_BATCH, 6, 5, 7};

}  // namespace

TEST_CASE("every elementwise op of one input") {
  const std::vector<std::function<Value(GraphBuilder&, Value)>> ops{
      [](auto& b, Value x) { return b.neg(x); },
      [](auto& b, Value x) { return b.exp(b.scale(x, 20)); },
      [](auto& b, Value x) { return b.log(b.abs(x)); },
      [](auto& b, Value x) { return b.sin(b.scale(x, 10)); },
      [](auto& b, Value x) { return b.cos(b.scale(x, 10)); },
      [](auto& b, Value x) { return b.tan(x); },
      [](auto& b, Value x) { return b.tanh(b.scale(x, 5)); },
      [](auto& b, Value x) { return b.tanh(b.scale(x, 1e-3)); },
      [](auto& b, Value x) { return b.tanh(b.scale(x, 1e4)); },
      [](auto& b, Value x) { return b.sigmoid(b.scale(x, 100)); },
      [](auto& b, Value x) { return b.relu(x); },
      [](auto& b, Value x) { return b.softplus(b.scale(x, 30)); },
      [](auto& b, Value x) { return b.erf(b.scale(x, 3)); },
      [](auto& b, Value x) { return b.sqrt(x); },
      [](auto& b, Value x) { return b.abs(x); },
      [](auto& b, Value x) { return b.sign(x); },
      [](auto& b, Value x) { return b.heaviside(x); },
      [](auto& b, Value x) { return b.reciprocal(x); },
  };
  for (size_t i = 0; i < ops.size(); ++i) {
    CAPTURE(i);
    check_op([&](GraphBuilder& b) { return ops[i](b, b.input(0, kVector)); });
  }
  for (int64_t e : {-5, -2, -1, 2, 3, 4, 5, 10})
    check_op([&](GraphBuilder& b) { return b.powi(b.input(0, {ODEON_BATCH, 3}), e); });
}

TEST_CASE("exp and its kin at the ends of their range and at NaN") {
  on_every_backend([](Device& device, const std::string&) {
    GraphBuilder b;
    const Value x = b.input(0, kVector);
    for (Value v : {b.exp(x), b.tanh(x), b.sigmoid(x), b.relu(x), b.softplus(x), b.sign(x),
                    b.maximum(x, b.neg(x)), b.minimum(x, b.constant(0.5)), b.sqrt(x)})
      b.mark_output(v);
    const Graph g = b.finish();
    GraphData<double> d(g, 1, 1);
    d.inputs[0] = {0.0,  -0.0, HUGE_VAL, -HUGE_VAL, std::nan(""), 709.78, 709.79,
                   -745, -800, 1e300,    1e-300,    -1e-20,       40};
    CHECK(distance(run_on(device, g, 1, d), interpret(g, 1, d)) <= kOpTolerance<double>);
    GraphData<float> f(g, 1, 1);
    f.inputs[0] = {0.f, -0.f, HUGE_VALF, -HUGE_VALF, std::nanf(""), 88.72f, 88.73f,
                   -87, -120, 1e30f,     1e-30f,     -1e-10f,       20};
    CHECK(distance(run_on(device, g, 1, f), interpret(g, 1, f)) <= kOpTolerance<float>);
  });
}

TEST_CASE("functions of all numbers at large ones, infinities and NaN") {
  on_every_backend([](Device& device, const std::string&) {
    GraphBuilder b;
    const Value x = b.input(0, kVector);
    for (Value v : {b.log(x), b.sin(x), b.cos(x), b.tan(x), b.erf(x), b.softplus(x)}) b.mark_output(v);
    const Graph g = b.finish();
    GraphData<double> d(g, 1, 1);
    d.inputs[0] = {0.0,  -0.0, HUGE_VAL, -HUGE_VAL, std::nan(""), 1e5,   -3e8,
                   1e22, -1.0, 1e-300,   4e-320,    3.25,         -710.0};
    CHECK(distance(run_on(device, g, 1, d), interpret(g, 1, d)) <= kOpTolerance<double>);
    GraphData<float> f(g, 1, 1);
    f.inputs[0] = {0.f,   -0.f, HUGE_VALF, -HUGE_VALF, std::nanf(""), 1e4f, -3e5f,
                   1e22f, -1.f, 1e-37f,    1e-42f,     3.25f,         -90.f};
    CHECK(distance(run_on(device, g, 1, f), interpret(g, 1, f)) <= kOpTolerance<float>);
  });
}

TEST_CASE("what becomes of a number does not depend on its place") {
  on_every_backend([](Device& device, const std::string&) {
    GraphBuilder b;
    const Value x = b.input(0, kVector);
    for (Value v : {b.exp(x), b.log(b.abs(x)), b.sin(x), b.cos(x), b.tan(x), b.tanh(x), b.sigmoid(x),
                    b.softplus(x), b.erf(x), b.sqrt(b.abs(x)), b.powi(x, 7)})
      b.mark_output(v);
    const Graph g = b.finish();
    GraphData<float> data(g, 41, 1);
    for (float number : {0.3f, -2.7f, 11.1f}) {
      for (float& element : data.inputs[0]) element = number;
      for (const auto& result : run_on(device, g, 41, data))
        for (float element : result) CHECK(std::memcmp(&element, &result[0], sizeof element) == 0);
    }
  });
}

TEST_CASE("every elementwise op of two and three inputs, with broadcast operands") {
  using B = GraphBuilder;
  const std::vector<std::function<Value(B&, Value, Value)>> ops{
      [](B& b, Value x, Value y) { return b.add(x, y); },
      [](B& b, Value x, Value y) { return b.sub(x, y); },
      [](B& b, Value x, Value y) { return b.mul(x, y); },
      [](B& b, Value x, Value y) { return b.div(x, y); },
      [](B& b, Value x, Value y) { return b.pow(b.abs(x), y); },
      [](B& b, Value x, Value y) { return b.maximum(x, y); },
      [](B& b, Value x, Value y) { return b.minimum(x, y); },
      [](B& b, Value x, Value y) { return b.greater(x, y); },
      [](B& b, Value x, Value y) { return b.select(b.heaviside(x), x, y); }};
  for (const auto& op : ops) {
    check_op([&](B& b) { return op(b, b.input(0, kImage), b.input(1, kImage)); });
    check_op([&](B& b) { return op(b, b.input(0, kImage), b.parameter(2, {6, 1, 1})); });
    check_op([&](B& b) { return op(b, b.parameter(0, {1}), b.input(0, kVector)); });
    check_op([&](B& b) { return op(b, b.reshape(b.time(), {ODEON_BATCH, 1}), b.input(0, kVector)); });
    check_op([&](B& b) { return op(b, b.input(0, kImage), b.parameter(1, {5, 1})); });
    check_op([&](B& b) {
      return op(b, b.input(0, {ODEON_BATCH, 1, 5, 1}), b.input(1, {ODEON_BATCH, 6, 1, 7}));
    });
    check_op([&](B& b) { return op(b, b.constant(0.3), b.input(0, kVector)); });
  }
}

TEST_CASE("every op of structure") {
  using B = GraphBuilder;
  check_op([](B& b) { return b.reshape(b.input(0, kImage), {ODEON_BATCH, 7, 30}); });
  check_op([](B& b) { return b.broadcast_to(b.parameter(3, {1, 5, 1}), {ODEON_BATCH, 6, 5, 7}); });
  for (int64_t axes = 1; axes < 16; ++axes) check_op([&](B& b) { return b.sum(b.input(0, kImage), axes); });
  for (int64_t axis : {1, 2, 3}) {
    check_op([&](B& b) { return b.concat(b.input(0, kImage), b.sin(b.input(0, kImage)), axis); });
    check_op([&](B& b) { return b.slice(b.input(0, kImage), axis, 2, 4); });
    check_op([&](B& b) { return b.slice(b.input(0, kImage), axis, 2, 2); });
    check_op([&](B& b) { return b.pad(b.input(0, kImage), axis, 2, 1); });
    check_op([&](B& b) { return b.pad(b.pad(b.sin(b.input(0, kImage)), axis, 2, 1), 1, 0, 4); });
  }
  check_op([](B& b) { return b.transpose(b.input(0, kImage), {0, 3, 1, 2}); });
  check_op([](B& b) { return b.transpose(b.parameter(0, {3, 4, 5}), {2, 1, 0}); });
  check_op([](B& b) { return b.time(); });
  check_op([](B& b) { return b.constant(2.5, kVector); });
  check_op([](B& b) { return b.input(0, kVector); });
  check_op([](B& b) { return b.parameter(7, {3}); });
}

TEST_CASE("matrix products of every transposition and odd sizes") {
  using B = GraphBuilder;
  for (int64_t n : {1, 2, 8, 17, 50, 67})
    for (int64_t k : {1, 3, 16, 50, 301}) {
      check_op([&](B& b) { return b.matmul(b.input(0, {ODEON_BATCH, k}), b.parameter(0, {k, n})); });
      check_op([&](B& b) {
        return b.matmul(b.input(0, {ODEON_BATCH, k}), b.parameter(0, {n, k}), false, true);
      });
      check_op([&](B& b) {
        return b.matmul(b.input(0, {ODEON_BATCH, k}), b.input(1, {ODEON_BATCH, n}), true, false);
      });
      check_op([&](B& b) { return b.matmul(b.parameter(0, {k, 5}), b.parameter(9, {n, k}), true, true); });
    }
}

TEST_CASE("a linear layer with bias and activation") {
  check_op([](GraphBuilder& b) {
    const Value h =
        b.add(b.matmul(b.powi(b.input(0, {ODEON_BATCH, 2}), 3), b.parameter(0, {50, 2}), false, true),
              b.parameter(100, {50}));
    return b.add(b.matmul(b.tanh(h), b.parameter(150, {2, 50}), false, true), b.parameter(250, {2}));
  });
}

TEST_CASE("the three convolutions with strides, padding and odd sizes") {
  using B = GraphBuilder;
  for (int64_t stride : {1, 2, 3})
    for (int64_t pad : {0, 1, 2})
      for (int64_t kernel : {1, 3, 4}) {
        const B::Conv c{stride, 1, pad, pad};
        const Shape w{9, 6, kernel, 3};
        check_op([&](B& b) { return b.conv2d(b.input(0, kImage), b.parameter(0, w), c); });
        check_op([&](B& b) {
          const Value g = b.sin(b.conv2d(b.input(0, kImage), b.parameter(0, w), c));
          return b.conv2d_input_grad(g, b.parameter(5, w), c, 5, 7);
        });
        check_op([&](B& b) {
          const Value g = b.sin(b.conv2d(b.input(0, kImage), b.parameter(0, w), c));
          return b.conv2d_weight_grad(b.input(0, kImage), g, c, kernel, 3);
        });
      }
}

TEST_CASE("convolutions of 3 x 3 with many channels, which backends compute by tiles") {
  using B = GraphBuilder;
  for (int64_t pad : {0, 1, 2})
    for (int64_t across : {1, 4, 7, 8}) {
      const B::Conv c{1, 1, pad, (pad + 1) % 3};
      const Shape image{ODEON_BATCH, 17, 5, across + 2}, w{19, 17, 3, 3};
      CAPTURE(pad);
      CAPTURE(across);
      check_op([&](B& b) { return b.conv2d(b.input(0, image), b.parameter(0, w), c); });
      check_op([&](B& b) {
        const Value g = b.sin(b.conv2d(b.input(0, image), b.parameter(0, w), c));
        return b.conv2d_input_grad(g, b.parameter(5, w), c, image[2], image[3]);
      });
    }
}

TEST_CASE("a convolution with time as the first channel, and its gradients") {
  using B = GraphBuilder;
  const B::Conv c{1, 1, 1, 1};
  const Shape w{6, 7, 3, 3};
  const auto with_time = [](B& b) {
    const Value t = b.broadcast_to(b.reshape(b.time(), {ODEON_BATCH, 1, 1, 1}), {ODEON_BATCH, 1, 5, 7});
    return b.concat(t, b.input(0, kImage), 1);
  };
  check_op([&](B& b) { return b.conv2d(with_time(b), b.parameter(0, w), c); });
  check_op([&](B& b) {
    return b.slice(b.conv2d_input_grad(b.input(0, kImage), b.parameter(0, w), c, 5, 7), 1, 1, 7);
  });
  check_op([&](B& b) {
    return b.slice(b.conv2d_input_grad(b.input(0, kImage), b.parameter(0, w), c, 5, 7), 1, 0, 1);
  });
  check_op([&](B& b) { return b.conv2d_weight_grad(with_time(b), b.input(0, kImage), c, 3, 3); });
}

TEST_CASE("normalisation over groups, its gradient, and log_softmax") {
  using B = GraphBuilder;
  for (int64_t groups : {1, 2, 3, 6}) {
    check_op([&](B& b) { return b.group_norm(b.input(0, kImage), groups, 1e-3); });
    check_op([&](B& b) { return b.group_norm_grad(b.input(0, kImage), b.input(1, kImage), groups, 1e-3); });
    check_op([&](B& b) {
      const Value n = b.group_norm(b.input(0, kImage), groups, 1e-3);
      return b.relu(b.add(b.mul(n, b.parameter(0, {6, 1, 1})), b.parameter(6, {6, 1, 1})));
    });
  }
  check_op([](B& b) { return b.log_softmax(b.input(0, kVector)); });
}

TEST_CASE("random graphs agree with the interpreter") {
  on_every_backend([](Device& device, const std::string&) {
    for (uint32_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      const Graph graph = RandomGraph(seed).make(10 + int(seed % 30));
      check_graph<double>(device, graph, kChainTolerance<double>, seed);
      if (seed % 4 == 0) check_graph<float>(device, graph, kChainTolerance<float>, seed);
    }
  });
}

TEST_CASE("outputs are skipped, overwritten or accumulated as asked") {
  on_every_backend([](Device& device, const std::string&) {
    for (uint32_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      const Graph graph = RandomGraph(seed).make(20);
      for (const int64_t batch : {3, 39}) {
        GraphData<double> data(graph, batch, seed);
        for (size_t k = 0; k < data.modes.size(); ++k) data.modes[k] = int32_t((k + seed) % 3);
        CHECK(distance(run_on(device, graph, batch, data), interpret(graph, batch, data)) <=
              kChainTolerance<double>);
      }
    }
  });
}

TEST_CASE("a skipped output may have no tensor") {
  on_every_backend([](Device& device, const std::string&) {
    const Graph graph = RandomGraph(3).make(20);
    GraphData<double> data(graph, 3, 3);
    const auto expected = interpret(graph, 3, data);
    CompiledGraph<double> compiled(device, graph, 3, data);
    auto outputs =
        std::vector<odeon_tensor>(compiled.args().outputs, compiled.args().outputs + data.modes.size());
    std::vector<int32_t> modes(data.modes.size(), ODEON_WRITE_SKIP);
    modes[1] = ODEON_WRITE_OVERWRITE;
    for (size_t k = 0; k < outputs.size(); ++k)
      if (k != 1) outputs[k] = odeon_tensor{};
    compiled.args().outputs = outputs.data();
    compiled.args().modes = modes.data();
    CHECK(compiled.run() == ODEON_OK);
    CHECK(distance<double>({device.download<double>(outputs[1])}, {expected[1]}) <= kChainTolerance<double>);
  });
}

TEST_CASE("an empty batch computes nothing and an empty sum is zero") {
  on_every_backend([](Device& device, const std::string&) {
    GraphBuilder b;
    const Value x = b.input(0, kVector);
    b.mark_output(b.tanh(x));
    b.mark_output(b.sum(x, 1));
    b.mark_output(b.matmul(x, x, true));
    const Graph graph = b.finish();
    const GraphData<double> data(graph, 0, 1);
    CHECK(distance(run_on(device, graph, 0, data), interpret(graph, 0, data)) == 0);
  });
}

TEST_CASE("a run does not depend on the runs before it") {
  on_every_backend([](Device& device, const std::string&) {
    const Graph graph = RandomGraph(11).make(30);
    const GraphData<double> data(graph, 5, 11);
    CompiledGraph<double> compiled(device, graph, 5, data);
    REQUIRE(compiled.run() == ODEON_OK);
    const auto first = compiled.results();
    REQUIRE(compiled.run() == ODEON_OK);
    CHECK(distance(compiled.results(), first) == 0);
  });
}

TEST_CASE("one and two threads give the same bits for graphs") {
  Device one(backend_plugin("cpu"), 1), two(backend_plugin("cpu"), 2);
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Graph graph = RandomGraph(seed).make(30);
    const GraphData<double> data(graph, 301, seed);
    const auto a = run_on(one, graph, 301, data), b = run_on(two, graph, 301, data);
    for (size_t k = 0; k < a.size(); ++k)
      CHECK(std::memcmp(a[k].data(), b[k].data(), a[k].size() * sizeof(double)) == 0);
  }
}

TEST_CASE("a graph that breaks the rules is refused with a sentence") {
  on_every_backend([](Device& device, const std::string&) {
    Graph graph = RandomGraph(1).make(5);
    graph.nodes.back().inputs[0] = int32_t(graph.nodes.size());
    graph.nodes.back().n_inputs = 1;
    const odeon_graph view = graph.view();
    odeon_plan* plan = nullptr;
    CHECK(graph_api(device).compile(device.handle(), &view, ODEON_F64, 2, &plan) == ODEON_E_INVALID);
    CHECK(last_error().find("graph node") != std::string::npos);
  });
}
