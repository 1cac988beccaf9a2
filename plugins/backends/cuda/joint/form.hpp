// How much work an evaluation of a field is.
#pragma once
#include <odeon/graph.h>

namespace odeon::cuda {

// Elements computed and terms added up in all values of the graph.
int64_t field_work(const odeon_graph& graph, int64_t batch);

}  // namespace odeon::cuda
