// Order conditions of Runge-Kutta methods by rooted trees: sum_i w_i Phi_i(tree) = x^|tree| / gamma(tree).
// E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I, section II.2; J. C. Butcher
// (1963).
#pragma once
#include <odeon/solver.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace odeon::host::conformance {

struct Tree {
  std::vector<Tree> children;
  int order() const {
    int n = 1;
    for (const Tree& c : children) n += c.order();
    return n;
  }
  double gamma() const {
    double g = order();
    for (const Tree& c : children) g *= c.gamma();
    return g;
  }
};

// All rooted trees with n nodes: multisets of smaller trees below the root.
inline const std::vector<Tree>& trees(int n) {
  static std::map<int, std::vector<Tree>> known{{1, {Tree{}}}};
  if (known.contains(n)) return known[n];
  std::vector<Tree> out;
  // Children in non-decreasing (order, index), so that each multiset comes once.
  const auto extend = [&](auto&& self, Tree tree, int left, int from_order, size_t from_index) -> void {
    if (left == 0) return out.push_back(tree);
    for (int order = from_order; order <= left; ++order)
      for (size_t i = order == from_order ? from_index : 0; i < trees(order).size(); ++i) {
        Tree next = tree;
        next.children.push_back(trees(order)[i]);
        self(self, next, left - order, order, i);
      }
  };
  for (int k = 1; k < n; ++k) trees(k);
  extend(extend, Tree{}, n - 1, 1, 0);
  return known[n] = out;
}

// Phi_i(tree) for each stage i.
inline std::vector<double> stage_weights(const odeon_tableau& t, const Tree& tree) {
  const int s = t.stages;
  std::vector<double> phi(static_cast<size_t>(s), 1.0);
  for (const Tree& child : tree.children) {
    const std::vector<double> inner = stage_weights(t, child);
    for (int i = 0; i < s; ++i) {
      double sum = 0;
      for (int j = 0; j < s; ++j) sum += t.a[i * s + j] * inner[size_t(j)];
      phi[size_t(i)] *= sum;
    }
  }
  return phi;
}

// Largest defect of the conditions of exactly this order, for weights w at x.
inline double defect(const odeon_tableau& t, const std::vector<double>& w, int order, double x = 1) {
  double worst = 0;
  for (const Tree& tree : trees(order)) {
    const std::vector<double> phi = stage_weights(t, tree);
    double sum = 0;
    for (size_t i = 0; i < phi.size(); ++i) sum += w[i] * phi[i];
    worst = std::max(worst, std::abs(sum - std::pow(x, order) / tree.gamma()));
  }
  return worst;
}

}  // namespace odeon::host::conformance
