// Prints the peak of tape bytes of each gradient strategy over the number of steps of one solve.
#include <cstdio>
#include <cstdlib>

#include "experiment_case.hpp"

int main() try {
  using namespace odeon::test;
  const Json conv{{"conv2d", {{"channels", 8}, {"kernel", 3}, {"padding", 1}}}};
  Json image = Json::array();
  for (int c = 0; c < 8; ++c)
    image.push_back(Json(std::vector<std::vector<double>>(6, std::vector<double>(6, 0.1 * c))));
  std::vector<std::string> gradients = installed().ids(ODEON_KIND_GRADIENT);
  // Their cost is the number of directions, of which a block has thousands.
  std::erase_if(gradients, [](const std::string& g) { return g == "forward" || g == "finite_difference"; });
  std::printf("tape KiB of a conv block 8x6x6, batch 1, f64, rk4\n%8s", "steps");
  for (const std::string& g : gradients) std::printf("%21s", g.c_str());
  std::printf("\n");
  for (int steps = 8; steps <= 1024; steps *= 2) {
    std::printf("%8d", steps);
    for (const std::string& g : gradients) {
      const Json config{{"odeon", 1},
                        {"task", "gradient"},
                        {"field", {{"plugin", "neural"}, {"network", {conv, "tanh", conv}}}},
                        {"initial", {image}},
                        {"times", {0, 1}},
                        {"solver", {{"plugin", "rk4"}, {"step_size", 1.0 / steps}}},
                        {"gradient", g}};
      std::printf("%21.1f", differentiate(config).record["counters"]["tape_peak_bytes"].get<double>() / 1024);
    }
    std::printf("\n");
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "tape_bench: %s\n", error.what());
  return 1;
}
