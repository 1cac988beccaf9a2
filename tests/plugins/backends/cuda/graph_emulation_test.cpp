// The code generator for graphs, without a GPU: its text, compiled for the processor, against the SDK's
// interpreter.
#include "graph/run.hpp"
#include "plugins/backends/cuda/emulation.hpp"
#include "plugins/backends/graph_case.hpp"
#include "plugins/backends/random_graph.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

// The same operations in the same order on one thread, but for sums that a group of ops reorders.
template <class T>
constexpr double kTolerance = sizeof(T) == 4 ? 2e-5 : 1e-13;
// Of chains of ops on numbers of size one, each of which may amplify.
template <class T>
constexpr double kChainTolerance = sizeof(T) == 4 ? 2e-3 : 1e-11;

// The graph's outputs. prefix: of the names of its kernels in the text.
template <class T>
std::vector<std::vector<T>> emulate(const cuda::GeneratedGraph& generated, const CompiledText& text,
                                    const std::string& prefix, int64_t batch, const GraphData<T>& d,
                                    unsigned blocks) {
  cuda::GraphRun run(generated, dtype_of<T>(), batch);
  std::vector<std::byte> arena(static_cast<size_t>(run.arena_bytes()),
                               std::byte{0xff});  // NaN where nobody writes
  BoundData<T> bound(d);
  auto* block = text.symbol<long long>(prefix + "odeon_block");
  auto* count = text.symbol<long long>(prefix + "odeon_blocks");
  run.run(bound.args, arena.data(), [&](size_t k, unsigned wanted, const cuda::KernelArgs& a) {
    CHECK(wanted > 0);
    auto* kernel = text.symbol<void(cuda::KernelArgs)>(prefix + generated.kernels[k].name);
    *count = blocks;  // fewer than there are items: the loops by the grid are tested too
    for (*block = 0; *block < *count; ++*block) kernel(a);
  });
  return bound.outputs();
}

// Names of one graph's source made its own by macros, so that many sources are one text: starting a compiler
// takes longer than compiling.
std::string renamed(const std::string& source, const std::string& prefix,
                    const std::vector<std::string>& names) {
  std::string text = "namespace " + prefix + "space {\n";
  for (const std::string& n : names) text += "#define " + n + " " + prefix + n + "\n";
  text += source;
  for (const std::string& n : names) text += "#undef " + n + "\n";
  for (const char* macro : {"ODEON_KERNEL", "ODEON_FUNCTION", "ODEON_EACH_ITEM", "ODEON_EACH_BLOCK_ITEM",
                            "ODEON_EACH_SHARE", "ODEON_FIRST_THREAD"})
    text += "#undef " + std::string(macro) + "\n";
  return text + "}\n";
}

struct Case {
  Graph graph;
  uint32_t seed;
};

template <class T>
void check_all(const std::vector<Case>& cases, double tolerance, std::vector<int64_t> batches) {
  std::vector<cuda::GeneratedGraph> generated;
  std::string source;
  for (size_t i = 0; i < cases.size(); ++i) {
    generated.push_back(cuda::generate(cases[i].graph.view(), dtype_of<T>()));
    std::vector<std::string> names{"odeon_block", "odeon_blocks"};
    for (const auto& k : generated.back().kernels) names.push_back(k.name);
    source += renamed(generated.back().source, "g" + std::to_string(i) + "_", names);
  }
  const CompiledText text(source);
  for (size_t i = 0; i < cases.size(); ++i)
    for (int64_t batch : batches) {
      CAPTURE(i);
      CAPTURE(batch);
      GraphData<T> data(cases[i].graph, batch, cases[i].seed);
      for (size_t k = 0; k < data.modes.size(); ++k) data.modes[k] = int32_t((1 + k * cases[i].seed) % 3);
      const auto got = emulate<T>(generated[i], text, "g" + std::to_string(i) + "_", batch, data, 3);
      CHECK(distance(got, interpret(cases[i].graph, batch, data)) <= tolerance);
    }
}

}  // namespace

TEST_CASE("generated code for random graphs agrees with the interpreter") {
  std::vector<Case> cases;
  for (uint32_t seed = 1; seed <= 60; ++seed)
    cases.push_back({RandomGraph(seed).make(10 + int(seed % 30)), seed});
  check_all<double>(cases, kChainTolerance<double>, {1, 2, 7, 33});
  cases.resize(15);
  check_all<float>(cases, kChainTolerance<float>, {1, 7});
}

namespace {

const Shape kVector{ODEON_BATCH, 13}, kImage{ODEON_BATCH, 6, 5, 7};

Case case_of(const std::function<Value(GraphBuilder&)>& make) {
  GraphBuilder b;
  b.mark_output(make(b));
  return {b.finish(), 1};  // its output is accumulated or overwritten, never skipped, with seed 1 and k = 0
}

}  // namespace

TEST_CASE("generated code for elementwise ops agrees at ordinary and at extreme numbers") {
  GraphBuilder b;
  const Value x = b.input(0, kVector), y = b.input(1, kVector);
  for (Value v : {b.neg(x),
                  b.exp(x),
                  b.log(x),
                  b.sin(x),
                  b.cos(x),
                  b.tan(x),
                  b.tanh(x),
                  b.sigmoid(x),
                  b.relu(x),
                  b.softplus(x),
                  b.erf(x),
                  b.sqrt(x),
                  b.abs(x),
                  b.sign(x),
                  b.heaviside(x),
                  b.reciprocal(x),
                  b.powi(x, -5),
                  b.powi(x, 10),
                  b.powi(x, -1),
                  b.add(x, y),
                  b.sub(x, y),
                  b.mul(x, y),
                  b.div(x, y),
                  b.pow(x, y),
                  b.maximum(x, y),
                  b.minimum(x, y),
                  b.greater(x, y),
                  b.select(x, y, b.constant(HUGE_VAL)),
                  b.add(x, b.constant(std::nan("")))})
    b.mark_output(v);
  const Graph graph = b.finish();
  const auto generated = cuda::generate(graph.view(), ODEON_F64);
  const CompiledText text(generated.source);
  GraphData<double> d(graph, 1, 1);
  CHECK(distance(emulate<double>(generated, text, "", 1, d, 2), interpret(graph, 1, d)) <=
        kTolerance<double>);
  d.inputs[0] = {0.0,  -0.0, HUGE_VAL, -HUGE_VAL, std::nan(""), 709.78, 709.79,
                 -745, -800, 1e300,    1e-300,    -1e-20,       40};
  d.inputs[1] = {-0.0, 1.0, 2.0, 3.0, 1.0, -1.0, 0.5, 2, 2, 1, -1, 1, 0};
  CHECK(distance(emulate<double>(generated, text, "", 1, d, 2), interpret(graph, 1, d)) <=
        kTolerance<double>);
}

TEST_CASE("generated code for matrix products of every transposition agrees") {
  using B = GraphBuilder;
  std::vector<Case> cases;
  for (int64_t n : {1, 17, 50})
    for (int64_t k : {1, 16, 301}) {
      cases.push_back(case_of([&](B& b) {
        return b.matmul(b.input(0, {ODEON_BATCH, k}), b.parameter(0, {k, n}));
      }));
      cases.push_back(case_of([&](B& b) {
        return b.matmul(b.input(0, {ODEON_BATCH, k}), b.parameter(0, {n, k}), false, true);
      }));
      cases.push_back(case_of([&](B& b) {
        return b.matmul(b.input(0, {ODEON_BATCH, k}), b.input(1, {ODEON_BATCH, n}), true, false);
      }));
      cases.push_back(case_of([&](B& b) {
        return b.matmul(b.parameter(0, {k, 5}), b.parameter(9, {n, k}), true, true);
      }));
      cases.push_back(case_of([&](B& b) {  // linear layer with bias and activation, its input through a view
        const Value t = b.reshape(b.time(), {ODEON_BATCH, 1});
        const Value h =
            b.matmul(b.concat(t, b.input(0, {ODEON_BATCH, k}), 1), b.parameter(0, {n, k + 1}), false, true);
        return b.tanh(b.add(h, b.parameter(1, {n})));
      }));
    }
  check_all<double>(cases, kTolerance<double>, {1, 2, 33});
}

TEST_CASE("generated code for the three convolutions with strides, padding and odd sizes agrees") {
  using B = GraphBuilder;
  std::vector<Case> cases;
  for (int64_t stride : {1, 2, 3})
    for (int64_t pad : {0, 2})
      for (int64_t kernel : {1, 4}) {
        const B::Conv c{stride, 1, pad, pad};
        const Shape w{9, 6, kernel, 3};
        cases.push_back(case_of([&](B& b) { return b.conv2d(b.input(0, kImage), b.parameter(0, w), c); }));
        cases.push_back(case_of([&](B& b) {
          const Value g = b.sin(b.conv2d(b.input(0, kImage), b.parameter(0, w), c));
          return b.conv2d_input_grad(g, b.parameter(5, w), c, 5, 7);
        }));
        cases.push_back(case_of([&](B& b) {
          const Value g = b.sin(b.conv2d(b.input(0, kImage), b.parameter(0, w), c));
          return b.conv2d_weight_grad(b.input(0, kImage), g, c, kernel, 3);
        }));
      }
  check_all<double>(cases, kTolerance<double>, {1, 3});
}

TEST_CASE("generated code for views, sums over every set of axes, normalisation and log_softmax agrees") {
  using B = GraphBuilder;
  std::vector<Case> cases;
  for (int64_t axes = 1; axes < 16; ++axes)
    cases.push_back(case_of([&](B& b) { return b.sum(b.input(0, kImage), axes); }));
  for (int64_t axis : {1, 2, 3}) {
    cases.push_back(
        case_of([&](B& b) { return b.concat(b.input(0, kImage), b.sin(b.input(0, kImage)), axis); }));
    cases.push_back(case_of([&](B& b) { return b.slice(b.input(0, kImage), axis, 2, 4); }));
    cases.push_back(case_of([&](B& b) { return b.slice(b.input(0, kImage), axis, 2, 2); }));
    cases.push_back(
        case_of([&](B& b) { return b.pad(b.pad(b.sin(b.input(0, kImage)), axis, 2, 1), 1, 0, 4); }));
  }
  cases.push_back(case_of([&](B& b) { return b.reshape(b.input(0, kImage), {ODEON_BATCH, 7, 30}); }));
  cases.push_back(case_of([&](B& b) {
    return b.broadcast_to(b.parameter(3, {1, 5, 1}), {ODEON_BATCH, 6, 5, 7});
  }));
  cases.push_back(case_of([&](B& b) { return b.transpose(b.input(0, kImage), {0, 3, 1, 2}); }));
  cases.push_back(case_of([&](B& b) { return b.transpose(b.parameter(0, {3, 4, 5}), {2, 1, 0}); }));
  cases.push_back(case_of([&](B& b) { return b.time(); }));
  cases.push_back(case_of([&](B& b) { return b.constant(2.5, kVector); }));
  cases.push_back(case_of([&](B& b) { return b.parameter(7, {3}); }));
  cases.push_back(case_of([&](B& b) { return b.log_softmax(b.input(0, kVector)); }));
  for (int64_t groups : {1, 2, 6}) {
    cases.push_back(case_of([&](B& b) { return b.group_norm(b.input(0, kImage), groups, 1e-3); }));
    cases.push_back(case_of(
        [&](B& b) { return b.group_norm_grad(b.input(0, kImage), b.input(1, kImage), groups, 1e-3); }));
  }
  check_all<double>(cases, kTolerance<double>, {1, 3});
  check_all<float>(cases, kTolerance<float>, {2});
}

TEST_CASE("an empty batch launches nothing but the sums over it, which are zero") {
  GraphBuilder b;
  const Value x = b.input(0, kVector);
  b.mark_output(b.tanh(x));
  b.mark_output(b.sum(x, 1));
  b.mark_output(b.matmul(x, x, true));
  const Case c{b.finish(), 3};
  check_all<double>({c}, 0, {0});
}

TEST_CASE("a linear layer with its activation is one kernel, and what nobody wants is not launched") {
  GraphBuilder b;
  const Value x = b.input(0, {ODEON_BATCH, 4});
  b.mark_output(b.tanh(b.add(b.matmul(x, b.parameter(0, {4, 4})), b.parameter(16, {4}))));
  b.mark_output(b.sum(b.mul(x, x), 1));
  const Graph graph = b.finish();
  const auto generated = cuda::generate(graph.view(), ODEON_F64);
  CHECK(generated.kernels.size() ==
        2);  // the square and the layer are of one size; the sum over the batch comes after
  GraphData<double> d(graph, 3, 1);
  d.modes = {ODEON_WRITE_SKIP, ODEON_WRITE_SKIP};
  cuda::GraphRun run(generated, ODEON_F64, 3);
  odeon_plan_args args{};
  const odeon_tensor theta = make_tensor(d.theta.data(), ODEON_F64, {int64_t(d.theta.size())});
  args.theta = &theta;
  args.inputs = d.input_shapes.data();
  args.n_inputs = 1;
  args.modes = d.modes.data();
  args.n_outputs = 2;
  int launches = 0;
  run.run(args, nullptr, [&](size_t, unsigned, const cuda::KernelArgs&) { ++launches; });
  CHECK(launches == 0);
}
