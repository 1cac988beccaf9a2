// Where to put snapshots when a known number of steps is reversed, so that the fewest are taken again.
// A. Griewank, A. Walther, Algorithm 799: Revolve, ACM Trans. Math. Software 26 (2000) 19-45.
// With c free snapshots beside the state at the beginning, and no step advanced over more than r times,
//   n(c, r) = n(c, r - 1) + n(c - 1, r) = binomial(c + r + 1, r)
// steps can be reversed: the first n(c, r - 1) are advanced over once more to put a snapshot behind them.
#pragma once
#include <algorithm>
#include <cstdint>

namespace odeon {

// binomial(c + r + 1, r), or `most` where it is larger.
inline int64_t reversible_steps(int64_t c, int64_t r, int64_t most) {
  int64_t n = r < 0 ? 0 : 1;
  for (int64_t i = 1; i <= r && n < most; ++i) n = n * (c + 1 + i) / i;
  return std::min(n, most);
}

// The smallest r with n(c, r) >= steps.
inline int64_t repetitions(int64_t steps, int64_t c) {
  int64_t r = 0;
  while (reversible_steps(c, r, steps) < steps) ++r;
  return r;
}

// Steps to advance over before the next snapshot, 0 < result < steps; for c > 0 and steps > 1.
inline int64_t next_snapshot(int64_t steps, int64_t c) {
  const int64_t r = repetitions(steps, c);
  return std::min(reversible_steps(c, r - 1, steps), steps - reversible_steps(c - 1, r - 1, steps));
}

// Steps advanced over in all, beside the one that each step is taken again to be reversed:
// r steps - binomial(c + r + 1, r - 1).
inline int64_t fewest_advances(int64_t steps, int64_t c) {
  if (steps <= 1) return 0;
  const int64_t r = repetitions(steps, c);
  int64_t below = 1;  // binomial(c + r + 1, r - 1)
  for (int64_t i = 1; i < r; ++i) below = below * (c + 2 + i) / i;
  return r * steps - below;
}

}  // namespace odeon
