#include "graph/analysis.hpp"

#include <odeon/sdk/graph_eval.hpp>
#include <odeon/sdk/graph_ops.hpp>

namespace odeon::cpu {

Around around(const odeon_tensor& x, int64_t axis) {
  Around a;
  for (int64_t i = 0; i < axis; ++i) a.outer *= x.shape[i];
  for (int64_t i = axis + 1; i < x.rank; ++i) a.inner *= x.shape[i];
  return a;
}

Analysis::Analysis(const odeon_graph& graph, int64_t batch, int32_t dtype)
    : outputs(graph.outputs, graph.outputs + graph.n_outputs) {
  for (int64_t i = 0; i < graph.n_nodes; ++i) {
    Value v;
    v.node = graph.nodes[i];
    v.shape = bound_shape(v.node, batch, dtype);
    v.count = element_count(v.shape);
    v.root = static_cast<int>(i);
    values.push_back(v);
    classify(static_cast<int>(i));
  }
  for (int32_t o : outputs) values[size_t(o)].needed = true;
  for (size_t i = values.size(); i-- > 0;)
    for (int32_t k = 0; values[i].needed && k < values[i].node.n_inputs; ++k)
      values[size_t(values[i].node.inputs[k])].needed = true;
  bind_outputs();
  join_concats();
  mark_written_out();
}

void Analysis::classify(int i) {
  Value& v = values[size_t(i)];
  const auto in = [&](int k) -> const Value& { return at(v.node.inputs[k]); };
  const auto becomes_alias = [&](int64_t offset) {
    v.role = Role::alias;
    v.root = in(0).root;
    v.offset = in(0).offset + offset;
  };
  const auto view_of_one = [&](bool same_elements, int64_t offset) {
    v.role = Role::view;
    if (root_of(v.node.inputs[0]).role == Role::constant) {
      v.role = Role::constant;
      v.number = root_of(v.node.inputs[0]).number;
    } else if (same_elements) {
      becomes_alias(offset);
    }
  };
  switch (v.node.op) {
    case ODEON_OP_INPUT:
    case ODEON_OP_PARAMETER:
    case ODEON_OP_TIME:
      v.role = Role::source;
      return;
    case ODEON_OP_CONSTANT:
      v.role = Role::constant;
      v.number = v.node.reals[0];
      return;
    case ODEON_OP_RESHAPE:
    case ODEON_OP_BROADCAST:
      return view_of_one(v.count == in(0).count, 0);
    case ODEON_OP_TRANSPOSE:
      return view_of_one(moves_nothing(v.node, in(0).shape), 0);
    case ODEON_OP_SLICE: {
      const Around a = around(in(0).shape, v.node.ints[0]);
      return view_of_one(v.count == in(0).count || a.outer == 1, v.node.ints[1] * a.inner);
    }
    case ODEON_OP_SUM:
      v.role = Role::step;
      if (v.count == in(0).count) view_of_one(true, 0);
      return;
    case ODEON_OP_PAD:
    case ODEON_OP_CONCAT:
      v.role = Role::view;
      return;
    default:
      v.role = is_elementwise(v.node.op) ? Role::elementwise : Role::step;
  }
}

// An output's tensor becomes the memory of a computed value, the first time that value is an output.
void Analysis::bind_outputs() {
  for (size_t k = 0; k < outputs.size(); ++k) {
    if (!is_whole(outputs[k])) continue;
    Value& r = values[size_t(at(outputs[k]).root)];
    if (r.role != Role::source && r.role != Role::constant && r.output < 0) r.output = static_cast<int>(k);
  }
}

// A CONCAT along the leading axis is the memory of its parts side by side, if they are computed here.
void Analysis::join_concats() {
  for (size_t i = 0; i < values.size(); ++i) {
    Value& v = values[i];
    if (!v.needed || v.node.op != ODEON_OP_CONCAT || around(v.shape, v.node.ints[0]).outer != 1) continue;
    const int a = v.node.inputs[0], b = v.node.inputs[1];
    const auto can_move = [&](int part) {
      const Value& r = root_of(part);
      const bool computed = r.role == Role::elementwise || r.role == Role::step || r.joined;
      return computed && is_whole(part) && r.stored_in < 0 && r.output < 0 && r.count > 0;
    };
    if (at(a).root == at(b).root || !can_move(a) || !can_move(b)) continue;
    v.joined = true;
    Value &ra = values[size_t(at(a).root)], &rb = values[size_t(at(b).root)];
    ra.stored_in = rb.stored_in = static_cast<int>(i);
    ra.stored_offset = 0;
    rb.stored_offset = at(a).count;
  }
}

void Analysis::mark_written_out() {
  for (int32_t o : outputs) values[size_t(at(o).root)].written_out = true;
  for (const Value& v : values) {
    if (!v.needed || v.role == Role::alias || v.role == Role::constant) continue;
    for (int32_t k = 0; k < v.node.n_inputs; ++k) {
      const int u = v.node.inputs[k];
      if (v.role != Role::elementwise || !is_whole(u)) values[size_t(at(u).root)].written_out = true;
    }
  }
}

int Analysis::owner(int root, int64_t* offset) const {
  int64_t sum = 0;
  while (at(root).stored_in >= 0) {
    sum += at(root).stored_offset;
    root = at(root).stored_in;
  }
  if (offset) *offset = sum;
  return root;
}

}  // namespace odeon::cpu
