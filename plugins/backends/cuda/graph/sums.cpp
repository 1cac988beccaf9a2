// Ops whose elements are sums: SUM, MATMUL and the convolutions, as loops over the terms of one element.
#include <algorithm>
#include <odeon/sdk/error.hpp>
#include <odeon/sdk/graph_ops.hpp>

#include "graph/kernel_writer.hpp"

namespace odeon::cuda {
namespace {

std::string n(int64_t value) { return std::to_string(value); }
std::string divisor(int64_t value) { return n(std::max<int64_t>(value, 1)); }
std::string loop(const std::string& index, int64_t count) {
  return "for (position " + index + " = 0; " + index + " < " + n(count) + "; ++" + index + ") {";
}

}  // namespace

void KernelWriter::add_terms(const odeon_node& node, const std::string& element, const std::string& sum) {
  switch (node.op) {
    case ODEON_OP_SUM:
      return add_sum(node, element, sum);
    case ODEON_OP_MATMUL:
      return add_matmul(node, element, sum);
    case ODEON_OP_CONV2D:
      return add_convolution(node, element, sum);
    case ODEON_OP_CONV2D_INPUT_GRAD:
      return add_input_grad(node, element, sum);
    case ODEON_OP_CONV2D_WEIGHT_GRAD:
      return add_weight_grad(node, element, sum);
    default:
      throw Error("op '" + std::string(find_op(node.op)->name) + "' is not known to this backend",
                  ODEON_E_UNSUPPORTED);
  }
}

void KernelWriter::add_sum(const odeon_node& node, const std::string& element, const std::string& sum) {
  const odeon_node& x = input_node(node, 0);
  const std::vector<int64_t> strides = dense_strides(x);
  std::vector<Axis> kept, added;
  Count terms;
  for (int32_t k = 0; k < x.rank; ++k) {
    const bool adds = node.ints[0] >> k & 1;
    (adds ? added : kept).push_back({x.shape[k], strides[size_t(k)]});
    if (adds && x.shape[k] == ODEON_BATCH) terms.batch = true;
    if (adds && x.shape[k] != ODEON_BATCH) terms.inner *= x.shape[k];
  }
  const std::string first = number(position(element, kept)), r = fresh("r");
  line((shared_ ? "ODEON_EACH_OF_GROUP(" + r + ", " : "for (position " + r + " = 0; " + r + " < ") +
       text(terms) + (shared_ ? ") {" : "; ++" + r + ") {"));
  const std::string term = load(node.inputs[0], number(first + " + " + position(r, added)), false);
  line(sum + " += " + term + ";");
  line("}");
}

void KernelWriter::add_matmul(const odeon_node& node, const std::string& element, const std::string& sum) {
  const odeon_node& a = input_node(node, 0);
  const bool ta = node.ints[0] != 0, tb = node.ints[1] != 0;
  const Count k = count_of(a, ta ? 0 : 1, ta ? 1 : 2);
  const std::string columns = n(node.shape[1]), l = fresh("l");
  const std::string row = number(element + " / " + divisor(node.shape[1]));
  const std::string column = number(element + " % " + divisor(node.shape[1]));
  line((shared_ ? "ODEON_EACH_OF_GROUP(" + l + ", " : "for (position " + l + " = 0; " + l + " < ") + text(k) +
       (shared_ ? ") {" : "; ++" + l + ") {"));
  const std::string in_a = ta ? l + " * " + n(a.shape[1]) + " + " + row : row + " * " + text(k) + " + " + l;
  const std::string in_b = tb ? column + " * " + text(k) + " + " + l : l + " * " + columns + " + " + column;
  const std::string x = load(node.inputs[0], number(in_a), false),
                    y = load(node.inputs[1], number(in_b), false);
  line(sum + " += " + x + " * " + y + ";");
  line("}");
}

// z[n, co, ho, wo] = sum over ci, i, j of x[n, ci, ho sh - ph + i, wo sw - pw + j] w[co, ci, i, j].
void KernelWriter::add_convolution(const odeon_node& node, const std::string& element,
                                   const std::string& sum) {
  const odeon_node &x = input_node(node, 0), &w = input_node(node, 1);
  const int64_t ho = node.shape[2], wo = node.shape[3];
  const std::string column = number(element + " % " + divisor(wo));
  const std::string row = number(element + " / " + divisor(wo) + " % " + divisor(ho));
  const std::string co = number(element + " / " + divisor(ho * wo) + " % " + divisor(node.shape[1]));
  const std::string image = number(element + " / " + divisor(node.shape[1] * ho * wo));
  const std::string ci = fresh("c"), i = fresh("k"), j = fresh("k");
  line(loop(ci, w.shape[1]));
  line(loop(i, w.shape[2]));
  const std::string h = number(row + " * " + n(node.ints[0]) + " - " + n(node.ints[2]) + " + " + i);
  line("if (" + h + " < 0 || " + h + " >= " + n(x.shape[2]) + ") continue;");
  line(loop(j, w.shape[3]));
  const std::string v = number(column + " * " + n(node.ints[1]) + " - " + n(node.ints[3]) + " + " + j);
  line("if (" + v + " < 0 || " + v + " >= " + n(x.shape[3]) + ") continue;");
  const std::string in_x = number("((" + image + " * " + n(x.shape[1]) + " + " + ci + ") * " + n(x.shape[2]) +
                                  " + " + h + ") * " + n(x.shape[3]) + " + " + v);
  const std::string in_w = number("((" + co + " * " + n(w.shape[1]) + " + " + ci + ") * " + n(w.shape[2]) +
                                  " + " + i + ") * " + n(w.shape[3]) + " + " + j);
  const std::string p = load(node.inputs[0], in_x, false), q = load(node.inputs[1], in_w, false);
  line(sum + " += " + p + " * " + q + ";");
  line("}}}");
}

// z[n, ci, h, v] = sum over co, i, j of g[n, co, (h + ph - i) / sh, (v + pw - j) / sw] w[co, ci, i, j], where
// the quotients are whole.
void KernelWriter::add_input_grad(const odeon_node& node, const std::string& element,
                                  const std::string& sum) {
  const odeon_node &g = input_node(node, 0), &w = input_node(node, 1);
  const int64_t height = node.shape[2], width = node.shape[3];
  const std::string v = number(element + " % " + divisor(width));
  const std::string h = number(element + " / " + divisor(width) + " % " + divisor(height));
  const std::string ci = number(element + " / " + divisor(height * width) + " % " + divisor(node.shape[1]));
  const std::string image = number(element + " / " + divisor(node.shape[1] * height * width));
  const std::string co = fresh("c"), i = fresh("k"), j = fresh("k");
  const auto whole = [&](const std::string& from, int64_t stride, int64_t size) {
    line("if (" + from + " < 0 || " + from + " % " + n(stride) + " != 0 || " + from + " / " + n(stride) +
         " >= " + n(size) + ") continue;");
    return number(from + " / " + n(stride));
  };
  line(loop(co, w.shape[0]));
  line(loop(i, w.shape[2]));
  const std::string row = whole(number(h + " + " + n(node.ints[2]) + " - " + i), node.ints[0], g.shape[2]);
  line(loop(j, w.shape[3]));
  const std::string column = whole(number(v + " + " + n(node.ints[3]) + " - " + j), node.ints[1], g.shape[3]);
  const std::string in_g = number("((" + image + " * " + n(g.shape[1]) + " + " + co + ") * " + n(g.shape[2]) +
                                  " + " + row + ") * " + n(g.shape[3]) + " + " + column);
  const std::string in_w = number("((" + co + " * " + n(w.shape[1]) + " + " + ci + ") * " + n(w.shape[2]) +
                                  " + " + i + ") * " + n(w.shape[3]) + " + " + j);
  const std::string p = load(node.inputs[0], in_g, false), q = load(node.inputs[1], in_w, false);
  line(sum + " += " + p + " * " + q + ";");
  line("}}}");
}

// z[co, ci, i, j] = sum over n, ho, wo of x[n, ci, ho sh - ph + i, wo sw - pw + j] g[n, co, ho, wo].
void KernelWriter::add_weight_grad(const odeon_node& node, const std::string& element,
                                   const std::string& sum) {
  const odeon_node &x = input_node(node, 0), &g = input_node(node, 1);
  const int64_t kh = node.shape[2], kw = node.shape[3], ho = g.shape[2], wo = g.shape[3];
  Count terms = count_of(g, 0, 1);
  terms.inner *= ho * wo;
  const std::string j = number(element + " % " + divisor(kw));
  const std::string i = number(element + " / " + divisor(kw) + " % " + divisor(kh));
  const std::string ci = number(element + " / " + divisor(kh * kw) + " % " + divisor(node.shape[1]));
  const std::string co = number(element + " / " + divisor(node.shape[1] * kh * kw));
  const std::string r = fresh("r");
  line((shared_ ? "ODEON_EACH_OF_GROUP(" + r + ", " : "for (position " + r + " = 0; " + r + " < ") +
       text(terms) + (shared_ ? ") {" : "; ++" + r + ") {"));
  const std::string column = number(r + " % " + divisor(wo)),
                    row = number(r + " / " + divisor(wo) + " % " + divisor(ho));
  const std::string image = number(r + " / " + divisor(ho * wo));
  const std::string h = number(row + " * " + n(node.ints[0]) + " - " + n(node.ints[2]) + " + " + i);
  const std::string v = number(column + " * " + n(node.ints[1]) + " - " + n(node.ints[3]) + " + " + j);
  line("if (" + h + " < 0 || " + h + " >= " + n(x.shape[2]) + " || " + v + " < 0 || " + v +
       " >= " + n(x.shape[3]) + ") continue;");
  const std::string in_x = number("((" + image + " * " + n(x.shape[1]) + " + " + ci + ") * " + n(x.shape[2]) +
                                  " + " + h + ") * " + n(x.shape[3]) + " + " + v);
  const std::string in_g = number("((" + image + " * " + n(g.shape[1]) + " + " + co + ") * " + n(ho) + " + " +
                                  row + ") * " + n(wo) + " + " + column);
  const std::string p = load(node.inputs[0], in_x, false), q = load(node.inputs[1], in_g, false);
  line(sum + " += " + p + " * " + q + ";");
  line("}");
}

}  // namespace odeon::cuda
