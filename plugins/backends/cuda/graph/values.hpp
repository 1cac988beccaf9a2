// What code generation must know of a graph: which values are only other names of memory, which are read in
// place, and which are computed. The batch size stays a symbol, so that one compilation serves every batch.
#pragma once
#include <vector>

#include "graph/products/product.hpp"

namespace odeon::cuda {

enum class Role {
  source,    // INPUT, PARAMETER, TIME
  constant,  // one number everywhere
  alias,     // the memory of another value, perhaps from an offset on
  view,      // elements of other values in another order: BROADCAST, SLICE, PAD, CONCAT, TRANSPOSE
  item,      // each element computed by itself, by one thread
  block,     // each element summed by a block, or a whole row or group at once
  product,   // a matrix product or convolution in tiles, or with sums that warps share
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
  Way way;               // product
  bool in_slices() const { return role == Role::product && way.slices > 1; }
};

class GraphValues {
 public:
  GraphValues(const odeon_graph& graph, int32_t dtype, const ProductSettings& settings);

  const GraphValue& at(int i) const { return values_[size_t(i)]; }
  const GraphValue& root_of(int i) const { return at(at(i).root); }
  int size() const { return static_cast<int>(values_.size()); }
  Product product(int i) const;
  int32_t dtype() const { return dtype_; }
  const ProductSettings& settings() const { return settings_; }
  const std::vector<int>& outputs() const { return outputs_; }
  // It is all of its root's memory, so linear positions agree.
  bool is_whole(int i) const { return at(i).offset == 0 && at(i).count == root_of(i).count; }
  // Consumers compute where its elements are instead of reading it from memory of its own.
  bool is_folded(int i) const { return root_of(i).role == Role::view && !root_of(i).written; }

 private:
  void classify(int i);
  // Whose terms are added up by many threads, where no tile does.
  bool is_long_sum(int i) const;
  void choose_way(int i);
  void become_view_of_one(int i, bool same_elements, int64_t offset);
  void mark_written();
  int32_t dtype_;
  ProductSettings settings_;
  std::vector<GraphValue> values_;
  std::vector<int> outputs_;
};

// Terms of the sum that makes one element of SUM, of a matrix product or of a convolution.
Count summed(const GraphValues& values, int i);

}  // namespace odeon::cuda
