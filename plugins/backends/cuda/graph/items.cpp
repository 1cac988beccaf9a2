// Values of which one thread computes an element.
#include <odeon/sdk/graph_ops.hpp>

#include "graph/expressions.hpp"
#include "graph/kernel_writer.hpp"

namespace odeon::cuda {

void KernelWriter::items() {
  for (int i : plan_.members) item(i);
  for (const auto& [value, output] : plan_.puts) {
    const std::string element = load(value, "i", true);
    line("put(a, " + std::to_string(pointer({Place::output, output})) + ", i, " + element + ");");
  }
}

void KernelWriter::item(int i) {
  const odeon_node& node = at(i).node;
  std::string element;
  if (at(i).role == Role::view) {
    element = view(i, "i", true);
  } else if (is_elementwise(node.op)) {
    std::string operands[ODEON_NODE_MAX_INPUTS];
    for (int32_t k = 0; k < node.n_inputs; ++k) operands[k] = load(node.inputs[k], "i", true);
    element = expression(node, operands[0], operands[1], operands[2]);
  } else if (at(i).role == Role::product) {
    element = at(i).in_slices() ? added_slices(i) : "sum";
  } else {
    element = item_sum(i);
  }
  line("const T v" + std::to_string(i) + " = " + element + ";");
  store(i, "i", "v" + std::to_string(i));
}

std::string KernelWriter::item_sum(int i) {
  const std::string sum = fresh("s");
  line("T " + sum + " = 0;");
  add_terms(at(i).node, "i", sum);
  return sum;
}

}  // namespace odeon::cuda
