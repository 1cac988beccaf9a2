#include "engine/solve_log.hpp"

#include "engine/problem.hpp"

namespace odeon::host {

void SolveLog::begin(odeon_problem& problem, double t, const odeon_tensor& y) {
  pieces_.clear();
  begin_piece(problem, t, y);
}

void SolveLog::begin_piece(odeon_problem& problem, double t, const odeon_tensor& y) {
  SolvePiece& piece = pieces_.emplace_back();
  piece.t = t;
  piece.y = DeviceTensor(problem.backend, problem.dtype, problem.state_shape);
  problem.backend->copy(piece.y.view, y);
}

void SolveLog::cut(EventMark mark, std::vector<size_t> events) {
  pieces_.back().cut = std::move(mark);
  pieces_.back().cutting = std::move(events);
}

}  // namespace odeon::host
