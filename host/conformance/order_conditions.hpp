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

// Phi_i(tree) for each stage i, one such vector for each way to give the tree's nodes to the methods `a`: of
// an additive method there are two. C. A. Kennedy, M. H. Carpenter, Appl. Numer. Math. 44 (2003),
// section 2.1.
using Matrices = std::vector<const double*>;
inline std::vector<std::vector<double>> stage_weights(const Matrices& a, int s, const Tree& tree) {
  std::vector<std::vector<double>> mixtures{std::vector<double>(static_cast<size_t>(s), 1.0)};
  for (const Tree& child : tree.children) {
    const std::vector<std::vector<double>> inner = stage_weights(a, s, child);
    std::vector<std::vector<double>> next;
    for (const std::vector<double>& before : mixtures)
      for (const double* of_child : a)
        for (const std::vector<double>& x : inner) {
          std::vector<double> phi = before;
          for (int i = 0; i < s; ++i) {
            double sum = 0;
            for (int j = 0; j < s; ++j) sum += of_child[i * s + j] * x[size_t(j)];
            phi[size_t(i)] *= sum;
          }
          next.push_back(phi);
        }
    mixtures = std::move(next);
  }
  return mixtures;
}

// Largest defect of the conditions of exactly this order, for weights w at x.
inline double defect(const odeon_tableau& t, const Matrices& a, const std::vector<double>& w, int order,
                     double x) {
  double worst = 0;
  for (const Tree& tree : trees(order))
    for (const std::vector<double>& phi : stage_weights(a, t.stages, tree)) {
      double sum = 0;
      for (size_t i = 0; i < phi.size(); ++i) sum += w[i] * phi[i];
      worst = std::max(worst, std::abs(sum - std::pow(x, order) / tree.gamma()));
    }
  return worst;
}
inline double defect(const odeon_tableau& t, const std::vector<double>& w, int order, double x = 1) {
  return defect(t, Matrices{t.a}, w, order, x);
}

// The explicit companion; NULL: none.
inline const double* companion(const odeon_tableau& t) {
  return ODEON_HAS(&t, a_explicit) ? t.a_explicit : nullptr;
}
// Of both halves in every mixture.
inline double additive_defect(const odeon_tableau& t, const std::vector<double>& w, int order, double x = 1) {
  return defect(t, Matrices{t.a, companion(t)}, w, order, x);
}

}  // namespace odeon::host::conformance
