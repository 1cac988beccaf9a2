// The coupled stages' part of A and its eigenvectors: I - h A (x) J becomes one system I - h lambda J per
// real eigenvalue and one complex system per pair. J. C. Butcher, BIT 16 (1976) 237-240.
#pragma once
#include <Eigen/Dense>
#include <complex>
#include <vector>

#include "engine/method.hpp"

namespace odeon::host {

struct StageSpectrum {
  explicit StageSpectrum(const Method& method);

  size_t first = 0;   // stages before are explicit
  Eigen::MatrixXd a;  // of the stages from `first` on
  Eigen::MatrixXd a_inverse;
  struct Mode {
    std::complex<double> eigenvalue;  // imaginary part >= 0; its conjugate is not listed
    Eigen::VectorXcd to, from;        // w = sum_j to_j r_j,  r_j += from_j w (twice the real part for pairs)
    bool real() const { return eigenvalue.imag() == 0; }
  };
  std::vector<Mode> modes;
  double real_eigenvalue = 0;  // of the error filter; 0: none
};

}  // namespace odeon::host
