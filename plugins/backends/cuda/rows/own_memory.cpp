#include "rows/own_memory.hpp"

#include <algorithm>

namespace odeon::cuda {

std::string own_head(int64_t bytes) {
  return "#define OWN_SHARED " + std::to_string(shared_bytes(bytes)) + "\n";
}

int most_pointers(const GeneratedGraph& graph) {
  size_t most = 1;
  for (const GeneratedKernel& k : graph.kernels) most = std::max(most, k.pointers.size());
  return static_cast<int>(most);
}

int64_t call_words(const GeneratedGraph& graph, int calls) {
  return (kCallWords + most_pointers(graph)) * int64_t{calls} * std::ssize(graph.kernels);
}

OwnJoint::OwnJoint(Pieces& pieces, int stages, int64_t n, int64_t parts, int64_t n_quadratures,
                   bool has_integrands, int64_t bytes_of_element, int64_t arena_bytes, int64_t words)
    : elements(n), quadratures(n_quadratures), element_bytes(bytes_of_element) {
  constexpr int64_t kWord = 8;
  const int64_t state_bytes = n * element_bytes, chunks = parts * ceil_div(n / parts, kChunk);
  y = pieces.take((1 + stages + 1) * state_bytes);
  k = y + state_bytes;
  y1 = pieces.take(state_bytes);
  stage = pieces.take(state_bytes);
  q = pieces.take(has_integrands ? (stages + 1) * quadratures * element_bytes : 0);
  integral = pieces.take(quadratures * element_bytes);
  partials = pieces.take(2 * chunks * kWord);
  call_times = pieces.take((stages + 1) * kWord);
  state = pieces.take(kStateBytes);
  solve = pieces.take(sizeof(SolveArgs));
  arena = pieces.take(arena_bytes);
  calls = pieces.take(words * kWord);
}

JointArgs OwnJoint::at(char* base) const {
  JointArgs g{};
  g.a = reinterpret_cast<const SolveArgs*>(base + solve);
  g.y = base + y, g.y1 = base + y1, g.stage = base + stage;
  g.k = reinterpret_cast<void* const*>(base + k);  // the source knows that they stand behind each other
  g.q = reinterpret_cast<void* const*>(base + q);
  g.integral = base + integral;
  g.quadratures = quadratures;
  g.partials = reinterpret_cast<double*>(base + partials);
  g.call_times = reinterpret_cast<double*>(base + call_times);
  g.s = base + state;
  g.calls = reinterpret_cast<const KernelArgs*>(base + calls);
  return g;
}

}  // namespace odeon::cuda
