// Random numbers that are the same with every standard library.
#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace odeon::host {

class Random {
 public:
  // Streams of one seed are independent of each other.
  Random(uint64_t seed, uint64_t stream) {
    std::seed_seq mixed{seed & 0xffffffff, seed >> 32, stream & 0xffffffff, stream >> 32};
    engine_.seed(mixed);
  }
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }  // [0, 1)
  double normal() {                                                            // Box-Muller, the cosine half
    const double u = 1 - uniform(), angle = 2 * std::numbers::pi * uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(angle);
  }
  int64_t below(int64_t n) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(n)); }
  // Of sign() and below(), so many; of uniform() likewise, of normal() half as many.
  void skip(int64_t draws) { engine_.discard(static_cast<unsigned long long>(draws)); }
  double sign() { return engine_() >> 63 ? 1 : -1; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace odeon::host
