#include "graph/schedule.hpp"

#include <algorithm>

namespace odeon::cuda {
namespace {

constexpr size_t kFull = 40;  // members and reads of a kernel of items, each of which may need a pointer

class Scheduler {
 public:
  explicit Scheduler(const GraphValues& values) : v_(values) {
    s_.kernel_of.assign(2 * size_t(v_.size()), -1);
    s_.stored.assign(2 * size_t(v_.size()), 0);
    for (int i = 0; i < v_.size(); ++i)
      if (v_.at(i).needed) place(i);
    for (size_t k = 0; k < v_.outputs().size(); ++k) put(v_.outputs()[k], static_cast<int>(k));
  }
  Schedule finish() { return std::move(s_); }

 private:
  void place(int i) {
    const GraphValue& v = v_.at(i);
    const bool written_view = v.role == Role::view && v.written;
    if (v.role != Role::item && v.role != Role::block && v.role != Role::product && !written_view) return;
    const bool by_element = is_pointwise(v);
    std::set<int> pointwise, memory;
    for (int32_t k = 0; k < v.node.n_inputs; ++k) {
      const int u = v.node.inputs[k];
      if (by_element && can_be_register(u))
        pointwise.insert(v_.at(u).root);
      else
        collect_reads(u, memory);
    }
    if (v.role == Role::product) return place_product(i, memory);
    const int kernel = v.role == Role::block ? add_kernel(KernelPlan::blocks, block_items(i))
                                             : group_for(v.count, pointwise, memory);
    add_member(kernel, i);
    read(kernel, pointwise, memory);
  }

  void place_product(int i, const std::set<int>& operands) {
    const int kernel =
        add_kernel(v_.at(i).way.shared ? KernelPlan::warps : KernelPlan::tiles, v_.at(i).count);
    s_.kernels[size_t(kernel)].product = i;
    read(kernel, {}, operands);
    if (!v_.at(i).in_slices()) return add_member(kernel, i);
    const int slices = s_.slices_of(i);
    s_.kernel_of[size_t(slices)] = kernel;
    const int adding = group_for(v_.at(i).count, {}, {slices});
    add_member(adding, i);
    read(adding, {}, {slices});
  }

  void add_member(int kernel, int i) {
    s_.kernel_of[size_t(i)] = kernel;
    s_.kernels[size_t(kernel)].members.push_back(i);
  }

  void put(int o, int output) {
    const GraphValue& root = v_.root_of(o);
    const int r = v_.at(o).root;
    if (root.role == Role::block && v_.is_whole(o) && !s_.stored[size_t(r)] && times_output(r) == 1) {
      s_.kernels[size_t(s_.kernel_of[size_t(r)])].puts.emplace_back(r, output);
      return;
    }
    std::set<int> pointwise, memory;
    if (can_be_register(o))
      pointwise.insert(r);
    else
      collect_reads(o, memory);
    const int kernel = group_for(v_.at(o).count, pointwise, memory);
    s_.kernels[size_t(kernel)].puts.emplace_back(o, output);
    read(kernel, pointwise, memory);
  }

  int64_t times_output(int root) const {
    return std::count_if(v_.outputs().begin(), v_.outputs().end(),
                         [&](int o) { return v_.at(o).root == root; });
  }

  // Element i of it needs element i of its operands and nothing else.
  static bool is_pointwise(const GraphValue& v) {
    return v.role == Role::item && v.node.op >= ODEON_OP_NEG && v.node.op <= ODEON_OP_SELECT;
  }
  // Computed by a kernel of items or a product's, whole: in that kernel it is in a register.
  bool can_be_register(int u) const {
    const GraphValue& root = v_.root_of(u);
    return v_.is_whole(u) && (root.role == Role::item || root.role == Role::product ||
                              (root.role == Role::view && root.written));
  }

  // The roots whose memory holds value u.
  void collect_reads(int u, std::set<int>& out) const {
    if (v_.is_folded(u)) {
      const odeon_node& view = v_.root_of(u).node;
      for (int32_t k = 0; k < view.n_inputs; ++k) collect_reads(view.inputs[k], out);
    } else if (v_.root_of(u).role != Role::constant && v_.root_of(u).node.op != ODEON_OP_TIME) {
      out.insert(v_.at(u).root);
    }
  }

  Count block_items(int i) const {
    const GraphValue& v = v_.at(i);
    Count c = v.count;
    if (v.node.op == ODEON_OP_LOG_SOFTMAX) return count_of(v.node, 0, v.node.rank - 1);
    if (v.node.op == ODEON_OP_GROUP_NORM || v.node.op == ODEON_OP_GROUP_NORM_GRAD) {
      c = count_of(v.node, 0, 1);
      c.inner *= v.node.ints[0];
    }
    return c;
  }

  int add_kernel(KernelPlan::Kind kind, const Count& count) {
    s_.kernels.push_back({kind, count, -1, {}, {}, {}});
    return static_cast<int>(s_.kernels.size()) - 1;
  }

  // The first kernel of items of this size that has room and runs after what is read from memory, or the
  // kernel of a product that is needed at the same position.
  int group_for(const Count& count, const std::set<int>& pointwise, const std::set<int>& memory) {
    int earliest = 0;
    for (int r : pointwise) earliest = std::max(earliest, s_.kernel_of[size_t(r)]);
    for (int r : memory) earliest = std::max(earliest, s_.kernel_of[size_t(r)] + 1);
    for (int k = earliest; k < static_cast<int>(s_.kernels.size()); ++k) {
      const KernelPlan& kernel = s_.kernels[size_t(k)];
      const size_t pointers = kernel.members.size() + kernel.puts.size() + kernel.reads.size();
      const bool fits = kernel.kind == KernelPlan::items || is_of(k, pointwise);
      if (fits && kernel.count == count && pointers < kFull) return k;
    }
    return add_kernel(KernelPlan::items, count);
  }

  bool is_of(int kernel, const std::set<int>& values) const {
    return std::any_of(values.begin(), values.end(),
                       [&](int r) { return s_.kernel_of[size_t(r)] == kernel; });
  }

  void read(int kernel, const std::set<int>& pointwise, const std::set<int>& memory) {
    const auto from_memory = [&](int r) {
      s_.kernels[size_t(kernel)].reads.insert(r);
      s_.stored[size_t(r)] = r >= v_.size() || v_.at(r).role != Role::source;
    };
    for (int r : memory) from_memory(r);
    for (int r : pointwise)
      if (s_.kernel_of[size_t(r)] != kernel) from_memory(r);
  }

  const GraphValues& v_;
  Schedule s_;
};

}  // namespace

Schedule make_schedule(const GraphValues& values) { return Scheduler(values).finish(); }

}  // namespace odeon::cuda
