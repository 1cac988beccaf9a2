// What the backward pass holds: constant for `adjoint`, one step's stages more per step for `direct`.
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

constexpr int64_t kRows = 3, kState = 2, kStages = 4, kBytes = 8;

int64_t tape_bytes(const char* gradient, int steps) {
  const Json config{{"odeon", 1},
                    {"task", "gradient"},
                    {"field", {{"plugin", "linear"}, {"matrix", {{-0.1, -2.0}, {2.0, -0.1}}}, {"power", 3}}},
                    {"initial", {{1.0, 0.0}, {0.0, 1.0}, {0.5, 0.5}}},
                    {"times", {0.0, 1.0}},
                    {"solver", {{"plugin", "rk4"}, {"step_size", 1.0 / steps}}},
                    {"gradient", gradient}};
  return differentiate(config).record["counters"]["tape_peak_bytes"];
}

}  // namespace

TEST_CASE("the tape of adjoint does not grow with the number of steps") {
  const int64_t few = tape_bytes("adjoint", 8);
  CHECK(few > 0);
  CHECK(tape_bytes("adjoint", 64) == few);
  CHECK(tape_bytes("adjoint", 512) == few);
}

TEST_CASE("the tape of direct grows by the state and the stages of each step") {
  const int64_t a = tape_bytes("direct", 8), b = tape_bytes("direct", 16), c = tape_bytes("direct", 64);
  const int64_t per_step = kRows * kState * kBytes * (1 + kStages);
  CHECK(b - a == 8 * per_step);
  CHECK(c - b == 48 * per_step);
}
