#include "rows/rows_source.hpp"

#include <numeric>
#include <odeon/sdk/graph.hpp>
#include <odeon/sdk/tensor.hpp>

#include "joint/adjoint_text.hpp"
#include "joint/joint_text.hpp"
#include "joint/reverse_text.hpp"
#include "rows/adjoint_text.hpp"
#include "rows/direct_text.hpp"
#include "rows/rows_text.hpp"
#include "solve/adjoint_text.hpp"
#include "solve/direct_text.hpp"
#include "solve/method_text.hpp"
#include "solve/row_form.hpp"
#include "solve/row_wise.hpp"
#include "solve/sum_text.hpp"

namespace odeon::cuda {
namespace {

int64_t slices_size(const odeon_solve_gradient_spec& spec) {
  const std::vector<int64_t> counts = slice_counts(spec);
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

}  // namespace

GeneratedGraph row_graph(const odeon_graph& graph, int32_t dtype, unsigned threads) {
  return generate(graph, dtype, whole_settings(1, threads));
}

std::string rows_head(const GeneratedGraph& graph, unsigned threads, int64_t quadratures) {
  return whole_head({JointForm::one_block, 1, threads}, 1) + "#define ODEON_POINTERS " +
         std::to_string(most_pointers(graph)) + "\n#define QUADRATURES " + std::to_string(quadratures) +
         "\n" + graph.source;
}

RowsSource rows_source(const odeon_solve_spec& spec) {
  row_wise(*spec.graph, 1, "the field", false);
  const int64_t work = field_work(*spec.graph, 1), size = row_size(*spec.graph);
  require_block_work(work, spec.fixed != 0);
  const unsigned threads = threads_for(work);
  const int stages = spec.tableau->stages;
  GeneratedGraph graph = row_graph(*spec.graph, spec.dtype, threads);
  const int64_t arena = GraphRun(graph, spec.dtype, 1).arena_bytes();
  Pieces pieces{kOwnLine};
  const OwnJoint at(pieces, stages, size, 1, 0, false, dtype_bytes(spec.dtype), arena,
                    call_words(graph, call_count(stages)));
  std::string text = rows_head(graph, threads, 0) + joint_phases_text(spec, size, 1, true) +
                     field_call_text(graph) + kRowsKeep + kJointSteps + kJointSolve + own_head(pieces.bytes) +
                     kOwnText + kRowsText;
  return {std::move(text), std::move(graph), call_count(stages), at, pieces.bytes, threads};
}

RowsAdjointSource rows_adjoint_source(const odeon_solve_gradient_spec& spec) {
  const odeon_solve_spec& back = *spec.backward;
  row_wise_products(*spec.vjp);
  require_block_work(field_work(*spec.solve->graph, 1), back.fixed != 0);
  const unsigned threads = threads_for(field_work(*spec.vjp, 1));
  const int stages = back.tableau->stages;
  const int64_t size = row_size(*spec.vjp), bytes = dtype_bytes(back.dtype);
  const int64_t quadratures = slices_size(spec);
  const Graph products = adjoint_products(*spec.vjp);
  GeneratedGraph graph = row_graph(products.view(), back.dtype, threads);
  const int64_t arena = GraphRun(graph, back.dtype, 1).arena_bytes();
  Pieces pieces{kOwnLine};
  const OwnJoint at(pieces, stages, 2 * size, 2, quadratures, true, bytes, arena,
                    call_words(graph, call_count(stages)));
  const int64_t s = pieces.take(kAdjointStateWords * int64_t{sizeof(int64_t)}),
                r = pieces.take(sizeof(AdjointRun)), end = pieces.take(2 * size * bytes);
  std::string text = rows_head(graph, threads, quadratures) + joint_phases_text(back, size, 2, true) +
                     field_call_text(graph) + kRowsKeep + kJointSteps + kJointAdjointPhases +
                     kJointAdjointSolve + own_head(pieces.bytes) + kOwnText + kAdjointArgs + kShareText +
                     kRowsAdjointText + kSumText;
  return {{std::move(text), std::move(graph), call_count(stages), at, pieces.bytes, threads}, s, r, end};
}

JointAdjointArgs RowsAdjointSource::at(char* base) const {
  JointAdjointArgs g{};
  g.j = rows.at.at(base);
  g.s = reinterpret_cast<int64_t*>(base + s);
  g.r = reinterpret_cast<const AdjointRun*>(base + r);
  g.end = base + end;
  return g;
}

RowsDirectSource rows_direct_source(const odeon_solve_gradient_spec& spec) {
  const odeon_solve_spec& solve = *spec.solve;
  row_wise_products(*spec.vjp);
  require_block_work(field_work(*solve.graph, 1), solve.fixed != 0);
  const unsigned threads = threads_for(field_work(*spec.vjp, 1));
  const int stages = solve.tableau->stages, calls = 2 * product_count(stages);
  const int64_t size = row_size(*spec.vjp), bytes = dtype_bytes(solve.dtype), quadratures = slices_size(spec);
  GeneratedGraph graph = row_graph(*spec.vjp, solve.dtype, threads);
  const int64_t arena = GraphRun(graph, solve.dtype, 1).arena_bytes();
  Pieces pieces{kOwnLine};
  const OwnJoint at(pieces, stages, size, 1, quadratures, false, bytes, arena, call_words(graph, calls));
  const auto states = [&](int64_t n) { return pieces.take(n * size * bytes); };
  const int64_t lambda = states(1), after = states(1), mu = states(1), K = states(product_count(stages)),
                gt = pieces.take(product_count(stages) * bytes), s = pieces.take(kReverseStateBytes),
                r = pieces.take(sizeof(ReverseRun)), along = pieces.take(size * int64_t{sizeof(double)});
  std::string text = rows_head(graph, threads, quadratures) + joint_phases_text(solve, size, 1, true) +
                     reverse_method_text(solve) + kReversePhases + field_call_text(graph) + kReverseStep +
                     own_head(pieces.bytes) + kOwnText + kDirectArgs + kShareText + kRowsKeep +
                     kRowsDirectText + kSumText;
  return {{std::move(text), std::move(graph), calls, at, pieces.bytes, threads},
          lambda,
          after,
          mu,
          K,
          gt,
          s,
          r,
          along};
}

ReverseArgs RowsDirectSource::at(char* base) const {
  const JointArgs j = rows.at.at(base);
  ReverseArgs g{};
  g.r = reinterpret_cast<const ReverseRun*>(base + r);
  g.lambda = base + lambda, g.after = base + after, g.mu = base + mu, g.gt = base + gt;
  g.stage = j.stage;
  g.K = reinterpret_cast<void* const*>(base + K);  // which stand behind each other, too
  g.call_times = j.call_times;
  g.calls = j.calls;
  g.s = reinterpret_cast<int64_t*>(base + s);
  g.along = reinterpret_cast<double*>(base + along);
  return g;
}

}  // namespace odeon::cuda
