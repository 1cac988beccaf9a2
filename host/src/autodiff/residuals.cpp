#include "autodiff/residuals.hpp"

#include <algorithm>

#include "autodiff/import.hpp"

namespace odeon::host {
namespace {

constexpr VjpRequest kAll{.inputs = true, .parameters = true, .time = true};

bool is_contraction(int32_t op) {
  return op == ODEON_OP_MATMUL || op == ODEON_OP_CONV2D || op == ODEON_OP_CONV2D_INPUT_GRAD ||
         op == ODEON_OP_CONV2D_WEIGHT_GRAD;
}

// Costs no more than to read its result back, once its operands are there.
bool is_light(int32_t op) {
  switch (op) {
    case ODEON_OP_NEG:
    case ODEON_OP_RELU:
    case ODEON_OP_ABS:
    case ODEON_OP_SIGN:
    case ODEON_OP_HEAVISIDE:
    case ODEON_OP_POWI:
    case ODEON_OP_ADD:
    case ODEON_OP_SUB:
    case ODEON_OP_MUL:
    case ODEON_OP_MAXIMUM:
    case ODEON_OP_MINIMUM:
    case ODEON_OP_GREATER:
    case ODEON_OP_SELECT:
    case ODEON_OP_RESHAPE:
    case ODEON_OP_BROADCAST:
    case ODEON_OP_CONCAT:
    case ODEON_OP_SLICE:
    case ODEON_OP_PAD:
    case ODEON_OP_TRANSPOSE:
      return true;
    default:
      return false;
  }
}

// Which nodes come of one of the nodes that `source` names, itself included.
template <class Source>
std::vector<char> descendants(const Graph& g, Source source) {
  std::vector<char> of(g.nodes.size(), 0);
  for (size_t i = 0; i < g.nodes.size(); ++i) {
    of[i] = source(g.nodes[i]);
    for (int32_t k = 0; k < g.nodes[i].n_inputs; ++k) of[i] |= of[size_t(g.nodes[i].inputs[k])];
  }
  return of;
}

// What to keep for the nodes that depend on a cotangent, of which the first is INPUT first_cotangent.
class Choice {
 public:
  Choice(const Graph& g, int64_t first_cotangent)
      : g_(g),
        late_(descendants(
            g, [&](const odeon_node& n) { return n.op == ODEON_OP_INPUT && n.ints[0] >= first_cotangent; })),
        varies_(descendants(
            g, [](const odeon_node& n) { return n.op == ODEON_OP_INPUT || n.op == ODEON_OP_TIME; })),
        needed_(g.nodes.size(), 0) {}

  std::vector<int32_t> kept() {
    for (size_t i = 0; i < g_.nodes.size(); ++i)
      if (late_[i]) need_operands(g_.nodes[i]);
    for (int32_t o : g_.outputs) needed_[size_t(o)] = 1;
    std::vector<int32_t> kept;
    for (size_t i = g_.nodes.size(); i-- > 0;) {  // a node behind all that need it
      const odeon_node& n = g_.nodes[i];
      if (late_[i] || !needed_[i] || n.n_inputs == 0) continue;
      if (!varies_[i] || (is_light(n.op) && operands_to_keep(n) <= row_elements(shape_of(n))))
        need_operands(n);
      else
        kept.push_back(static_cast<int32_t>(i));
    }
    std::reverse(kept.begin(), kept.end());
    return kept;
  }

 private:
  void need_operands(const odeon_node& n) {
    for (int32_t k = 0; k < n.n_inputs; ++k) needed_[size_t(n.inputs[k])] = 1;
  }
  // Elements of a row that computing n again would keep beside what is needed anyway.
  int64_t operands_to_keep(const odeon_node& n) const {
    int64_t elements = 0;
    for (int32_t k = 0; k < n.n_inputs; ++k) {
      const size_t at = size_t(n.inputs[k]);
      if (k > 0 && n.inputs[k] == n.inputs[0]) continue;
      if (!needed_[at] && varies_[at] && g_.nodes[at].n_inputs > 0)
        elements += row_elements(shape_of(g_.nodes[at]));
    }
    return elements;
  }

  const Graph& g_;
  std::vector<char> late_, varies_, needed_;
};

}  // namespace

ResidualGraphs::ResidualGraphs(const Graph& f)
    : first_(input_count(f) + static_cast<int64_t>(f.outputs.size())), vjp_(make_vjp(f, kAll)) {
  const auto contraction = [](const odeon_node& n) { return is_contraction(n.op); };
  if (std::any_of(f.nodes.begin(), f.nodes.end(), contraction)) {
    kept_ = Choice(vjp_.graph, input_count(f)).kept();
    for (int32_t i : kept_) shapes_.push_back(vjp_.graph.shape(i));
  }
  GraphBuilder b;
  const std::vector<Value> of_f = import(b, f), value = import(b, vjp_.graph);
  for (int32_t o : f.outputs) b.mark_output(of_f[size_t(o)]);
  for (int32_t i : kept_) b.mark_output(value[size_t(i)]);
  forward_ = b.finish();
}

VjpGraph ResidualGraphs::reverse(const VjpRequest& request) const {
  const Graph& whole = vjp_.graph;
  GraphBuilder b;
  std::vector<Value> value;
  for (size_t i = 0, k = 0; i < whole.nodes.size(); ++i) {
    if (k < kept_.size() && kept_[k] == static_cast<int32_t>(i)) {
      value.push_back(b.input(first_ + static_cast<int64_t>(k), shapes_[k]));
      ++k;
      continue;
    }
    std::vector<Value> in;
    for (int32_t j = 0; j < whole.nodes[i].n_inputs; ++j)
      in.push_back(value[size_t(whole.nodes[i].inputs[j])]);
    value.push_back(b.copy_of(whole.nodes[i], in));
  }
  VjpGraph out;
  int next = 0;
  const auto mark = [&](int output_of_whole) {
    b.mark_output(value[size_t(whole.outputs[size_t(output_of_whole)])]);
    return next++;
  };
  if (request.inputs)
    for (int o : vjp_.input_gradients) out.input_gradients.push_back(mark(o));
  if (request.parameters)
    for (const VjpGraph::ParameterGradient& p : vjp_.parameters)
      out.parameters.push_back({mark(p.output), p.offset, p.count});
  if (request.time) out.time_gradient = mark(vjp_.time_gradient);
  out.graph = b.finish();
  return out;
}

}  // namespace odeon::host
