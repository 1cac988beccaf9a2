// One loop per elementwise op over a short contiguous block.
#pragma once
#include <odeon/graph.h>

namespace odeon::cpu {

// z[i] = op(a[i], b[i], c[i]); unused operands are null; z may be any of them.
template <class T>
using Kernel = void (*)(T* z, const T* a, const T* b, const T* c, int64_t n, int64_t attribute);

// Nodes that only rearrange elements get a copy: their operand is loaded in their order.
template <class T>
Kernel<T> find_kernel(const odeon_node& node);

}  // namespace odeon::cpu
