// A step's polynomial as its values at Chebyshev points, evaluated by the barycentric formula (J.-P. Berrut,
// L. N. Trefethen, SIAM Review 46 (2004) 501-517).
#pragma once
#include <cstddef>
#include <span>

namespace odeon::host {

// Of the second kind on [0, 1], so both ends are among them: j = 0 … degree.
double chebyshev_node(int degree, int j);

// w[j], j = 0 … degree: the polynomial's value at x is sum_j w_j value_j. Exactly 0 and 1 at a node.
void chebyshev_weights(int degree, double x, std::span<double> w);

// Which step of those that end at times[1], times[2], … has t, or the outer one that is nearer; times: [steps
// + 1], monotone, at least one step.
size_t step_at(std::span<const double> times, double t);

}  // namespace odeon::host
