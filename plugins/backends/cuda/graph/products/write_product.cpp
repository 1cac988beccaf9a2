// A product in tiles as source text: where its operands are, and what is done with its sums.
#include <odeon/tensor.h>

#include <algorithm>

#include "graph/kernel_writer.hpp"

namespace odeon::cuda {
namespace {

std::string n(int64_t value) { return std::to_string(value); }
std::string flag(bool on) { return on ? "true" : "false"; }
// Whether runs of this length keep 16-byte loads aligned.
bool is_wide(int64_t row, int32_t dtype) { return row % (dtype == ODEON_F32 ? 4 : 2) == 0; }

std::string maths_type(const Tile& tile, Precision precision) {
  const std::string sizes = n(tile.m) + ", " + n(tile.n) + ", " + n(tile.threads) + ">";
  if (precision == Precision::full) return "odeon_full<" + sizes;
  return "odeon_tensor<" + flag(precision == Precision::bf16) + ", " + sizes;
}

// Of x, w and z = x * w.
std::string convolution_type(const odeon_node& x, const odeon_node& w, const odeon_node& z,
                             const int64_t* ints) {
  std::string sizes;
  for (int64_t size : {x.shape[1], x.shape[2], x.shape[3], w.shape[0], w.shape[2], w.shape[3], z.shape[2],
                       z.shape[3], ints[0], ints[1], ints[2], ints[3]})
    sizes += (sizes.empty() ? "" : ", ") + n(size);
  return "odeon_convolution<" + sizes + ">";
}

std::string runs(bool along_k, int64_t length, int32_t dtype, const std::string& address) {
  return "runs<" + flag(along_k) + ", " + flag(is_wide(length, dtype)) + ">(" + address + ")";
}
std::string matrix(const std::string& memory, int64_t row, bool along_k, int32_t dtype) {
  return runs(along_k, row, dtype, "odeon_matrix<" + flag(along_k) + ">{" + memory + ", " + n(row) + "}");
}

}  // namespace

// Operand k of a MATMUL: in memory, or a view that is read in place.
std::string KernelWriter::matmul_operand(int k) {
  const odeon_node& node = at(plan_.product).node;
  const int u = node.inputs[k];
  const int64_t row = at(u).node.shape[1];
  const bool along_k = (node.ints[k] != 0) == (k == 1);
  if (!v_.is_folded(u))
    return matrix(memory_of(at(u).root) + " + " + n(at(u).offset), row, along_k, v_.dtype());
  const std::string name = fresh("operand");
  line("const auto " + name + " = [&](pos x, pos k) -> T {");
  const std::string index =
      number(along_k ? "(int64)x * " + n(row) + " + k" : "(int64)k * " + n(row) + " + x");
  line("return " + load(u, index, false) + ";");
  line("};");
  return "each<" + flag(along_k) + ">(" + name + ")";
}

// The left and the right operand of a convolution, whose inputs are in memory.
std::string KernelWriter::convolution_operands(int i) {
  const odeon_node& node = at(i).node;
  const odeon_node &x = input_node(node, 0), &y = input_node(node, 1);
  const auto memory = [&](int k) {
    const GraphValue& v = at(node.inputs[k]);
    return memory_of(v.root) + " + " + n(v.offset);
  };
  if (node.op == ODEON_OP_CONV2D)
    return matrix(memory(1), count_of(y, 1, 4).inner, true, v_.dtype()) + ", each<false>(" +
           convolution_type(x, y, node, node.ints) + "::patches{" + memory(0) + "})";
  if (node.op == ODEON_OP_CONV2D_INPUT_GRAD) {
    const std::string type = convolution_type(node, y, x, node.ints);
    return "each<true>(" + type + "::filters{" + memory(1) + "}), each<false>(" + type + "::arrivals{" +
           memory(0) + "})";
  }
  const std::string type = convolution_type(x, node, y, node.ints);
  return runs(true, y.shape[2] * y.shape[3], v_.dtype(), type + "::cotangents{" + memory(1) + "}") +
         ", each<true>(" + type + "::patches_by_tap{{" + memory(0) + "}})";
}

std::string KernelWriter::tiles() {
  const int i = plan_.product;
  const odeon_node& node = at(i).node;
  const Way& way = at(i).way;
  const Product product = v_.product(i);
  std::string operands;
  if (node.op == ODEON_OP_MATMUL) {
    const std::string left = matmul_operand(0);
    operands = left + ", " + matmul_operand(1);
  } else {
    operands = convolution_operands(i);
  }
  const int64_t length = row_length(node);
  const bool images = product.n != Count{false, length};
  line("const auto finish = [&](pos row, pos column, int64 slice, T sum) {");
  line(images ? "const int64 i = ((int64)over<" + n(length) + ">(column) * " + n(node.shape[1]) +
                    " + row) * " + n(length) + " + left_by<" + n(length) + ">(column);"
              : "const int64 i = (int64)row * " + n(length) + " + column;");
  if (way.slices > 1)
    line("p" + n(pointer({Place::arena, s_.slices_of(i)})) + "[slice * " + text(at(i).count) +
         " + i] = sum;");
  else
    items();
  line("};");
  line("odeon_product<" + maths_type(*way.tile, v_.settings().precision) + ">(" + operands + ", " +
       text(product.m) + ", " + text(product.n) + ", " + text(product.k) + ", " + n(way.slices) +
       ", finish);");
  return std::move(body_);
}

std::string KernelWriter::added_slices(int i) {
  const std::string sum = fresh("s"), slice = fresh("l");
  line("T " + sum + " = 0;");
  line("for (int64 " + slice + " = 0; " + slice + " < " + n(at(i).way.slices) + "; ++" + slice + ")");
  line("  " + sum + " += p" + n(pointer({Place::arena, s_.slices_of(i)})) + "[" + slice + " * " +
       text(at(i).count) + " + i];");
  return sum;
}

}  // namespace odeon::cuda
