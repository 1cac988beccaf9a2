// `direct` from the values that evaluations left, and by evaluating again.
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

Json network(const Json& layers, const Json& initial, const Json& solver) {
  return {{"odeon", 1},         {"task", "gradient"},
          {"seed", 3},          {"field", {{"plugin", "neural"}, {"time", "concat"}, {"network", layers}}},
          {"initial", initial}, {"times", {0.1, 0.43, 1.0, 1.9}},
          {"solver", solver}};
}

const Json kDense = {{{"linear", 9}}, "softplus", {{"linear", 7}}, "tanh", {{"linear", 2}}};
const Json kRows = {{1.0, 0.7}, {0.5, 1.5}, {-0.2, 0.1}};
const Json kConvolution = {{{"group_norm", 2}},
                           "relu",
                           {{"conv2d", {{"channels", 4}, {"kernel", 3}, {"padding", 1}}}},
                           {{"group_norm", 2}}};

Json image() {
  Json row = Json::array();
  for (int c = 0; c < 4; ++c) {
    Json channel = Json::array();
    for (int i = 0; i < 3; ++i)
      channel.push_back({std::sin(c + 2.0 * i), std::cos(3.0 * c - i), 0.1 * c * i});
    row.push_back(channel);
  }
  return {row, row};
}

host::RunResult with_intermediates(Json config, double mib) {
  config["gradient"] = {{"plugin", "direct"}, {"intermediates_mib", mib}};
  return differentiate(config);
}

int64_t tape_bytes(const host::RunResult& r) { return r.record["counters"]["tape_peak_bytes"]; }

void check_same(const host::RunResult& a, const host::RunResult& b, double tolerance) {
  CHECK(difference(states_of(a), states_of(b)) <= tolerance);
  CHECK(difference(parameter_gradients(a), parameter_gradients(b)) <= tolerance);
  for (const char* what : {"grad_initial.npy", "grad_times.npy"}) {
    CAPTURE(what);
    CHECK(difference(array_of(a, what).to_doubles(), array_of(b, what).to_doubles()) <= tolerance);
  }
  for (const char* phase : {"forward", "backward"})
    for (const char* what : {"evaluations", "vjps", "accepted", "rejected"}) {
      CAPTURE(what);
      CHECK(a.record["counters"][phase][what] == b.record["counters"][phase][what]);
    }
}

}  // namespace

TEST_CASE("intermediate values change what direct holds, and nothing else") {
  for (const char* backend : {"reference", "cpu"})
    for (const char* precision : {"float32", "float64"})
      for (const Json& solver : {Json{{"plugin", "dopri5"}, {"rtol", 1e-5}, {"atol", 1e-6}},
                                 Json{{"plugin", "bosh3"}, {"rtol", 1e-4}, {"interpolation", "cubic"}},
                                 Json{{"plugin", "rk4"}, {"step_size", 0.13}},
                                 Json{{"plugin", "adaptive_heun"}, {"rtol", 1e-3}, {"stepping", "per_row"}}})
        for (const bool convolution : {false, true}) {
          CAPTURE(backend);
          CAPTURE(precision);
          CAPTURE(solver.dump());
          CAPTURE(convolution);
          Json config = convolution ? network(kConvolution, image(), solver) : network(kDense, kRows, solver);
          config["backend"] = backend;
          config["precision"] = precision;
          const double tolerance = std::string(backend) == "reference"   ? 0
                                   : std::string(precision) == "float32" ? 1e-5
                                                                         : 1e-13;
          const auto again = with_intermediates(config, 0), kept = with_intermediates(config, 1024);
          // Room for a few evaluations, the smaller of them of 3 rows of 7 + 9 + 9 numbers.
          const auto some = with_intermediates(config, 0.004);
          check_same(kept, again, tolerance);
          check_same(some, again, tolerance);
          if (solver.contains("stepping")) continue;
          CHECK(tape_bytes(again) < tape_bytes(some));
          CHECK(tape_bytes(some) <= tape_bytes(again) + 4195);
          CHECK(tape_bytes(some) < tape_bytes(kept));
        }
}

TEST_CASE("checkpoint holds the intermediate values of one step, and has the gradient of direct") {
  for (const bool convolution : {false, true}) {
    CAPTURE(convolution);
    const Json solver{{"plugin", "dopri5"}, {"rtol", 1e-5}};
    Json config = convolution ? network(kConvolution, image(), solver) : network(kDense, kRows, solver);
    config["gradient"] = {{"plugin", "checkpoint"}, {"budget", 3}};
    const auto checkpoint = differentiate(config);
    const auto direct = with_intermediates(config, 1024);
    for (const char* what : {"grad_initial.npy", "grad_times.npy"})
      CHECK(array_of(checkpoint, what).bytes == array_of(direct, what).bytes);
    CHECK(parameter_gradients(checkpoint) == parameter_gradients(direct));
    CHECK(tape_bytes(checkpoint) < tape_bytes(direct) / 2);
  }
}

TEST_CASE("the intermediate values of an evaluation are those of the hidden layers") {
  const Json solver = {{"plugin", "rk4"}, {"step_size", 0.1}};
  Json few = network(kDense, kRows, solver), many = few;
  few["times"] = {0.0, 0.5};
  many["times"] = {0.0, 1.0};
  const auto bytes = [](const Json& config, double mib) {
    return tape_bytes(with_intermediates(config, mib));
  };
  const int64_t per_step = (bytes(many, 1) - bytes(many, 0) - bytes(few, 1) + bytes(few, 0)) / 5;
  // 4 stages; softplus and its slope, and tanh; each on a line of cache of its own.
  CHECK(per_step == 4 * (2 * 256 + 192));
}

TEST_CASE("nothing is kept of formulas and of implicit stages") {
  Json formula{{"odeon", 1},
               {"task", "gradient"},
               {"field",
                {{"plugin", "expression"},
                 {"state", {"x"}},
                 {"parameters", {{"a", 1.5}}},
                 {"derivatives", {{"x", "a*sin(x)"}}}}},
               {"initial", {{1.0}}},
               {"times", {0.0, 1.0}},
               {"solver", "dopri5"}};
  Json implicit = network(kDense, kRows, "kvaerno3");
  for (const Json& config : {formula, implicit}) {
    CAPTURE(config.dump());
    CHECK(tape_bytes(with_intermediates(config, 1024)) == tape_bytes(with_intermediates(config, 0)));
  }
}
