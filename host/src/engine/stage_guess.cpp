#include "engine/stage_guess.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace odeon::host {
namespace {

// Rows: powers 0, 1, ... of the nodes c of the stages from `first` to before `end`.
Eigen::MatrixXd powers(const Method& m, int first, int end, Eigen::Index count) {
  Eigen::MatrixXd p(count, end - first);
  for (Eigen::Index q = 0; q < count; ++q)
    for (int j = first; j < end; ++j) p(q, j - first) = std::pow(m.c(j), double(q));
  return p;
}

}  // namespace

StageGuess::StageGuess(const Method& m) {
  if (!m.diagonal()) {
    const int first = m.first_explicit() ? 1 : 0;
    moments_ = powers(m, first, m.stages(), m.stages() - first).inverse();
    return;
  }
  constexpr size_t kMostMoments = 3;
  for (int i = 0; i < m.stages(); ++i) {
    std::set<double> nodes;
    for (int j = 0; j < i; ++j) nodes.insert(m.c(j));
    const auto count = static_cast<Eigen::Index>(std::min(nodes.size(), kMostMoments));
    weights.emplace_back(static_cast<size_t>(i));
    if (i == 0) continue;
    Eigen::VectorXd at(count);
    for (Eigen::Index q = 0; q < count; ++q) at(q) = std::pow(m.c(i), double(q));
    Eigen::Map<Eigen::VectorXd>(weights.back().data(), i) =
        powers(m, 0, i, count).completeOrthogonalDecomposition().solve(at);
  }
}

double StageGuess::integral(Eigen::Index j, double x) const {
  double sum = 0;
  for (Eigen::Index q = moments_.cols(); q-- > 0;) sum = (sum + moments_(j, q) / double(q + 1)) * x;
  return sum;
}

}  // namespace odeon::host
