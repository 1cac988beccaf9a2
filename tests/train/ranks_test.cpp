// Several ranks with a batch each train as one process does with all of their rows in its batch.
#include "experiment/ranks.hpp"

#include <cmath>

#include "data/npy.hpp"
#include "train/thread_ranks.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

// Sums of a few hundred numbers of about 1 in another order, over some tens of steps.
constexpr double kRoundOff = 1e-12;

const std::string kFixed = "{plugin: rk4, step_size: 0.25}";
const std::string kHead =
    "odeon: 1\ntask: train\nprecision: float64\nseed: 3\nbackend: {plugin: cpu, threads: 1}\n";

std::string model(const std::string& solver, const std::string& more = "") {
  return kHead +
         "data: {format: idx, directory: " ODEON_SOURCE_DIR
         "/configs/data/digits}\n"
         "model:\n  - flatten\n  - linear: 8\n  - tanh\n  - ode:\n"
         "      field: {plugin: neural, time: concat, network: [{linear: 8}, tanh]}\n"
         "      solver: " +
         solver + "\n      gradient: direct\n" + more + "  - linear: 10\n";
}
std::string flow(const std::string& solver, const std::string& more = "") {
  return kHead +
         "flow:\n"
         "  field: {plugin: neural, time: concat, network: [{linear: 16}, tanh, {linear: 2}]}\n"
         "  solver: " +
         solver + "\n  gradient: direct\n  samples: 20\n" + more +
         "data: {format: two_moons, count: 137, noise: 0.2, held_out: 30}\n";
}
std::string latent() {
  return kHead +
         "latent:\n  encoder: {gru: 6}\n  dimension: 3\n  field: {plugin: neural, network: [linear: 5, tanh, "
         "linear: 3]}\n"
         "  solver: " +
         kFixed +
         "\n  gradient: direct\n  decoder: [linear: 2]\n  noise: 0.3\n"
         "data: {format: spirals, count: 30, points: 8, extrapolate: 4, noise: 0.1, observed: 5, held_out: "
         "7}\n";
}
std::string recurrent() {
  return kHead +
         "recurrent: {cell: {gru: 6}, decoder: [linear: 2], noise: 0.3}\n"
         "data: {format: spirals, count: 30, points: 8, extrapolate: 4, noise: 0.1, observed: 5, held_out: "
         "7}\n";
}
std::string field() {
  return kHead +
         "field: {plugin: neural, network: [{linear: 8}, tanh, {linear: 2}]}\n"
         "solver: " +
         kFixed +
         "\ngradient: direct\n"
         "data: {format: trajectory, truth: {plugin: linear, matrix: [[-0.1, -2.0], [2.0, -0.1]], trainable: "
         "false},\n"
         "  initial: [[2.0, 0.0]], times: {start: 0, stop: 5, count: 60}, solver: {plugin: rk4, step_size: "
         "0.1}, "
         "window: 5}\n";
}
std::string train(int64_t batch, int epochs = 2) {
  return "optimizer: {kind: adam, learning_rate: 0.01}\ntrain: {epochs: " + std::to_string(epochs) +
         ", batch: " + std::to_string(batch) + "}\n";
}

std::vector<double> weights_of(const RunResult& r) {
  std::vector<double> out;
  for (const auto& [name, arrays] : r.tensors)
    if (name == "weights.safetensors")
      for (const NamedArray& a : arrays)
        for (double v : a.array.to_doubles()) out.push_back(v);
  return out;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  REQUIRE(!a.empty());
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

// All columns of numbers but the costs, which are of each process by itself.
double curve_difference(const RunResult& a, const RunResult& b) {
  const std::string x = text_of(a, "history.csv"), y = text_of(b, "history.csv");
  REQUIRE(lines_of(x)[0] == lines_of(y)[0]);
  REQUIRE(lines_of(x).size() == lines_of(y).size());
  std::istringstream head(lines_of(x)[0]);
  double most = 0;
  int column = 0;
  for (std::string name; std::getline(head, name, ','); ++column)
    if (name != "seconds" && name != "backward_memory_bytes" && !name.ends_with("_per_batch"))
      most = std::max(most, largest_difference(column_of(x, column), column_of(y, column)));
  return most;
}

// batch: of each rank.
void trains_as_one(const std::string& kind, int64_t batch, int32_t ranks, double tolerance = kRoundOff) {
  CAPTURE(ranks);
  CAPTURE(batch);
  const RunResult one = run(kind + train(batch * ranks));
  Seats seats(ranks);
  const std::vector<RunResult> several = run_on(seats, kind + train(batch));
  constexpr double kDigits = 1e-8;  // that history.csv has
  for (const RunResult& r : several) {
    CHECK(largest_difference(weights_of(r), weights_of(one)) < tolerance);
    CHECK(curve_difference(r, one) < std::max(kDigits, tolerance));
    CHECK(weights_of(r) == weights_of(several[0]));
    CHECK(r.record["ranks"] == ranks);
  }
}

}  // namespace

TEST_CASE("every kind of training on several ranks is that of one process with their rows in its batch") {
  // The rows are not so many batches, and the last of them not so many on each rank.
  std::string kind;
  int64_t batch = 4;
  SUBCASE("a classifier with a block") { kind = model(kFixed), batch = 137; }
  SUBCASE("a classifier whose regularisers draw a probe for each row") {
    kind = model(kFixed, "      regularise: {kinetic: 0.1, jacobian: 0.1}\n"), batch = 200;
  }
  SUBCASE("a flow by the exact trace") { kind = flow(kFixed), batch = 17; }
  SUBCASE("a flow by Hutchinson's estimate, with regularisers") {
    kind =
        flow(kFixed, "  trace: hutchinson\n  probe: gaussian\n  regularise: {kinetic: 0.1, jacobian: 0.1}\n");
    batch = 17;
  }
  SUBCASE("a latent ODE, which draws for each series") { kind = latent(); }
  SUBCASE("a recurrent network") { kind = recurrent(); }
  SUBCASE("a field, by random sequences of its trajectory") { kind = field(); }
  for (int32_t ranks : {2, 3}) trains_as_one(kind, batch, ranks);
}

TEST_CASE("a last batch with fewer rows than ranks leaves some without any") {
  // 107 rows: a batch of 106 and one of a single row.
  trains_as_one(flow(kFixed), 53, 2);
  trains_as_one(latent(), 11, 2);  // 23 series
}

TEST_CASE("adaptive steps are the same row by row, and within the tolerance for a batch with one step size") {
  trains_as_one(flow("{plugin: dopri5, rtol: 1.0e-6, atol: 1.0e-6, stepping: per_row}"), 17, 2);
  constexpr double kTolerance = 1e-4;  // of the solver, through 6 steps of the optimiser
  trains_as_one(flow("{plugin: dopri5, rtol: 1.0e-6, atol: 1.0e-6}"), 17, 2, kTolerance);
}

TEST_CASE("single precision trains alike on all ranks, to the last bit") {
  Seats seats(3);
  const auto several = run_on(seats, flow(kFixed) + train(17), {"precision=float32"});
  for (const RunResult& r : several) CHECK(weights_of(r) == weights_of(several[0]));
  constexpr double kSingle = 1e-4;
  CHECK(largest_difference(weights_of(several[0]),
                           weights_of(run(flow(kFixed) + train(51), {"precision=float32"}))) < kSingle);
}

TEST_CASE("the first rank alone writes and has a summary, and its checkpoint resumes to the same bits") {
  const ScratchFolder folder;
  const std::string text = flow(kFixed) + train(17, 3);
  Seats seats(2);
  const auto whole = run_on(seats, text, {}, folder / "whole");
  CHECK(!whole[0].summary.empty());
  CHECK(whole[1].summary.empty());
  CHECK(std::filesystem::exists(folder / "whole/record.json"));
  run_on(seats, text, {"train.epochs=1"}, folder / "first");
  const auto rest = run_on(seats, text, {"train.resume=" + (folder / "first/checkpoint.safetensors")});
  CHECK(weights_of(rest[0]) == weights_of(whole[0]));
  // One process goes on from there as well.
  const RunResult one =
      run(text, {"train.batch=34", "train.resume=" + (folder / "first/checkpoint.safetensors")});
  CHECK(largest_difference(weights_of(one), weights_of(whole[0])) < kRoundOff);
}

TEST_CASE("task evaluate shares the rows that are held out") {
  const ScratchFolder folder;
  const std::string text = model(kFixed) + train(100, 1);
  run(text, {}, folder / "out");
  const std::vector<std::string> sets{"task=evaluate",
                                      "train.resume=" + (folder / "out/checkpoint.safetensors")};
  Seats seats(3);
  const auto several = run_on(seats, text, sets);
  for (const RunResult& r : several)
    CHECK(r.record["metrics"]["test_error"] == run(text, sets).record["metrics"]["test_error"]);
}

TEST_CASE("a rank that fails ends all: it says why, and the others say that it did") {
  Seats seats(3);
  const auto errors = on_ranks(seats, [&](int32_t rank) {
    Ranks ranks(bind_component(ODEON_KIND_COMMUNICATOR, yaml("threads"), with_threads()));
    ranks.together([&] {
      double one = 1;
      ranks.sum({&one, 1});
      CHECK(one == 3);
      if (rank == 1) throw ConfigError("a file is not here");
      ranks.sum({&one, 1});
      FAIL("an exchange without rank 1");
    });
  });
  CHECK(message_of(errors[1]) == "a file is not here");
  CHECK_FALSE(is_told_by_another(errors[1]));
  for (size_t r : {0, 2}) {
    CHECK(is_told_by_another(errors[r]));
    CHECK(message_of(errors[r]) == "rank 1 of 3 failed: a file is not here");
    try {
      std::rethrow_exception(errors[r]);
    } catch (const Error& e) {
      CHECK(e.code() == ExitCode::bad_configuration);
    }
  }
}

TEST_CASE("what fails on all ranks is said once") {
  Seats seats(2);
  const auto failed = [&](const std::string& text, const std::vector<std::string>& sets) {
    return on_ranks(seats, [&](int32_t) {
      run_experiment({"test.yaml", {}, sets, text}, {"", true, false}, with_threads());
    });
  };
  SUBCASE("a configuration with a mistake") {
    const auto errors = failed(flow(kFixed) + train(60), {"communicator=threads"});
    CHECK(message_of(errors[0]).ends_with(
        ": 'batch' of all ranks together must be at most the 107 training rows; "
        "found 60 on each of 2 ranks"));
    CHECK(is_told_by_another(errors[1]));
  }
  SUBCASE("a loss that is not finite") {
    const auto errors =
        failed(flow(kFixed) + train(17), {"communicator=threads", "optimizer.learning_rate=100",
                                          "flow.field.network=[{power: 3}, {linear: 2}]"});
    CHECK(message_of(errors[0]).find("not finite") != std::string::npos);
    CHECK_FALSE(is_told_by_another(errors[0]));
    CHECK(is_told_by_another(errors[1]));
  }
  SUBCASE("a task without batches") {
    const auto errors = failed("odeon: 1\ntask: sweep\nruns: [a.yaml]\n", {"communicator=threads"});
    CHECK(message_of(errors[0]).ends_with("'communicator' has no effect in task sweep; remove it"));
    CHECK(is_told_by_another(errors[1]));
  }
}

TEST_CASE("a folder that rank 0 cannot write to ends all ranks before anything is computed") {
  const ScratchFolder folder;
  write_npy(folder / "file", Array::zeros(ODEON_F64, {1}));
  Seats seats(2);
  const auto errors = on_ranks(seats, [&](int32_t) {
    run_experiment({"test.yaml", {}, {"communicator=threads"}, flow(kFixed) + train(17)},
                   {folder / "file/below", true, false}, with_threads());
  });
  CHECK(message_of(errors[0]).find("is no folder that can be written to") != std::string::npos);
  CHECK(is_told_by_another(errors[1]));
}

TEST_CASE("ranks with different configurations, or with other bits of θ, are named") {
  const auto run_each = [&](Seats& seats, const std::function<std::string(int32_t)>& set) {
    return on_ranks(seats, [&](int32_t rank) {
      run_experiment({"test.yaml", {}, {"communicator=threads", set(rank)}, flow(kFixed) + train(17)},
                     {"", true, false}, with_threads());
    });
  };
  SUBCASE("one rank with another batch") {
    Seats seats(3);
    const auto errors =
        run_each(seats, [](int32_t r) { return "train.batch=" + std::to_string(r == 2 ? 7 : 9); });
    CHECK(message_of(errors[0]) ==
          "the configuration must be the same on all ranks, to the last bit; that of rank 2 differs from "
          "that of "
          "rank 0; start all ranks with one command line, and with the same files");
  }
  SUBCASE("one rank whose sums are not those of the others") {
    Seats seats(3);
    seats.crooked = 1;
    const auto errors = run_each(seats, [](int32_t) { return std::string("seed=4"); });
    CHECK(message_of(errors[0]) ==
          "θ after epoch 1 must be the same on all ranks, to the last bit; that of rank 1 differs from that "
          "of rank "
          "0; use the same build, the same files and the same kind of device everywhere");
    CHECK(is_told_by_another(errors[1]));
    CHECK(is_told_by_another(errors[2]));
  }
}

TEST_CASE("one process has no ranks in its record") {
  CHECK_FALSE(run(field() + train(6)).record.contains("ranks"));
}
