// What a plan must know of a graph with the batch filled in: which values are only other names of
// memory, which are read in place by elementwise consumers, and which must be written out.
#pragma once
#include <odeon/graph.h>

#include <odeon/sdk/tensor.hpp>
#include <vector>

namespace odeon::cpu {

enum class Role {
  source,       // INPUT, PARAMETER, TIME
  constant,     // one number everywhere
  alias,        // the memory of another value, perhaps from an offset on
  elementwise,  // unary, binary, select
  view,         // elements of other values in another order: BROADCAST, SLICE, PAD, CONCAT, TRANSPOSE
  step,         // everything else
};

struct Analysis {
  Analysis(const odeon_graph& graph, int64_t batch, int32_t dtype);

  struct Value {
    odeon_node node;
    odeon_tensor shape;  // batch filled in; no data
    int64_t count = 0;
    Role role = Role::source;
    int root = -1;       // the value whose memory it is; itself unless it is an alias
    int64_t offset = 0;  // into the root
    bool needed = false;
    bool written_out = false;  // view: some consumer wants it as dense memory
    int stored_in = -1;        // the CONCAT or output buffer owner whose memory its result goes to
    int64_t stored_offset = 0;
    bool joined = false;  // CONCAT whose parts are all stored in place
    int output = -1;      // the output whose tensor is its memory
    double number = 0;    // constant
  };
  std::vector<Value> values;
  std::vector<int32_t> outputs;

  const Value& at(int i) const { return values[size_t(i)]; }
  const Value& root_of(int i) const { return at(at(i).root); }
  // The value is all of its root's memory, so linear positions agree.
  bool is_whole(int i) const { return at(i).offset == 0 && at(i).count == root_of(i).count; }
  // An elementwise consumer reads value i through a view instead of from memory.
  bool is_folded(int i) const {
    const Value& r = root_of(i);
    return r.role == Role::view && !r.written_out && !r.joined && is_whole(i);
  }
  // Who owns the memory of a root, following stored_in.
  int owner(int root, int64_t* offset = nullptr) const;

 private:
  void classify(int i);
  void mark_written_out();
  void bind_outputs();
  void join_concats();
};

inline bool has_rows(const odeon_node& node) { return node.rank > 0 && node.shape[0] == ODEON_BATCH; }

// Elements before and after an axis.
struct Around {
  int64_t outer = 1, inner = 1;
};
Around around(const odeon_tensor& x, int64_t axis);

}  // namespace odeon::cpu
