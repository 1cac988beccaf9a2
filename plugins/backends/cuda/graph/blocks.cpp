// Values that a block of threads computes together: long sums, statistics of groups, rows of LOG_SOFTMAX. And
// products whose sums a warp adds up, each with what follows at its position.
#include <algorithm>
#include <cstdio>

#include "graph/kernel_writer.hpp"

namespace odeon::cuda {
namespace {

std::string n(int64_t value) { return std::to_string(value); }
std::string double_literal(double value) {
  char out[64];
  std::snprintf(out, sizeof out, "%a", value);
  return out;
}

}  // namespace

void KernelWriter::block(int i) {
  const odeon_node& node = at(i).node;
  if (node.op == ODEON_OP_GROUP_NORM || node.op == ODEON_OP_GROUP_NORM_GRAD) return group_norm(i);
  if (node.op == ODEON_OP_LOG_SOFTMAX) return log_softmax(i);
  shared_sum(i, "o");
  line("if (ODEON_FIRST_OF_GROUP) {");
  store(i, "o", "sum");
  line("}");
}

void KernelWriter::warps() {
  shared_sum(plan_.product, "i");
  line("if (ODEON_FIRST_OF_GROUP) {");
  items();
  line("}");
}

// All threads of the group have it.
void KernelWriter::shared_sum(int i, const std::string& element) {
  shared_ = true;
  line("T sum = 0;");
  add_terms(at(i).node, element, "sum");
  line("sum = group_sum(sum);");
  shared_ = false;
}

// Population variance in double. The gradient is rstd (g - mean(g) - xhat mean(g xhat)), xhat the normalised
// x.
void KernelWriter::group_norm(int i) {
  const odeon_node& node = at(i).node;
  const int64_t m = count_of(node, 1, node.rank).inner / node.ints[0];
  const std::string count = n(std::max<int64_t>(m, 1)) + ".0",
                    share = "ODEON_EACH_OF_GROUP(r, " + n(m) + ") {";
  const auto element = [&](int k) { return load(node.inputs[k], number("o * " + n(m) + " + r"), false); };
  const auto total = [&](const char* name, const auto& term) {
    const std::string part = fresh("t");
    line("double " + part + " = 0;");
    line(share);
    line(part + " += " + term() + ";");
    line("}");
    line(std::string("const double ") + name + " = group_sum(" + part + ") / " + count + ";");
  };
  total("mean", [&] { return "(double)" + element(0); });
  total("variance", [&] {
    const std::string x = element(0);
    return "((double)" + x + " - mean) * ((double)" + x + " - mean)";
  });
  line("const double rstd = 1 / sqrt(variance + " + double_literal(node.reals[0]) + ");");
  const auto normalised = [&] { return "((double)" + element(0) + " - mean) * rstd"; };
  const bool gradient = node.op == ODEON_OP_GROUP_NORM_GRAD;
  if (gradient) {
    total("mean_g", [&] { return "(double)" + element(1); });
    total("mean_gx", [&] { return "(double)" + element(1) + " * " + normalised(); });
  }
  line(share);
  std::string result;
  if (gradient)
    result = "rstd * ((double)" + element(1) + " - mean_g - " + normalised() + " * mean_gx)";
  else
    result = normalised();
  line("const T z = (T)(" + result + ");");
  store(i, "o * " + n(m) + " + r", "z");
  line("}");
}

void KernelWriter::log_softmax(int i) {
  const odeon_node& node = at(i).node;
  const int64_t m = node.shape[node.rank - 1];
  const std::string share = "ODEON_EACH_OF_GROUP(r, " + n(m) + ") {";
  const auto element = [&](const char* r) {
    return load(node.inputs[0], number("o * " + n(m) + " + " + r), false);
  };
  line("T largest = " + element("0") + ";");
  line(share);
  const std::string x = element("r");
  line("if (" + x + " > largest) largest = " + x + ";");
  line("}");
  line("largest = group_max(largest);");
  line("double sum = 0;");
  line(share);
  line("sum += exp((double)(" + element("r") + " - largest));");
  line("}");
  line("const double shift = (double)largest + log(group_sum(sum));");
  line(share);
  line("const T z = (T)((double)" + element("r") + " - shift);");
  store(i, "o * " + n(m) + " + r", "z");
  line("}");
}

}  // namespace odeon::cuda
