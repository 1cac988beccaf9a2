#include "joint/form.hpp"

#include <algorithm>
#include <bit>

#include "graph/values.hpp"
#include "launch.hpp"

namespace odeon::cuda {
namespace {

// Work of an evaluation. One block does some 1e10 terms a second in loops over single elements, and a barrier
// of many blocks takes 1 to 2 us, one of a block nothing beside that: from here on the help of others pays.
constexpr int64_t kOneBlockWork = 1 << 15;
// A captured step costs some 40 launches, about 100 us, but its kernels fill the device, whatever the size:
// one block gives in here where it has to work alone ...
constexpr int64_t kAloneWork = 1 << 17;
// ... and many do here, or where products go by tiles, which only those kernels know.
constexpr int64_t kManyBlocksWork = 1 << 21;
// Of one block among many: 32 terms per thread.
constexpr int64_t kShare = 1 << 13;
// A thread takes some 10 cycles for a term, and another warp makes barriers and sums of a block some 100
// cycles longer: it pays where each thread has more than this.
constexpr int64_t kTermsOfThread = 16;
// None of these numbers was measured on a device.

// Of one element.
int64_t terms(const GraphValues& values, int i, int64_t batch) {
  const odeon_node& node = values.at(i).node;
  return node.op == ODEON_OP_SUM || is_product(node) ? summed(values, i).of(batch) : 1;
}

bool has_tiles(const odeon_graph& graph, int32_t dtype, const ProductSettings& settings) {
  const GraphValues values(graph, dtype, settings);
  for (int i = 0; i < values.size(); ++i)
    if (values.at(i).role == Role::product) return true;
  return false;
}

}  // namespace

std::optional<JointForm> joint_form_named(std::string_view name) {
  if (name == "one_block") return JointForm::one_block;
  if (name == "many_blocks") return JointForm::many_blocks;
  if (name == "captured") return JointForm::captured;
  return std::nullopt;
}

int64_t field_work(const odeon_graph& graph, int64_t batch) {
  const GraphValues values(graph, ODEON_F64, {});  // a number of terms has no dtype
  int64_t work = 0;
  for (int i = 0; i < values.size(); ++i) {
    const GraphValue& v = values.at(i);
    const bool computed = v.needed && (v.role == Role::item || v.role == Role::block);
    if (computed) work += v.count.of(batch) * terms(values, i, batch);
  }
  return work;
}

unsigned threads_for(int64_t work) {
  const auto wanted = static_cast<uint64_t>(ceil_div(std::min<int64_t>(work, 1 << 20), kTermsOfThread));
  return static_cast<unsigned>(std::clamp<uint64_t>(std::bit_ceil(wanted), 32, kThreads));
}

JointShape joint_shape(const odeon_graph& field, int32_t dtype, int64_t batch, Precision precision,
                       std::optional<JointForm> wanted, int blocks_at_once) {
  const int64_t work = field_work(field, batch);
  const auto chosen = [&] {
    const bool help = blocks_at_once > 1;
    if (work <= (help ? kOneBlockWork : kAloneWork)) return JointForm::one_block;
    const bool together = help && work <= kManyBlocksWork && !has_tiles(field, dtype, {batch, precision, {}});
    return together ? JointForm::many_blocks : JointForm::captured;
  };
  const JointForm form = wanted ? *wanted : chosen();
  const unsigned threads = threads_for(work);
  if (form != JointForm::many_blocks) return {form, 1, threads};
  const int64_t blocks = std::clamp<int64_t>(ceil_div(work, kShare), 2, std::max(2, blocks_at_once));
  return {form, static_cast<unsigned>(blocks), threads};
}

}  // namespace odeon::cuda
