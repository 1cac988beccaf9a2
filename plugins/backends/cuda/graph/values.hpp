// What code generation must know of a graph: which values are only other names of memory, which are read in
// place, and which are computed. The batch size stays a symbol, so that one compilation serves every batch.
#pragma once
#include <odeon/graph.h>

#include <cstdint>
#include <string>
#include <vector>

namespace odeon::cuda {

// A number of elements: inner, or batch * inner.
struct Count {
  bool batch = false;
  int64_t inner = 1;
  friend bool operator==(const Count&, const Count&) = default;
  int64_t of(int64_t batch_size) const { return batch ? batch_size * inner : inner; }
  bool is_one() const { return !batch && inner == 1; }
};
Count count_of(const odeon_node& node);
// Of the axes [first, last).
Count count_of(const odeon_node& node, int64_t first, int64_t last);
// In generated code.
std::string text(const Count& count);

enum class Role {
  source,    // INPUT, PARAMETER, TIME
  constant,  // one number everywhere
  alias,     // the memory of another value, perhaps from an offset on
  view,      // elements of other values in another order: BROADCAST, SLICE, PAD, CONCAT, TRANSPOSE
  item,      // each element computed by itself, by one thread
  block,     // each element summed by a block, or a whole row or group at once
};

struct GraphValue {
  odeon_node node;
  Count count;
  Role role = Role::source;
  int root = -1;       // the value whose memory it is; itself unless it is an alias
  int64_t offset = 0;  // into the root
  bool needed = false;
  bool written = false;  // view: in memory, because it is read often
  int leaves = 1;        // view: how many values it reads
  double number = 0;     // constant
};

class GraphValues {
 public:
  explicit GraphValues(const odeon_graph& graph);

  const GraphValue& at(int i) const { return values_[size_t(i)]; }
  const GraphValue& root_of(int i) const { return at(at(i).root); }
  int size() const { return static_cast<int>(values_.size()); }
  const std::vector<int>& outputs() const { return outputs_; }
  // It is all of its root's memory, so linear positions agree.
  bool is_whole(int i) const { return at(i).offset == 0 && at(i).count == root_of(i).count; }
  // Consumers compute where its elements are instead of reading it from memory of its own.
  bool is_folded(int i) const { return root_of(i).role == Role::view && !root_of(i).written; }

 private:
  void classify(int i);
  void become_view_of_one(int i, bool same_elements, int64_t offset);
  void mark_written();
  std::vector<GraphValue> values_;
  std::vector<int> outputs_;
};

// Terms of the sum that makes one element of SUM, MATMUL or CONV2D_WEIGHT_GRAD.
Count summed(const GraphValues& values, int i);

}  // namespace odeon::cuda
