// A number of elements: inner, or batch * inner. The batch size stays a symbol in generated code.
#pragma once
#include <odeon/graph.h>

#include <cstdint>
#include <string>

namespace odeon::cuda {

struct Count {
  bool batch = false;
  int64_t inner = 1;
  friend bool operator==(const Count&, const Count&) = default;
  friend Count operator*(Count count, int64_t times) { return {count.batch, count.inner * times}; }
  int64_t of(int64_t batch_size) const { return batch ? batch_size * inner : inner; }
  bool is_one() const { return !batch && inner == 1; }
};
Count count_of(const odeon_node& node);
// Of the axes [first, last).
Count count_of(const odeon_node& node, int64_t first, int64_t last);
// In generated code.
std::string text(const Count& count);

}  // namespace odeon::cuda
