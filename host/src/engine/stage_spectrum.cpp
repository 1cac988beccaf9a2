#include "engine/stage_spectrum.hpp"

#include <Eigen/Eigenvalues>

namespace odeon::host {

StageSpectrum::StageSpectrum(const Method& m) {
  if (m.diagonal()) {
    real_eigenvalue = m.a(m.stages() - 1, m.stages() - 1);
    return;
  }
  first = m.first_explicit() ? 1 : 0;
  const int offset = static_cast<int>(first), n = m.stages() - offset;
  a.resize(n, n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a(i, j) = m.a(offset + i, offset + j);
  a_inverse = a.inverse();
  const Eigen::EigenSolver<Eigen::MatrixXd> solver(a);
  const Eigen::MatrixXcd vectors = solver.eigenvectors(), inverse = vectors.inverse();
  const double size = a.norm();
  for (int k = 0; k < n; ++k) {
    std::complex<double> lambda = solver.eigenvalues()(k);
    const bool real = std::abs(lambda.imag()) < 1e-12 * size;
    if (!real && lambda.imag() < 0) continue;
    if (real) lambda = lambda.real(), real_eigenvalue = lambda.real();
    modes.push_back({lambda, inverse.row(k).transpose(), vectors.col(k)});
  }
}

}  // namespace odeon::host
