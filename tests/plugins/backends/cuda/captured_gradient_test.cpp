// Gradients of batches that step together and are too large for one block, by captured loops on the stand-in
// device, against `direct` on the reference backend.
#include "adaptive_cases.hpp"
#include "gradient_on_fake.hpp"
#include "gradient_passes.hpp"
#include "loader/host_table.hpp"
#include "train/idx_files.hpp"
#include "train/training_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

const double kDirect = on_gpu(1e-11);  // sums in another order
constexpr double kSingle = 5e-4;
constexpr double kTrained = 1e-6;  // histories have seven digits

// Rows of many blocks, in long formulas: on the stand-in, products cost more than arithmetic.
Json config_of(const Json& solver) {
  constexpr int kRows = 700;
  Json s = solver;
  if (!s.contains("rtol")) s["rtol"] = 1e-3, s["atol"] = 1e-4;
  Json rows = Json::array(), cotangents = Json::array();
  for (int i = 0; i < kRows; ++i) rows.push_back({0.002 * i, 1 - 0.003 * i});
  for (int time = 0; time < 5; ++time) {
    cotangents.push_back(Json::array());
    for (int i = 0; i < kRows; ++i) cotangents.back().push_back({std::sin(i + time), std::cos(2 * i - time)});
  }
  std::string w = "-0.1*w", y = "b*cos(t)";
  for (int k = 1; k <= 16; ++k) {
    const std::string n = std::to_string(k), tenth = std::to_string(0.5 / k);
    w += " + " + tenth + "*a*sin(" + n + "*y + t)*w";
    y += " - " + tenth + "*b*cos(" + n + "*w - a*t)*y";
  }
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field", pair_field(w, y)},
          {"initial", rows},
          {"times", {0.0, 0.3, 0.31, 0.7, 1.0}},
          {"solver", s},
          {"gradient", "direct"},
          {"loss", {{"cotangent", cotangents}}}};
}

// With matrix products, whose derivatives by the weights are sums over the batch.
Json network_config() {
  Json config = config_of({{"plugin", "bosh3"}});
  config["seed"] = 3;
  config["field"] = {
      {"plugin", "neural"}, {"time", "concat"}, {"network", {{{"linear", 400}}, "tanh", {{"linear", 2}}}}};
  config["times"] = {0.0, 1.0};
  for (Json* rows : {&config["initial"], &config["loss"]["cotangent"][0], &config["loss"]["cotangent"][1]})
    rows->erase(rows->begin() + 60, rows->end());
  Json& cotangents = config["loss"]["cotangent"];
  cotangents.erase(cotangents.begin() + 2, cotangents.end());
  return config;
}

void check_alike(const Json& config, double tolerance = kDirect) {
  const Logged device = gradient_on(kCaptured, config), host = gradient_on("reference", config);
  CHECK(device.by_backend);
  CHECK(device.captured);
  CHECK_FALSE(host.by_backend);
  check_close(device.result, host.result, tolerance);
  const auto accepted = [](const Logged& l) { return l.result.record["counters"]["forward"]["accepted"]; };
  CHECK(accepted(device) == accepted(host));
}

int count_of(const std::string& text, const std::string& words) {
  int count = 0;
  for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

std::vector<double> both(GradientPasses& passes) {
  REQUIRE(passes.solve() == ODEON_OK);
  REQUIRE(passes.reverse() == ODEON_OK);
  return passes.all();
}
Json on_device(Json config) {
  config["backend"] = kCaptured;
  return config;
}
const Json kMany{{"plugin", "bosh3"}, {"rtol", 1e-5}, {"atol", 1e-6}};

}  // namespace

TEST_CASE("direct in captured loops through every explicit method is the host's") {
  with_every_adaptive_method([](const Json& solver) { check_alike(config_of(solver)); });
}

TEST_CASE("direct through a network in captured loops is the host's") { check_alike(network_config()); }

TEST_CASE("direct in captured loops in single precision is the host's") {
  with_every_adaptive_method([](const Json& solver) {
    Json config = config_of(solver);
    config["precision"] = "float32";
    check_alike(config, kSingle);
  });
}

TEST_CASE("every interpolation, and steps backwards in time, are taken back by a captured loop") {
  check_alike(config_of({{"plugin", "dopri5"}, {"interpolation", "cubic"}}));
  check_alike(config_of({{"plugin", "fehlberg2"}, {"interpolation", "cubic"}}));
  check_alike(config_of({{"plugin", "tsit5"}, {"interpolation", "linear"}}));
  Json back = config_of({{"plugin", "dopri5"}});
  back["times"] = {1.0, 0.8, 0.5, 0.49, 0.0};
  check_alike(back);
}

TEST_CASE("a tape of a few steps gives the same bits in as many windows as it needs") {
  GradientPasses whole(on_device(config_of(kMany)));
  const std::vector<double> expected = both(whole);
  const int64_t most = whole.p.tape->peak, steps = whole.p.counters->accepted;
  CHECK(steps >= 8);
  for (const int64_t limit : {most / 2, most / 7, int64_t{1}}) {
    CAPTURE(limit);
    GradientPasses few(on_device(config_of(kMany)));
    few.args.tape_limit = limit;
    CHECK(both(few) == expected);
    CHECK(few.p.tape->peak < most);
    if (limit > 1) CHECK(few.p.tape->peak <= limit);
    CHECK(both(few) == expected);  // with the small tape from the beginning
    few.args.tape_limit = 0;
    CHECK(both(few) == expected);
    CHECK(few.p.tape->peak == most);
  }
}

TEST_CASE("a tape that memory has no room for is a shorter one") {
  const auto with_memory = [](double gigabytes) {
    Json config = config_of(kMany);
    config["precision"] = "float32";
    config["backend"] = kCaptured;
    config["backend"]["memory_limit"] = gigabytes;
    return config;
  };
  GradientPasses whole(with_memory(1)), tight(with_memory(1.1e-3));
  const std::vector<double> expected = both(whole);
  CHECK(both(tight) == expected);
  CHECK(tight.p.tape->peak < whole.p.tape->peak);
  CHECK(tight.p.tape->peak > 0);
}

TEST_CASE("captured loops serve other data, other buffers and other parameters") {
  GradientPasses passes(on_device(config_of({{"plugin", "tsit5"}})));
  std::vector<std::vector<double>> found;
  std::vector<std::function<void(GradientPasses&)>> changes;
  changes.push_back([](GradientPasses&) {});
  changes.push_back([](GradientPasses& g) {
    g.put(g.prepared.y0, [](int64_t i) { return 0.3 * double(i % 5) - 0.5; });
    g.put(g.gys, [](int64_t i) { return 0.2 * double(i % 3); });
  });
  changes.push_back(
      [](GradientPasses& g) { g.put(g.prepared.theta, [](int64_t i) { return 0.01 * double(i % 7); }); });
  changes.push_back([](GradientPasses& g) {
    for (host::DeviceTensor* x : {&g.prepared.y0, &g.prepared.theta, &g.gys, &g.ys, &g.gy0, &g.gtheta}) {
      host::DeviceTensor elsewhere = host::DeviceTensor::like(g.p.backend, x->view);
      g.p.backend->copy(elsewhere.view, x->view);
      std::swap(*x, elsewhere);
    }
    g.p.set_theta(g.prepared.theta.view);
    g.args.y0 = &g.prepared.y0.view, g.args.ys = &g.ys.view;
  });
  for (const auto& change : changes) {
    change(passes);
    found.push_back(both(passes));
  }
  CHECK(found[1] != found[0]);
  CHECK(found[2] != found[1]);
  CHECK(found[3] == found[2]);
  for (size_t upto = 1; upto < changes.size(); ++upto) {  // anew
    GradientPasses fresh(on_device(config_of({{"plugin", "tsit5"}})));
    for (size_t i = 0; i <= upto; ++i) changes[i](fresh);
    CHECK(both(fresh) == found[upto]);
  }
}

TEST_CASE("captured loops give the same bits whatever the order of threads and blocks") {
  if (!on_stand_in()) return;
  GradientPasses passes(on_device(config_of({{"plugin", "fehlberg2"}, {"interpolation", "cubic"}})));
  const std::vector<double> expected = both(passes);
  for (const char* order : {"0", "1", "3"}) {
    setenv("ODEON_FAKE_ORDER", order, 1);
    CHECK(both(passes) == expected);
  }
  unsetenv("ODEON_FAKE_ORDER");
}

TEST_CASE("derivatives that nobody wants do not change the others" * doctest::test_suite("ptx")) {
  GradientPasses all(on_device(config_of({{"plugin", "dopri5"}}))),
      few(on_device(config_of({{"plugin", "dopri5"}})));
  const std::vector<double> expected = both(all);
  few.wants_theta = few.wants_times = false;
  std::vector<double> found = both(few);
  const size_t state = size_t(few.gy0.buffer.bytes()) / 8;
  CHECK(std::vector(found.begin(), found.begin() + long(state)) ==
        std::vector(expected.begin(), expected.begin() + long(state)));
  for (size_t i = state; i < found.size(); ++i) REQUIRE(found[i] == 0);
  few.wants_theta = few.wants_times = true;  // with another graph
  CHECK(both(few) == expected);
}

TEST_CASE("what the host reads of a solve and its reverse does not grow with the steps") {
  if (!on_stand_in()) return;
  static int64_t reads;
  setenv("ODEON_FAKE_READS", std::to_string(reinterpret_cast<uintptr_t>(&reads)).c_str(), 1);
  const auto reads_of = [](const Json& solver, int64_t least_steps) {
    GradientPasses passes(on_device(config_of(solver)));
    both(passes);
    CHECK(passes.p.counters->accepted >= least_steps);
    reads = 0;
    REQUIRE(passes.solve() == ODEON_OK);
    REQUIRE(passes.reverse() == ODEON_OK);
    return reads;
  };
  CHECK(reads_of({{"plugin", "bosh3"}, {"rtol", 1e-2}, {"atol", 1e-2}}, 3) == 3);  // result, counts, dL/dt
  CHECK(reads_of(kMany, 8) == 3);
  unsetenv("ODEON_FAKE_READS");
}

TEST_CASE("a driver without loops leaves the gradient to the host, with the reason") {
  if (!on_stand_in()) return;
  const Json config = config_of({{"plugin", "dopri5"}});
  Logged device{};
  setenv("ODEON_FAKE_DRIVER", "12030", 1);
  const std::string words = told([&] {
    device.result = host::run_gradient(to_experiment(on_device(config), with_fake()), with_fake());
  });
  unsetenv("ODEON_FAKE_DRIVER");
  CHECK(contains(words, "differentiates no such solve by itself"));
  CHECK(contains(words, "a driver older than 12.4 has no loops on the device"));
  CHECK(count_of(words, "whole solve") == 0);
  check_close(device.result, gradient_on("reference", config).result, kDirect);
}

namespace {

// Images of 8 x 8 pixels: the class is the brightest pair of columns.
std::string few_images(const ScratchFolder& folder) {
  const auto write = [&](const std::string& name, int count) {
    std::string pixels, labels;
    for (int image = 0; image < count; ++image) {
      labels += char(image % 4);
      for (int i = 0; i < 64; ++i)
        pixels += char((i % 8 / 2 == image % 4 ? 90 : 10) + (7 * image + 5 * i) % 37);
    }
    write_idx(folder / (name + "-images-idx3-ubyte"), {count, 8, 8}, pixels);
    write_idx(folder / (name + "-labels-idx1-ubyte"), {count}, labels);
  };
  write("train", 36), write("t10k", 12);
  return "data: {format: idx, directory: " + folder.path() + "}\n";
}

}  // namespace

TEST_CASE("an ODE-Net trains by captured loops with the losses of the host, and they are captured once") {
  const ScratchFolder folder;
  const std::string config = "odeon: 1\ntask: train\nseed: 5\nprecision: float64\n" + few_images(folder) +
                             "model:\n  - conv2d: {channels: 4, kernel: 3, padding: 1}\n  - ode:\n"
                             "      field:\n        plugin: neural\n        time: concat\n        network:\n"
                             "          - group_norm: 2\n          - relu\n"
                             "          - conv2d: {channels: 4, kernel: 3, padding: 1}\n"
                             "      solver: {plugin: dopri5, rtol: 1.0e-2, atol: 1.0e-2}\n"
                             "      gradient: direct\n"
                             "  - flatten\n  - linear: 4\n"
                             "optimizer: {kind: sgd, learning_rate: 0.1, momentum: 0.9}\n"
                             "train: {epochs: 3, batch: 12}\n";
  const auto losses = [&](const std::string& backend) {
    return column_of(text_of(host::run_experiment({"test.yaml", {}, {"backend=" + backend}, config},
                                                  {"", true, false}, with_fake()),
                             "history.csv"),
                     1);
  };
  std::vector<double> device;
  const std::string words = told([&] { device = losses(kCaptured.dump()); });
  CHECK(count_of(words, "whole solve and its gradient by backend") == 1);
  CHECK(count_of(words, "captured the loop of a joint reverse") == 1);
  CHECK(count_of(words, "captured the loop of a joint solve") == 2);  // of training, of the held-out images
  const std::vector<double> host = losses("cpu");
  CHECK(host.back() < host.front());
  CHECK(difference(device, host) <= kTrained);
}
