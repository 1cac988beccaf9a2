// Reading values: from registers, from memory, or through views.
#include <algorithm>

#include "graph/expressions.hpp"
#include "graph/kernel_writer.hpp"

namespace odeon::cuda {
namespace {

std::string n(int64_t value) { return std::to_string(value); }
// Nothing divides by zero: an axis without elements has no items either.
std::string divisor(int64_t value) { return n(std::max<int64_t>(value, 1)); }

}  // namespace

std::string KernelWriter::load(int u, const std::string& index, bool own) {
  const GraphValue &v = at(u), &root = v_.root_of(u);
  if (root.role == Role::constant) return literal(root.number);
  const bool computed_here = s_.kernel_of[size_t(v.root)] == kernel_ && plan_.kind != KernelPlan::blocks;
  if (own && computed_here && v_.is_whole(u)) return "v" + n(v.root);
  if (own)
    if (const auto kept = kept_.find(u); kept != kept_.end()) return kept->second;
  const std::string place = v.offset ? "(" + n(v.offset) + " + " + index + ")" : index;
  std::string element;
  if (v_.is_folded(u)) {
    element = view(v.root, place, own && v.offset == 0);
  } else {
    const std::string from =
        root.node.op == ODEON_OP_TIME ? "time_of(a, " + place + ")" : memory_of(v.root) + "[" + place + "]";
    element = fresh("x");
    line("const T " + element + " = " + from + ";");
  }
  if (own) kept_[u] = element;
  return element;
}

// The address of a root: of an input, of a parameter or of a slot.
std::string KernelWriter::memory_of(int root) {
  const odeon_node& node = at(root).node;
  const auto name = [&](Place::Kind kind, int index) { return "p" + n(pointer({kind, index})); };
  if (node.op == ODEON_OP_INPUT) return name(Place::input, static_cast<int>(node.ints[0]));
  if (node.op == ODEON_OP_PARAMETER) return "(" + name(Place::theta, 0) + " + " + n(node.ints[0]) + ")";
  return name(Place::arena, root);
}

std::string KernelWriter::view(int v, const std::string& index, bool own) {
  if (own)
    if (const auto kept = kept_.find(v); kept != kept_.end()) return kept->second;
  const odeon_node& node = at(v).node;
  const bool pieces = node.op == ODEON_OP_PAD || node.op == ODEON_OP_CONCAT;
  const std::string element = pieces ? piecewise_view(node, index) : strided_view(node, index);
  if (own) kept_[v] = element;
  return element;
}

std::vector<int64_t> KernelWriter::dense_strides(const odeon_node& x) const {
  std::vector<int64_t> strides(size_t(x.rank), 1);
  for (int32_t i = x.rank - 1; i > 0; --i)  // the batch, if any, is axis 0
    strides[size_t(i) - 1] = strides[size_t(i)] * x.shape[i];
  return strides;
}

// Sum of coordinate * stride for the coordinates of linear position `index` in a dense block of these axes.
std::string KernelWriter::position(const std::string& index, std::vector<Axis> axes) const {
  std::vector<Axis> merged;
  for (const Axis& a : axes) {
    if (a.size == 1) continue;
    const bool joins = !merged.empty() && a.size != ODEON_BATCH && merged.back().stride == a.stride * a.size;
    if (joins)
      merged.back() = {merged.back().size == ODEON_BATCH ? ODEON_BATCH : merged.back().size * a.size,
                       a.stride};
    else
      merged.push_back(a);
  }
  std::string sum;
  int64_t inner = 1;
  for (size_t k = merged.size(); k-- > 0;) {
    const Axis& a = merged[k];
    if (a.stride != 0) {
      std::string at = coordinate(index, inner, a.size, k == 0);
      if (a.stride != 1) at = "(" + at + ") * " + n(a.stride);
      sum = sum.empty() ? at : at + " + " + sum;
    }
    inner *= a.size;  // not used after the first axis, the only one that may be the batch
  }
  return sum.empty() ? "0" : sum;
}

// Along an axis of this size with `inner` elements inside. A tile knows where it is in its product.
std::string KernelWriter::coordinate(const std::string& index, int64_t inner, int64_t size,
                                     bool first) const {
  if (plan_.kind == KernelPlan::tiles && index == "i") {
    const odeon_node& node = at(plan_.product).node;
    const int64_t columns = row_length(node);
    if (v_.product(plan_.product).n != Count{false, columns}) {  // images
      if (!first && inner == columns && size == node.shape[1]) return "(int64)row";
    } else if (first ? inner == columns : inner == 1 && size == columns) {
      return first ? "(int64)row" : "(int64)column";
    }
  }
  const std::string whole = inner == 1 ? index : index + " / " + divisor(inner);
  return first ? whole : whole + " % " + divisor(size);
}

std::string KernelWriter::strided_view(const odeon_node& node, const std::string& index) {
  const odeon_node& x = input_node(node, 0);
  const std::vector<int64_t> dense = dense_strides(x);
  std::vector<Axis> axes;
  for (int32_t i = 0; i < node.rank; ++i) {
    int64_t stride = x.shape[i] == 1 ? 0 : dense[size_t(i)];
    if (node.op == ODEON_OP_TRANSPOSE) stride = dense[size_t(node.ints[i])];
    axes.push_back({node.shape[i], stride});
  }
  std::string start;
  if (node.op == ODEON_OP_SLICE) start = n(node.ints[1] * dense[size_t(node.ints[0])]) + " + ";
  return load(node.inputs[0], number(start + position(index, axes)), false);
}

std::string KernelWriter::piecewise_view(const odeon_node& node, const std::string& index) {
  const int64_t axis = node.ints[0];
  const int64_t inner = count_of(node, axis + 1, node.rank).inner, length = node.shape[axis] * inner;
  const bool one = count_of(node, 0, axis).is_one();
  const std::string outer = one ? "0" : number(index + " / " + divisor(length));
  const std::string within = one ? index : number(index + " % " + divisor(length));
  const std::string element = fresh("x");
  line("T " + element + " = 0;");
  int64_t first = node.op == ODEON_OP_PAD ? node.ints[1] * inner : 0;
  for (int32_t k = 0; k < node.n_inputs; ++k) {
    const int64_t size = input_node(node, k).shape[axis] * inner;
    line("if (" + within + " >= " + n(first) + " && " + within + " < " + n(first + size) + ") {");
    const std::string from = number(outer + " * " + n(size) + " + " + within + " - " + n(first));
    const std::string piece = load(node.inputs[k], from, false);
    line(element + " = " + piece + ";");
    line("}");
    first += size;
  }
  return element;
}

}  // namespace odeon::cuda
