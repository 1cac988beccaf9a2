#include "train/gaussian_baseline.hpp"

#include <Eigen/Cholesky>
#include <numbers>

namespace odeon::host {
namespace {

Eigen::MatrixXd matrix(const Array& a) {
  Eigen::MatrixXd m(a.shape[0], a.shape[1]);
  for (int64_t i = 0; i < a.size(); ++i) m(i / a.shape[1], i % a.shape[1]) = a.at(i);
  return m;
}

}  // namespace

// With the covariance L L', the mean of |L^-1 (x - m)|^2 / 2 + log det L + d/2 log(2 pi).
std::optional<double> gaussian_nll(const Array& train, const Array& rows) {
  const Eigen::MatrixXd x = matrix(train);
  const Eigen::RowVectorXd mean = x.colwise().mean();
  const Eigen::MatrixXd centred = x.rowwise() - mean;
  const Eigen::LLT<Eigen::MatrixXd> factor(centred.transpose() * centred / static_cast<double>(x.rows()));
  if (factor.info() != Eigen::Success || factor.matrixLLT().diagonal().minCoeff() <= 0) return {};
  const Eigen::MatrixXd z = factor.matrixL().solve((matrix(rows).rowwise() - mean).transpose());
  return z.squaredNorm() / (2 * static_cast<double>(rows.shape[0])) +
         factor.matrixLLT().diagonal().array().log().sum() +
         0.5 * static_cast<double>(x.cols()) * std::log(2 * std::numbers::pi);
}

}  // namespace odeon::host
