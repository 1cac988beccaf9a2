#include <cmath>
#include <functional>
#include <odeon/sdk/graph_eval.hpp>

#include "autodiff/vjp.hpp"
#include "conformance/backend_case.hpp"
#include "conformance/backend_runs.hpp"
#include "engine/graph_program.hpp"

namespace odeon::host::conformance {
namespace {

struct NamedGraph {
  std::string name;
  Graph graph;
};

NamedGraph made(std::string name, const std::function<Value(GraphBuilder&)>& make) {
  GraphBuilder b;
  b.mark_output(make(b));
  return {std::move(name), b.finish()};
}

// Each elementwise op alone, by its code.
std::vector<NamedGraph> elementwise_ops() {
  std::vector<NamedGraph> out;
  for (const OpInfo& info : kOps) {
    if (info.family != OpFamily::unary && info.family != OpFamily::binary) continue;
    out.push_back(made("op " + std::string(info.name), [&](GraphBuilder& b) {
      odeon_node like{};
      like.op = info.op;
      like.n_inputs = info.arity;
      like.ints[0] = info.op == ODEON_OP_POWI ? 3 : 0;
      const Value inputs[] = {b.input(0, {ODEON_BATCH, 13}),
                              b.broadcast_to(b.parameter(0, {13}), {ODEON_BATCH, 13})};
      return b.copy_of(like, {inputs, static_cast<size_t>(info.arity)});
    }));
  }
  return out;
}

// Ends with one output of [batch, 2, 3, 3]; with its derivatives it has all ops of networks.
Graph image_network() {
  GraphBuilder b;
  const Value x = b.input(0, {ODEON_BATCH, 2, 3, 3});
  const Value t = b.broadcast_to(b.reshape(b.time(), {ODEON_BATCH, 1, 1, 1}), {ODEON_BATCH, 1, 3, 3});
  const Value h = b.conv2d(b.concat(t, x, 1), b.parameter(0, {4, 3, 3, 3}), {1, 1, 1, 1});
  const Value n = b.mul(b.group_norm(h, 2, 1e-3), b.parameter(108, {4, 1, 1}));
  b.mark_output(b.conv2d(b.softplus(n), b.parameter(112, {2, 4, 1, 1}), {}));
  return b.finish();
}

std::vector<NamedGraph> graphs() {
  std::vector<NamedGraph> out = elementwise_ops();
  const Shape image{ODEON_BATCH, 6, 5, 7};
  out.push_back(made("a network of two linear layers", [](GraphBuilder& b) {
    const Value h = b.add(b.matmul(b.input(0, {ODEON_BATCH, 3}), b.parameter(0, {17, 3}), false, true),
                          b.parameter(51, {17}));
    return b.matmul(b.tanh(h), b.parameter(68, {3, 17}), false, true);
  }));
  out.push_back({"a network of two convolutions", image_network()});
  out.push_back({"its derivatives", make_vjp(image_network(), {true, true, true, true}).graph});
  out.push_back(made("slice, pad and transpose", [&](GraphBuilder& b) {
    const Value x = b.pad(b.slice(b.input(0, image), 2, 1, 4), 3, 2, 1);
    return b.transpose(x, {0, 3, 1, 2});
  }));
  out.push_back(made("sums over axes", [&](GraphBuilder& b) { return b.sum(b.input(0, image), 0b1011); }));
  out.push_back(made("select and log_softmax", [](GraphBuilder& b) {
    const Value x = b.input(0, {ODEON_BATCH, 13}), y = b.input(1, {ODEON_BATCH, 13});
    return b.log_softmax(b.select(b.greater(x, y), x, b.scale(y, 3)));
  }));
  out.push_back(made("a weight gradient", [](GraphBuilder& b) {
    return b.matmul(b.input(0, {ODEON_BATCH, 5}), b.input(1, {ODEON_BATCH, 9}), true, false);
  }));
  return out;
}

// Data of one run: what a graph reads, and what its outputs held before.
template <class T>
struct Run {
  std::vector<std::vector<T>> inputs, outputs;
  std::vector<T> theta;
  std::vector<double> t;
  std::vector<odeon_tensor> input_shapes, output_shapes;
  std::vector<int32_t> modes;

  Run(const Graph& g, int64_t batch, int32_t first_mode) : t(random_numbers(batch, 80, 0.2, 0.9)) {
    const auto draw = [](int64_t n, uint32_t seed) {
      std::vector<T> x;
      for (const double v : random_numbers(n, seed, 0.2, 0.9)) x.push_back(static_cast<T>(v));
      return x;
    };
    int64_t parameters = 0;
    input_shapes.assign(size_t(input_count(g)), make_tensor(nullptr, dtype_of<T>(), {0}));
    for (const odeon_node& node : g.nodes) {
      const odeon_tensor shape = bound_shape(node, batch, dtype_of<T>());
      if (node.op == ODEON_OP_PARAMETER)
        parameters = std::max(parameters, node.ints[0] + element_count(shape));
      if (node.op == ODEON_OP_INPUT) input_shapes[size_t(node.ints[0])] = shape;
    }
    theta = draw(parameters, 81);
    for (const odeon_tensor& x : input_shapes)
      inputs.push_back(draw(element_count(x), 82 + uint32_t(inputs.size())));
    for (const int32_t o : g.outputs) {
      output_shapes.push_back(bound_shape(g.nodes[size_t(o)], batch, dtype_of<T>()));
      modes.push_back((first_mode + int32_t(modes.size())) % 3);
      outputs.push_back(draw(element_count(output_shapes.back()), 90));
    }
  }

  std::vector<std::vector<T>> interpreted(const Graph& g, int64_t batch) const {
    Run copy = *this;
    for (size_t i = 0; i < inputs.size(); ++i) copy.input_shapes[i].data = copy.inputs[i].data();
    for (size_t i = 0; i < outputs.size(); ++i) copy.output_shapes[i].data = copy.outputs[i].data();
    const odeon_tensor p = make_tensor(copy.theta.data(), dtype_of<T>(), {int64_t(theta.size())});
    odeon_plan_args a{};
    a.struct_size = sizeof a;
    a.t = {0, copy.t.data(), 1};
    a.theta = &p;
    a.inputs = copy.input_shapes.data();
    a.n_inputs = int64_t(inputs.size());
    a.outputs = copy.output_shapes.data();
    a.modes = copy.modes.data();
    a.n_outputs = int64_t(outputs.size());
    Interpreter<T>(g.view(), batch).run(a);
    return copy.outputs;
  }

  std::vector<std::vector<T>> computed(BackendCase& c, const Graph& g, int64_t batch, int& compiled) const {
    GraphProgram program(c.shared(), g, dtype_of<T>(), batch);
    compiled += !program.interpreted();
    std::vector<odeon_tensor> x = input_shapes, z = output_shapes;
    for (size_t i = 0; i < x.size(); ++i) x[i].data = c.upload(inputs[i]);
    for (size_t i = 0; i < z.size(); ++i) z[i].data = c.upload(outputs[i]);
    const odeon_tensor p = make_tensor(c.upload(theta), dtype_of<T>(), {int64_t(theta.size())});
    program.run({{0, c.upload(t), 1}, &p, x, z, modes});
    std::vector<std::vector<T>> out;
    for (const odeon_tensor& o : z) out.push_back(c.download<T>(o));
    return out;
  }
};

// The largest difference relative to 1 + |expected|.
template <class T>
double distance(const std::vector<std::vector<T>>& x, const std::vector<std::vector<T>>& y) {
  double worst = 0;
  for (size_t k = 0; k < x.size(); ++k)
    for (size_t i = 0; i < x[k].size(); ++i) {
      const double d = std::abs(double(x[k][i]) - double(y[k][i])) / (1 + std::abs(double(y[k][i])));
      worst = std::isfinite(d) ? std::max(worst, d) : INFINITY;
    }
  return worst;
}

// Other approximations of exp and tanh, and other orders of sums.
template <class T>
constexpr double kTolerance = sizeof(T) == 4 ? 1e-4 : 1e-12;

template <class T>
bool agrees(const Subject& s, const Graph& g, int64_t batch, int32_t first_mode, int& compiled) {
  BackendCase c(s);
  const Run<T> run(g, batch, first_mode);
  return distance(run.computed(c, g, batch, compiled), run.interpreted(g, batch)) <= kTolerance<T>;
}

}  // namespace

Finding graphs_agree_with_the_interpreter(const Subject& s) {
  if (!s.open_backend()->graph_api()) return skip("it compiles no graphs; the host interprets them");
  int compiled = 0, all = 0;
  for (const NamedGraph& g : graphs())
    for (const int64_t batch : {1, 3, 33})
      for (const int32_t mode : {ODEON_WRITE_OVERWRITE, ODEON_WRITE_ACCUMULATE, ODEON_WRITE_SKIP}) {
        ++all;
        const std::string where = g.name + " with " + std::to_string(batch) + " rows, the first output " +
                                  (mode == ODEON_WRITE_SKIP         ? "skipped"
                                   : mode == ODEON_WRITE_ACCUMULATE ? "added to"
                                                                    : "overwritten");
        if (!agrees<double>(s, g.graph, batch, mode, compiled)) return fail("wrong for " + where);
        int in_single = 0;
        if (!agrees<float>(s, g.graph, batch, mode, in_single)) return fail("wrong in f32 for " + where);
      }
  return pass(std::to_string(compiled) + " of " + std::to_string(all) + " compiled");
}

}  // namespace odeon::host::conformance
