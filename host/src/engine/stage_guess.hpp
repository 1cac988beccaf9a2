// First guesses for the derivatives of implicit stages, by polynomials through those that are known.
#pragma once
#include <Eigen/Dense>
#include <vector>

#include "engine/method.hpp"

namespace odeon::host {

struct StageGuess {
  explicit StageGuess(const Method& method);

  // Of a diagonal tableau, by stage: weights of the stages before it, exact where the derivative is a
  // quadratic in time (of the degree that their nodes allow), with the smallest squares.
  std::vector<std::vector<double>> weights;
  // Of coupled stages: w_j with w_1 p(c_1) + ... = integral of p from 0 to x for polynomials p of the degree
  // that their nodes allow.
  double integral(Eigen::Index j, double x) const;

 private:
  Eigen::MatrixXd moments_;  // inverse of c_j^(q - 1) by q
};

}  // namespace odeon::host
