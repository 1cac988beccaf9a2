// What a normal distribution says of rows: a yardstick for every other density.
#pragma once
#include <optional>

#include "data/array.hpp"

namespace odeon::host {

// Mean negative log-likelihood of `rows` [n, d] under the normal distribution of largest likelihood for
// `train` [m, d]; nothing where its covariance is singular.
std::optional<double> gaussian_nll(const Array& train, const Array& rows);

}  // namespace odeon::host
