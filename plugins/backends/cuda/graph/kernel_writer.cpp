#include "graph/kernel_writer.hpp"

#include <algorithm>
#include <odeon/sdk/error.hpp>

#include "graph/prelude.hpp"

namespace odeon::cuda {

KernelWriter::KernelWriter(const GraphValues& values, const Schedule& schedule, int kernel)
    : v_(values), s_(schedule), kernel_(kernel), plan_(schedule.kernels[size_t(kernel)]) {}

std::string KernelWriter::write(const std::string& name) {
  std::string loop, bounds = "ODEON_THREADS";
  if (plan_.kind == KernelPlan::tiles) {
    body_ = tiles();
    const Tile& tile = *at(plan_.product).way.tile;
    bounds = std::to_string(tile.threads) + ", " + std::to_string(tile.blocks);
  } else if (plan_.kind == KernelPlan::warps) {
    loop = "ODEON_EACH_GROUP_ITEM(i, " + text(plan_.count) + ") {\n";
    warps();
  } else if (plan_.kind == KernelPlan::blocks) {
    loop = "ODEON_EACH_GROUP_ITEM(o, " + text(plan_.count) + ") {\n";
    block(plan_.members.front());
  } else {
    loop = "ODEON_EACH_ITEM(i, " + text(plan_.count) + ") {\n";
    items();
  }
  if (pointers_.size() > kMaxPointers)
    throw Error("a kernel of this graph needs " + std::to_string(pointers_.size()) + " buffers; " +
                    std::to_string(kMaxPointers) + " are possible",
                ODEON_E_UNSUPPORTED);
  std::string head = "\nODEON_KERNEL(" + name + ", " + bounds + ") {\n";
  for (size_t k = 0; k < pointers_.size(); ++k) {
    if (pointers_[k].kind == Place::output) continue;
    const std::string type = pointers_[k].kind == Place::arena ? "T*" : "const T*";
    const std::string n = std::to_string(k);
    head += "  " + type + " const p" + n + " = (" + type + ")a.p[" + n + "];\n";
  }
  return head + loop + body_ + (loop.empty() ? "}\n" : "}\n}\n");
}

int KernelWriter::pointer(const Place& place) {
  const auto found = std::find(pointers_.begin(), pointers_.end(), place);
  if (found == pointers_.end()) {
    pointers_.push_back(place);
    return static_cast<int>(pointers_.size()) - 1;
  }
  return static_cast<int>(found - pointers_.begin());
}

void KernelWriter::store(int value, const std::string& index, const std::string& element) {
  if (s_.stored[size_t(value)])
    line("p" + std::to_string(pointer({Place::arena, value})) + "[" + index + "] = " + element + ";");
  if (plan_.kind != KernelPlan::blocks) return;  // outputs of items are put at the end, from registers
  for (const auto& [from, output] : plan_.puts)
    line("put(a, " + std::to_string(pointer({Place::output, output})) + ", " + index + ", " + element + ");");
}

std::string KernelWriter::number(const std::string& value) {
  const std::string name = fresh("j");
  line("const position " + name + " = " + value + ";");
  return name;
}

}  // namespace odeon::cuda
