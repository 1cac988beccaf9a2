// Experiments on the GPU backend's own sources, on memory that the host cannot touch, against the reference
// backend.
#include <odeon/ext/ranks.h>

#include <odeon/sdk/error.hpp>

#include "engine/device_arrays.hpp"
#include "experiment/run.hpp"
#include "fake_registry.hpp"
#include "loader/host_table.hpp"
#include "prepared_problem.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Sums of a few numbers in another order, through some hundred steps ...
constexpr double kClose = 1e-10;
// ... after which Newton's iteration or the choice of an order may go another way: a tenth of rtol.
constexpr double kTenthOfTolerance = 1e-7;
// f32, a few updates of a network.
constexpr double kSingle = 1e-4;

Json lotka(const Json& solver) {
  return {{"odeon", 1},
          {"task", "solve"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "y"}},
            {"parameters", {{"a", 1.5}, {"b", 1.0}, {"c", 3.0}, {"d", 1.0}}},
            {"derivatives", {{"x", "a*x - b*x*y"}, {"y", "d*x*y - c*y"}}}}},
          {"initial", {{1.0, 1.0}, {3.0, 0.5}}},
          {"times", {0.0, 0.4, 1.0}},
          {"solver", solver}};
}

}  // namespace

TEST_CASE("explicit, implicit and multistep solvers solve on device memory as on host memory") {
  for (const std::string id : {"dopri5", "radau_iia5", "rodas5p", "kvaerno3", "adams", "extrapolation"}) {
    CAPTURE(id);
    const Json config = lotka({{"plugin", id}, {"rtol", 1e-6}, {"atol", 1e-8}});
    CHECK(difference(states_of(solve_on("fake_gpu", config)), states_of(solve_on("reference", config))) <=
          kTenthOfTolerance);
  }
}

TEST_CASE("gradients on device memory are those on host memory" * doctest::test_suite("ptx")) {
  for (const std::string id : {"direct", "checkpoint", "adjoint", "adjoint_interpolated", "forward"}) {
    CAPTURE(id);
    Json config = lotka({{"plugin", "dopri5"}, {"rtol", 1e-4}, {"atol", 1e-6}});
    config["task"] = "gradient";
    config["gradient"] = id;
    const auto on = [&](const char* backend) {
      config["backend"] = backend;
      return host::run_gradient(to_experiment(config, with_fake()), with_fake());
    };
    const auto device = on("fake_gpu"), host = on("reference");
    CHECK(difference(parameter_gradients(device), parameter_gradients(host)) <= kClose);
    CHECK(device.record["counters"]["forward"] == host.record["counters"]["forward"]);
    // One block differentiates a derivative that two steps share in both, and keeps less; it has dL/dt of the
    // adjoint by products.
    if (id != "direct" && id != "adjoint") CHECK(device.record["counters"] == host.record["counters"]);
  }
}

TEST_CASE("a network trains on device memory with the losses that it has on host memory") {
  host::ConfigNode root = host::load_config(ODEON_SOURCE_DIR "/configs/spiral.yaml");
  host::set_value(root, "train.learning_rate_schedule=[]");
  int by_backend = 0;
  const auto loss_after = [&](int epochs, const std::string& backend) {
    host::set_value(root, "train.epochs=" + std::to_string(epochs));
    host::set_value(root, "backend=" + backend);
    const SpecimenFolder folder;
    host::RunSettings settings;
    settings.output = folder.path() + "/out";
    settings.quiet = true;
    by_backend = 0;
    host::set_log_sink([&](int32_t, std::string_view line) {
      by_backend += line.find("whole solve and its gradient by backend") != std::string_view::npos;
    });
    const auto result = host::run_tree(root, "spiral.yaml", settings, with_fake());
    host::set_log_sink({});
    return result.record["metrics"]["final_loss"].get<double>();
  };
  for (const char* gradient : {"gradient=direct", "gradient=adjoint"}) {
    CAPTURE(gradient);
    host::set_value(root, gradient);
    for (const int epochs : {1, 2, 4}) {
      const double host = loss_after(epochs, "reference"), device = loss_after(epochs, "fake_gpu");
      CHECK(by_backend > 0);
      CHECK(host > 0);
      CHECK(std::abs(device - host) <= kSingle * host);
    }
  }
}

namespace {

// A field whose products are large enough for tiles: 64 rows, 72 x 72 weights.
Json wide_network(const char* matmul_precision) {
  Json initial = Json::array();
  for (int r = 0; r < 64; ++r) {
    initial.push_back(Json::array());
    for (int c = 0; c < 72; ++c) initial.back().push_back(std::sin(r * 72 + c));
  }
  return {{"odeon", 1},
          {"task", "solve"},
          {"precision", "float32"},
          {"seed", 1},
          {"backend", {{"plugin", "fake_gpu"}, {"matmul_precision", matmul_precision}}},
          {"field", {{"plugin", "neural"}, {"network", {{{"linear", 72}}, "tanh", {{"linear", 72}}}}}},
          {"initial", initial},
          {"times", {0.0, 1.0}},
          {"solver", {{"plugin", "rk4"}, {"step_size", 0.5}}}};
}

}  // namespace

TEST_CASE("matmul_precision rounds the products of a solve in float32, and is refused in float64" *
          doctest::test_suite("ptx")) {
  const auto solve = [&](const Json& config) {
    return states_of(host::run_solve(to_experiment(config, with_fake()), with_fake()));
  };
  Json reference = wide_network("full");
  reference["backend"] = "reference";
  const auto exact = solve(reference);
  CHECK(difference(solve(wide_network("full")), exact) <= 1e-5);
  const double tf32 = difference(solve(wide_network("tf32")), exact);
  CHECK(tf32 <= 3e-3);
  CHECK(tf32 >= 3e-5);
  Json in_double = wide_network("bf16");
  in_double["precision"] = "float64";
  CHECK_THROWS_WITH_AS(solve(in_double), doctest::Contains("matmul_precision: bf16"), host::Error);
  Json small = lotka({{"plugin", "dopri5"}});  // without a product
  small["backend"] = {{"plugin", "fake_gpu"}, {"matmul_precision", "tf32"}};
  CHECK_THROWS_WITH_AS(solve(small), doctest::Contains("matmul_precision: tf32"), host::Error);
}

TEST_CASE(
    "a captured loop runs the products of its field in tiles, with the steps and states of the host's loop") {
  Json config = wide_network("full"), reference = config;
  config["solver"] = {{"plugin", "dopri5"}, {"rtol", 1e-3}, {"atol", 1e-4}};
  reference["solver"] = config["solver"];
  reference["backend"] = "reference";
  const auto run = [](const Json& c) { return host::run_solve(to_experiment(c, with_fake()), with_fake()); };
  std::string told;
  host::set_log_sink([&](int32_t, std::string_view text) { told += std::string(text) + "\n"; });
  const auto device = run(config);
  host::set_log_sink({});
  CHECK(told.find("fusion: whole solve by backend 'fake_gpu'") != std::string::npos);
  CHECK(told.find("product 64 x 72, sums of 72: tiles 64 x 64") != std::string::npos);
  const auto host = run(reference);
  CHECK(difference(states_of(device), states_of(host)) <= kSingle);
  CHECK(device.record["counters"]["forward"]["accepted"] == host.record["counters"]["forward"]["accepted"]);
}

TEST_CASE("two devices in one thread are told apart by every call") {
  setenv("ODEON_FAKE_GPUS", "2", 1);
  const auto on = [](int device, const Json& solver) {
    Json config = lotka(solver);
    config["backend"] = {{"plugin", "fake_gpu"}, {"device", device}};
    return PreparedProblem(to_experiment(config, with_fake()), with_fake());
  };
  for (const Json& solver : {Json{{"plugin", "dopri5"}}, Json{{"plugin", "kvaerno3"}}}) {
    PreparedProblem first = on(0, solver), second = on(1, solver);
    const auto solve = [](const PreparedProblem& p) {
      const std::vector<double> times{0, 0.5};
      const host::DeviceTensor end = host::DeviceTensor::like(p.backend, p.y0.view);
      odeon_solve_args args{};
      args.struct_size = sizeof args;
      args.y0 = &p.y0.view, args.y_last = &end.view;
      args.times = times.data(), args.n_times = std::ssize(times);
      host::integrate(*p.problem, args);
      return host::download(*p.backend, end.view).to_doubles();
    };
    const auto expected = solve(first);
    const auto begin = host::download(*first.backend, first.y0.view).to_doubles();
    CHECK(solve(second) == expected);
    CHECK(host::download(*first.backend, first.y0.view).to_doubles() == begin);
    CHECK(solve(first) == expected);
  }
  unsetenv("ODEON_FAKE_GPUS");
}

TEST_CASE("device -1 is by the place of a rank among those of its machine, and begins anew behind the last") {
  setenv("ODEON_FAKE_GPUS", "3", 1);
  const auto device_of = [&](int32_t local_rank) {
    static int32_t here;
    here = local_rank;
    static const odeon_ranks_api table{sizeof table, 0, [](odeon_communicator_info* out) {
                                         out->rank = 70, out->size = 80, out->local_rank = here;
                                       }};
    host::register_host_extension(ODEON_EXT_HOST_RANKS, &table);
    const auto choice = host::bind_component(
        ODEON_KIND_BACKEND, host::parse_config("{plugin: fake_gpu, device: -1}", "test", "."), with_fake());
    return std::string(
        to_view(host::Backend::open(*choice.component, &choice.options.value())->info().device));
  };
  for (const auto& [local_rank, device] : {std::pair(0, 0), {2, 2}, {5, 2}, {7, 1}})
    CHECK(contains(device_of(local_rank), "device " + std::to_string(device) + ":"));
  unsetenv("ODEON_FAKE_GPUS");
}
