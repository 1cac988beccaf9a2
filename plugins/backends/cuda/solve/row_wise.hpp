// Whether the rows of a graph can be computed one by one.
#pragma once
#include <odeon/graph.h>

#include <vector>

namespace odeon::cuda {

// Which of the nodes that the first n_outputs outputs need (`needed`) hold sums over the batch. Computed for
// one row they are its term of the sum, and what follows them is, too, since it must be linear in them.
// adds_rows: whoever asks adds up the rows; else ODEON_E_UNSUPPORTED, as where something is not linear. what:
// the graph in messages.
struct RowWise {
  std::vector<char> needed, sums;
};
RowWise row_wise(const odeon_graph& graph, int64_t n_outputs, const char* what, bool adds_rows);
// The same of a field's derivative products, whose outputs 0, 1 and 2 are of rows, the others sums over them.
RowWise row_wise_products(const odeon_graph& vjp);

}  // namespace odeon::cuda
