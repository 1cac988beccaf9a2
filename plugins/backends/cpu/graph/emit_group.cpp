// A group of elementwise values as a register program.
#include <odeon/sdk/graph_eval/structure.hpp>

#include "graph/emit.hpp"
#include "graph/program.hpp"

namespace odeon::cpu {
namespace {

StridedView merged(const StridedView& v) {
  StridedView m;
  m.from = v.from;
  for (int i = 0; i < v.rank; ++i) {
    if (v.size[i] == 1) continue;
    const int last = m.rank - 1;
    if (m.rank > 0 && m.stride[last] == v.stride[i] * v.size[i]) {
      m.size[last] *= v.size[i];
      m.stride[last] = v.stride[i];
    } else {
      m.size[m.rank] = v.size[i];
      m.stride[m.rank++] = v.stride[i];
    }
  }
  return m;
}

template <class T>
class GroupEmitter {
 public:
  GroupEmitter(const Analysis& a, const Schedule& s, int step, int64_t batch, Layout& layout,
               FixedBlocks& fixed)
      : a_(a),
        s_(s),
        step_(step),
        layout_(layout),
        fixed_(fixed),
        plan_(s.steps[size_t(step)]),
        program_(std::make_unique<Program<T>>(plan_.count, batch)) {}

  std::unique_ptr<Step<T>> emit() {
    count_uses();
    for (int v : plan_.values) emit_value(v);
    return std::move(program_);
  }

 private:
  // What an operand of the group is known by: a root, or the view itself when it is written out here.
  void count_uses() {
    for (int v : plan_.values)
      if (a_.at(v).role == Role::elementwise)
        for (int32_t k = 0; k < a_.at(v).node.n_inputs; ++k) ++uses_[a_.at(a_.at(v).node.inputs[k]).root];
  }

  void emit_value(int v) {
    const Analysis::Value& value = a_.at(v);
    int operands[3] = {-1, -1, -1};
    if (value.role == Role::view) {
      operands[0] = loaded(v);
    } else {
      for (int32_t k = 0; k < value.node.n_inputs; ++k) operands[k] = operand(value.node.inputs[k]);
      for (int32_t k = 0; k < value.node.n_inputs; ++k) release(a_.at(value.node.inputs[k]).root);
    }
    int z;
    if (s_.in_memory[size_t(v)]) {
      z = program_->dense(layout_.place(v));
    } else {
      const int reg = take_register();
      register_of_[v] = reg;
      z = program_->add_register(reg);
    }
    if (value.role != Role::view) operand_of_[v] = z;
    program_->emit(find_kernel<T>(value.node), value.node.ints[0], z, operands[0], operands[1], operands[2]);
    if (value.role == Role::view) operand_of_[v] = z;
  }

  int operand(int u) {
    const Analysis::Value& root = a_.root_of(u);
    const int r = a_.at(u).root;
    if (a_.is_folded(u)) return loaded(r);
    // Of the group itself, or a whole value read before.
    if (a_.is_whole(u)) {
      const auto known = operand_of_.find(r);
      if (known != operand_of_.end()) return known->second;
    }
    int id;
    if (root.role == Role::constant)
      id = program_->fixed(fixed_.get<T>(root.number, layout_, kBlock<T>));
    else
      id = program_->dense(layout_.place(u));
    if (a_.is_whole(u)) operand_of_[r] = id;
    return id;
  }

  // A register that is filled from a view for every block; kept for the whole program.
  int loaded(int view) {
    const auto known = loaded_.find(view);
    if (known != loaded_.end()) return known->second;
    // Its register is never shared: all loads precede all instructions.
    return loaded_[view] = view_is_piecewise(view) ? program_->loaded(piecewise(view))
                                                   : program_->loaded(merged(strided(view)));
  }

  bool view_is_piecewise(int view) const {
    return a_.at(view).node.op == ODEON_OP_PAD || a_.at(view).node.op == ODEON_OP_CONCAT;
  }

  StridedView strided(int view) const {
    const odeon_node& node = a_.at(view).node;
    const odeon_tensor &z = a_.at(view).shape, &x = a_.at(node.inputs[0]).shape;
    int64_t dense[ODEON_MAX_RANK];
    eval::dense_strides(x, dense);
    StridedView v;
    v.from = layout_.place(node.inputs[0]);
    v.rank = z.rank;
    for (int32_t i = 0; i < z.rank; ++i) {
      v.size[i] = z.shape[i];
      if (node.op == ODEON_OP_TRANSPOSE)
        v.stride[i] = dense[node.ints[i]];
      else
        v.stride[i] = x.shape[i] == 1 ? 0 : dense[i];
    }
    if (node.op == ODEON_OP_SLICE) v.from.offset += node.ints[1] * dense[node.ints[0]];
    return v;
  }

  PiecewiseView piecewise(int view) const {
    const odeon_node& node = a_.at(view).node;
    const odeon_tensor& z = a_.at(view).shape;
    const int64_t axis = node.ints[0], inner = around(z, axis).inner;
    PiecewiseView v;
    v.length = z.shape[axis] * inner;
    int64_t at = node.op == ODEON_OP_PAD ? node.ints[1] * inner : 0;
    for (int32_t k = 0; k < node.n_inputs; ++k) {
      const int64_t size = a_.at(node.inputs[k]).shape.shape[axis] * inner;
      v.pieces.push_back({layout_.place(node.inputs[k]), at, at + size, size});
      at += size;
    }
    return v;
  }

  int take_register() {
    if (free_.empty()) return program_->take_register();
    const int reg = free_.back();
    free_.pop_back();
    return reg;
  }
  void release(int root) {
    if (--uses_[root] > 0) return;
    const auto reg = register_of_.find(root);
    if (reg != register_of_.end()) free_.push_back(reg->second);
  }

  const Analysis& a_;
  const Schedule& s_;
  int step_;
  Layout& layout_;
  FixedBlocks& fixed_;
  const StepPlan& plan_;
  std::unique_ptr<Program<T>> program_;
  std::map<int, int> uses_, operand_of_, register_of_, loaded_;
  std::vector<int> free_;
};

}  // namespace

template <class T>
std::unique_ptr<Step<T>> emit_group(const Analysis& analysis, const Schedule& schedule, int step,
                                    int64_t batch, Layout& layout, FixedBlocks& fixed) {
  return GroupEmitter<T>(analysis, schedule, step, batch, layout, fixed).emit();
}

template std::unique_ptr<Step<float>> emit_group<float>(const Analysis&, const Schedule&, int, int64_t,
                                                        Layout&, FixedBlocks&);
template std::unique_ptr<Step<double>> emit_group<double>(const Analysis&, const Schedule&, int, int64_t,
                                                          Layout&, FixedBlocks&);

}  // namespace odeon::cpu
