#include "autodiff/vjp.hpp"

#include <algorithm>
#include <map>

#include "autodiff/import.hpp"
#include "autodiff/rules.hpp"

namespace odeon::host {
namespace {

// Which nodes of the copy lie between the wanted sources and the outputs.
std::vector<char> depends_on(const Graph& f, const VjpRequest& request) {
  std::vector<char> depends(f.nodes.size(), 0);
  for (size_t i = 0; i < f.nodes.size(); ++i) {
    const odeon_node& n = f.nodes[i];
    depends[i] = (n.op == ODEON_OP_INPUT && request.inputs) ||
                 (n.op == ODEON_OP_PARAMETER && request.parameters) ||
                 (n.op == ODEON_OP_TIME && request.time);
    for (int32_t k = 0; k < n.n_inputs; ++k) depends[i] |= depends[size_t(n.inputs[k])];
  }
  return depends;
}

}  // namespace

int64_t input_count(const Graph& f) {
  int64_t count = 0;
  for (const odeon_node& n : f.nodes)
    if (n.op == ODEON_OP_INPUT) count = std::max(count, n.ints[0] + 1);
  return count;
}

const odeon_node* find_input(const Graph& f, int64_t index) {
  for (const odeon_node& n : f.nodes)
    if (n.op == ODEON_OP_INPUT && n.ints[0] == index) return &n;
  return nullptr;
}

VjpGraph make_vjp(const Graph& f, const VjpRequest& request) {
  GraphBuilder b;
  const std::vector<Value> value = import(b, f);
  const std::vector<char> wanted = depends_on(f, request);
  const int64_t inputs = input_count(f);
  std::vector<Value> cotangent(f.nodes.size());  // of f's nodes; id -1: zero so far
  const auto accumulate = [&](int32_t node, Value g) {
    Value& c = cotangent[size_t(node)];
    c = c.id < 0 ? g : b.add(c, g);
  };
  for (size_t k = 0; k < f.outputs.size(); ++k)
    accumulate(f.outputs[k], b.input(inputs + static_cast<int64_t>(k), f.shape(f.outputs[k])));
  for (size_t i = f.nodes.size(); i-- > 0;) {
    const odeon_node& node = f.nodes[i];
    if (cotangent[i].id < 0 || !wanted[i] || node.n_inputs == 0) continue;
    std::vector<Value> in;
    for (int32_t k = 0; k < node.n_inputs; ++k) in.push_back(value[size_t(node.inputs[k])]);
    const odeon_node here = b.node(value[i]);  // a copy: the builder's storage moves
    const std::vector<Value> g = vjp_rule({b, here, in, value[i], cotangent[i]});
    for (int32_t k = 0; k < node.n_inputs; ++k)
      if (g[size_t(k)].id >= 0 && wanted[size_t(node.inputs[k])]) accumulate(node.inputs[k], g[size_t(k)]);
  }

  VjpGraph out;
  int next = 0;
  const auto mark = [&](Value v) {
    b.mark_output(v);
    return next++;
  };
  if (request.primal)
    for (int32_t o : f.outputs) mark(value[size_t(o)]), ++out.primal_outputs;
  if (request.inputs)
    for (int64_t i = 0; i < inputs; ++i) {
      Value sum{};
      Shape shape;
      for (size_t k = 0; k < f.nodes.size(); ++k)
        if (f.nodes[k].op == ODEON_OP_INPUT && f.nodes[k].ints[0] == i) {
          shape = shape_of(f.nodes[k]);
          if (cotangent[k].id >= 0) sum = sum.id < 0 ? cotangent[k] : b.add(sum, cotangent[k]);
        }
      out.input_gradients.push_back(mark(sum.id < 0 ? b.constant(0, shape) : sum));
    }
  if (request.parameters) {
    std::map<std::pair<int64_t, Shape>, Value> slots;
    for (size_t k = 0; k < f.nodes.size(); ++k) {
      if (f.nodes[k].op != ODEON_OP_PARAMETER) continue;
      Value& sum = slots[{f.nodes[k].ints[0], shape_of(f.nodes[k])}];
      const Value g = cotangent[k].id < 0 ? b.constant(0, shape_of(f.nodes[k])) : cotangent[k];
      sum = sum.id < 0 ? g : b.add(sum, g);
    }
    for (const auto& [slot, g] : slots)
      out.parameters.push_back({mark(g), slot.first, row_elements(slot.second)});
  }
  if (request.time) {
    Value sum = b.constant(0, {ODEON_BATCH});
    for (size_t k = 0; k < f.nodes.size(); ++k)
      if (f.nodes[k].op == ODEON_OP_TIME && cotangent[k].id >= 0) sum = b.add(sum, cotangent[k]);
    out.time_gradient = mark(sum);
  }
  out.graph = b.finish();
  return out;
}

Graph make_jvp(const Graph& f, bool with_time) { return make_jvp(f, {.inputs = true, .time = with_time}); }

Graph make_jvp(const Graph& f, const VjpRequest& along) {
  const int64_t inputs = input_count(f), outputs = static_cast<int64_t>(f.outputs.size());
  // G(x, v) = vᵀ J; then u -> J u is the reverse pass of G in the direction of v.
  const VjpGraph reverse = make_vjp(f, along);
  const VjpGraph twice = make_vjp(reverse.graph, {.inputs = true});
  GraphBuilder b;
  // f itself first, for its outputs and for zero cotangents v (G is linear in v: any v gives the same J u).
  const std::vector<Value> value = import(b, f);
  for (int32_t o : f.outputs) b.mark_output(value[size_t(o)]);
  // INPUTs of `twice`: x (inputs), v (outputs), then tangents u of each of G's outputs.
  const std::vector<Value> mapped = import(b, twice.graph, [&](const odeon_node& node) {
    if (node.ints[0] < inputs) return b.copy_of(node, {});
    const bool is_v = node.ints[0] < inputs + outputs;
    return is_v ? b.constant(0, shape_of(node)) : b.input(node.ints[0] - outputs, shape_of(node));
  });
  for (int64_t k = 0; k < outputs; ++k) {
    const size_t at = static_cast<size_t>(inputs + k);
    if (at < twice.input_gradients.size())
      b.mark_output(mapped[size_t(twice.graph.outputs[size_t(twice.input_gradients[at])])]);
    else  // no cotangent is read at all: f does not depend on its inputs
      b.mark_output(b.constant(0, f.shape(f.outputs[size_t(k)])));
  }
  return b.finish();
}

}  // namespace odeon::host
