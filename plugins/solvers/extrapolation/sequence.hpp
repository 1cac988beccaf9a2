// Numbers of midpoint steps n_1 < n_2 < ... of the rows of an extrapolation table, and what follows from
// them.
#pragma once
#include <cstddef>
#include <span>

namespace odeon {

inline constexpr size_t kMostRows = 10;

// Rows count from 1. Deuflhard's sequence of even numbers.
constexpr size_t midpoint_steps(size_t row) { return 2 * row; }

// Evaluations of a step of so many rows, with the one at its beginning.
constexpr size_t evaluations_of(size_t rows) {
  size_t sum = 1;
  for (size_t j = 1; j <= rows; ++j) sum += midpoint_steps(j) - 1;
  return sum;
}

// w_j = prod_{i != j} n_j^2 / (n_j^2 - n_i^2) for the rows from `first` on: their sum has no error in the
// powers of 1 / n_j^2 below the w.size()-th.
inline void extrapolation_weights(size_t first, std::span<double> w) {
  for (size_t j = 0; j < w.size(); ++j) {
    const double n_j = double(midpoint_steps(first + j));
    w[j] = 1;
    for (size_t i = 0; i < w.size(); ++i) {
      const double n_i = double(midpoint_steps(first + i));
      if (i != j) w[j] *= n_j * n_j / (n_j * n_j - n_i * n_i);
    }
  }
}

}  // namespace odeon
