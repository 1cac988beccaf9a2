// Which way a batch that steps together is solved.
#pragma once
#include <odeon/graph.h>

#include <optional>
#include <string_view>

#include "graph/products/product.hpp"

namespace odeon::cuda {

enum class JointForm {
  one_block,    // one kernel; its phases meet at barriers of the block
  many_blocks,  // one kernel, of blocks that run at once; its phases meet at barriers of them all
  captured,     // a kernel per phase, in a loop of a CUDA graph
};
// "one_block", "many_blocks" or "captured"; else none.
std::optional<JointForm> joint_form_named(std::string_view name);

// Elements computed and terms added up in all values of the graph.
int64_t field_work(const odeon_graph& graph, int64_t batch);
// Threads of a block that does such work between two barriers, 32 ... kThreads.
unsigned threads_for(int64_t work);

struct JointShape {
  JointForm form;
  unsigned blocks, threads;  // of the one kernel; of each block
  friend bool operator==(const JointShape&, const JointShape&) = default;
};
// By the work of an evaluation of the field. wanted: none leaves the choice. blocks_at_once: how many a
// device runs that wait for each other; 0: it cannot. The bits of a result depend neither on that number nor
// on which of the first two forms it is.
JointShape joint_shape(const odeon_graph& field, int32_t dtype, int64_t batch, Precision precision,
                       std::optional<JointForm> wanted, int blocks_at_once);

}  // namespace odeon::cuda
