// A solution kept as a function of time: it is the interpolation that requested times get, and outlives the
// field.
#include "data/error.hpp"
#include "data/safetensors.hpp"
#include "data/scratch_folder.hpp"
#include "experiment_case.hpp"
#include "problems/free_body.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Two evaluations of one polynomial.
constexpr double kSamePolynomial = 1e-12;

Json experiment(Json solver, std::vector<double> times) {
  const Problem p = free_body();
  return {{"odeon", 1},           {"task", "solve"}, {"backend", "cpu"}, {"field", p.field},
          {"initial", p.initial}, {"times", times},  {"solver", solver}};
}

host::RunResult solve_dense(Json config) {
  host::Experiment e = to_experiment(config, installed());
  e.dense = true;
  return host::run_solve(e, installed());
}

void check_same_as_requested(const Json& solver, const std::vector<double>& ends) {
  std::vector<double> times;
  for (int i = 0; i <= 17; ++i) times.push_back(ends[0] + (ends[1] - ends[0]) * i / 17);
  const std::vector<double> requested = states_of(solve(experiment(solver, times)));
  const auto dense = solve_dense(experiment(solver, ends)).dense;
  REQUIRE(dense.has_value());
  std::vector<double> found;
  for (double t : times)
    for (double v : dense->at(t)) found.push_back(v);
  CHECK(difference(found, requested) < kSamePolynomial);
}

}  // namespace

TEST_CASE("a dense solution has the states that a solve for these times has") {
  for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return !s.second_order; })) {
    if (!solver_api(id).tableau)
      continue;  // by code: see tests/plugins/solvers, where the polynomial's degree varies
    CAPTURE(id);
    const Json steady{{"plugin", id}, {"step_size", 0.21}, {"interpolation", "cubic"}};
    check_same_as_requested(
        traits_of(id).controlled ? Json{{"plugin", id}, {"rtol", 1e-6}, {"atol", 1e-8}} : steady, {0, 4});
  }
}

TEST_CASE("a dense solution of rows on their own, and backwards in time") {
  const Json per_row{{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}, {"stepping", "per_row"}};
  check_same_as_requested(per_row, {0, 4});
  check_same_as_requested(per_row, {4, 0});
  check_same_as_requested({{"plugin", "tsit5"}, {"rtol", 1e-6}, {"atol", 1e-8}}, {4, 0});
}

TEST_CASE("a dense solution comes back from its file") {
  const ScratchFolder folder;
  const std::string path = folder / "dense.safetensors";
  const auto dense =
      solve_dense(
          experiment({{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}, {"stepping", "per_row"}}, {0, 4}))
          .dense;
  dense->write(path);
  const host::DenseSolution back = host::DenseSolution::read(path);
  CHECK(back.batch() == 3);
  CHECK(back.state_shape() == std::vector<int64_t>{3});
  CHECK(back.start() == 0);
  CHECK(back.stop() >= 4);
  CHECK(back.at(1.2345) == dense->at(1.2345));
}

TEST_CASE("a time beyond a dense solution is refused with the times it has") {
  const auto dense = solve_dense(experiment({{"plugin", "dopri5"}}, {0, 4})).dense;
  CHECK_THROWS_WITH_AS(
      dense->at(-1),
      doctest::Contains("and t = -1 is not inside; ask for a time in between, or solve further"),
      host::RunError);
}

TEST_CASE("a file that is no dense solution is refused with the rule it breaks") {
  const ScratchFolder folder;
  const std::string path = folder / "bad.safetensors";
  const auto refused = [&](const std::vector<host::NamedArray>& arrays, const char* rule) {
    host::write_safetensors(path, arrays);
    CHECK_THROWS_WITH_AS(host::DenseSolution::read(path), doctest::Contains(rule), host::RunError);
  };
  const auto times = [](std::vector<double> t) {
    const int64_t n = static_cast<int64_t>(t.size());
    return host::NamedArray{"0.times", host::Array::of(t, {n})};
  };
  const host::NamedArray values{"0.values", host::Array::zeros(ODEON_F64, {1, 4, 2, 3})};
  refused({}, "it must hold pairs of times and values");
  refused({times({0, 1}), {"0.other", values.array}}, "'0.times' and '0.values' must both be there");
  refused({times({0, 1, 2}), values}, "one more entry than steps");
  refused({times({1, 1}), values}, "'0.times' must be strictly monotone");
  refused({times({0, NAN}), values}, "'0.times' must be strictly monotone");
}
