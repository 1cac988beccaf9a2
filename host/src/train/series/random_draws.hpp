// Seeded draws that are the same with every standard library, whose distributions differ.
#pragma once
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace odeon::host {

class RandomDraws {
 public:
  // Different streams of one seed have nothing to do with each other.
  RandomDraws(uint64_t seed, uint64_t stream) {
    std::seed_seq words{half(seed, 0), half(seed, 1), half(stream, 0), half(stream, 1)};
    engine_.seed(words);
  }

  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }  // [0, 1)
  int64_t below(int64_t n) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(n)); }
  double normal() {  // Box-Muller, the cosine half
    const double u = 1 - uniform(), angle = 2 * std::numbers::pi * uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(angle);
  }

 private:
  static uint32_t half(uint64_t x, int which) { return static_cast<uint32_t>(x >> (32 * which)); }
  std::mt19937_64 engine_;
};

}  // namespace odeon::host
