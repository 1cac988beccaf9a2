// Scheduled steps into runnable ones.
#pragma once
#include <bit>
#include <memory>

#include "graph/layout.hpp"

namespace odeon::cpu {

// Blocks of equal numbers for constant operands of elementwise steps, one per number.
class FixedBlocks {
 public:
  template <class T>
  Place get(double number, Layout& layout, int64_t block) {
    const auto [at, is_new] = offsets_.try_emplace(std::bit_cast<uint64_t>(number), 0);
    if (is_new) at->second = layout.reserve(block);
    return {kArena, at->second};
  }
  // By the bits of the number: -0 is not 0.
  const std::map<uint64_t, int64_t>& offsets() const { return offsets_; }

 private:
  std::map<uint64_t, int64_t> offsets_;
};

template <class T>
std::unique_ptr<Step<T>> emit_group(const Analysis& analysis, const Schedule& schedule, int step,
                                    int64_t batch, Layout& layout, FixedBlocks& fixed);

// The node of a value that is a step of its own (emit_step.cpp chooses the implementation), perhaps among
// steps by rows.
template <class T>
std::unique_ptr<Step<T>> emit_step(const Analysis& analysis, const Layout& layout, int value, bool by_rows);

}  // namespace odeon::cpu
