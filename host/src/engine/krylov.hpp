// GMRES without a matrix, real or complex. Y. Saad, M. H. Schultz, SIAM J. Sci. Stat. Comput. 7 (1986)
// 856-869.
#pragma once
#include <Eigen/Dense>

namespace odeon::host {

struct GmresLimits {
  double tolerance = 1e-4;  // of the residual, relative to |b|
  int restart = 40;
  int most_iterations = 400;
};

// Solves A x = b from x = 0; apply(v, Av). Returns whether the tolerance was met.
template <class Scalar, class Apply>
bool gmres(Apply apply, const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& b,
           Eigen::Matrix<Scalar, Eigen::Dynamic, 1>& x, const GmresLimits& limits) {
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  const Eigen::Index n = b.size(), m = std::min<Eigen::Index>(limits.restart, n);
  const double target = limits.tolerance * b.norm();
  x.setZero(n);
  if (!(b.norm() > 0)) return b.allFinite();
  Matrix basis(n, m + 1), hessenberg = Matrix::Zero(m + 1, m);
  Vector residual = b, image(n);
  for (int iterations = 0; iterations < limits.most_iterations;) {
    const double beta = residual.norm();
    if (!std::isfinite(beta)) return false;
    if (beta <= target) return true;
    basis.col(0) = residual / beta;
    hessenberg.setZero();
    Eigen::Index k = 0;
    Vector small;
    while (k < m && iterations < limits.most_iterations) {
      ++iterations;
      apply(Vector(basis.col(k)), image);
      for (Eigen::Index i = 0; i <= k; ++i) {  // modified Gram-Schmidt
        hessenberg(i, k) = basis.col(i).dot(image);
        image -= hessenberg(i, k) * basis.col(i);
      }
      const double length = image.norm();
      if (!std::isfinite(length)) return false;
      hessenberg(k + 1, k) = length;
      ++k;
      Vector e = Vector::Zero(k + 1);
      e(0) = beta;
      small = hessenberg.topLeftCorner(k + 1, k).householderQr().solve(e);
      const double left = (e - hessenberg.topLeftCorner(k + 1, k) * small).norm();
      if (left <= target || length <= 1e-14 * beta) break;
      basis.col(k) = image / length;
    }
    x += basis.leftCols(k) * small;
    apply(x, image);
    residual = b - image;
  }
  return residual.norm() <= target;
}

}  // namespace odeon::host
