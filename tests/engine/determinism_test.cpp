// The same bits, whatever the number of threads, and run after run.
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// A convolutional block of 32 rows: enough work to be split among threads.
Json experiment(const char* precision, int threads) {
  Json initial = Json::array();
  for (int b = 0; b < 32; ++b) {
    Json row = Json::array();
    for (int c = 0; c < 8; ++c) {
      Json plane = Json::array();
      for (int y = 0; y < 6; ++y) {
        Json line = Json::array();
        for (int x = 0; x < 6; ++x) line.push_back(std::sin(1.3 * b + 2.1 * c + 0.7 * y + x * x));
        plane.push_back(line);
      }
      row.push_back(plane);
    }
    initial.push_back(row);
  }
  const Json conv{{"conv2d", {{"channels", 8}, {"kernel", 3}, {"padding", 1}}}}, norm{{"group_norm", 4}};
  return {{"odeon", 1},
          {"task", "gradient"},
          {"precision", precision},
          {"seed", 3},
          {"backend", {{"plugin", "cpu"}, {"threads", threads}}},
          {"field",
           {{"plugin", "neural"},
            {"time", "concat"},
            {"network", {norm, "relu", conv, norm, "relu", conv, norm}}}},
          {"initial", initial},
          {"times", {0, 0.5, 1}},
          {"solver", {{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-3}}}};
}

}  // namespace

TEST_CASE("one and two threads give the same bits, forward and backward") {
  for (const char* precision : {"float32", "float64"})
    for (const char* gradient : {"direct", "adjoint"}) {
      CAPTURE(precision);
      CAPTURE(gradient);
      Json one = experiment(precision, 1), two = experiment(precision, 2);
      one["gradient"] = two["gradient"] = gradient;
      const auto a = differentiate(one), b = differentiate(two);
      CHECK(states_of(a) == states_of(b));
      CHECK(parameter_gradients(a) == parameter_gradients(b));
      CHECK(array_of(a, "grad_initial.npy").bytes == array_of(b, "grad_initial.npy").bytes);
      CHECK(array_of(a, "grad_times.npy").bytes == array_of(b, "grad_times.npy").bytes);
    }
}

TEST_CASE("a run repeats itself bit for bit") {
  Json config = experiment("float32", 2);
  config["gradient"] = "direct";
  const auto a = differentiate(config), b = differentiate(config);
  CHECK(parameter_gradients(a) == parameter_gradients(b));
}
