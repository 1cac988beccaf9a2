// `stepping: per_row`: a row's results are its own, whatever the batch.
#include "engine/failure.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Rows of very different speeds, so that joint steps would be those of the fastest.
const std::vector<std::vector<double>> kRows{{1, 0.5},  {40, 2}, {0.1, 0.1}, {5, 7},
                                             {90, 0.3}, {2, 2},  {0.01, 3}};

Json experiment(Json solver, const Json& rows) {
  solver["stepping"] = "per_row";
  return {{"odeon", 1},
          {"task", "solve"},
          {"backend", "reference"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"w", "y"}},
            {"parameters", {{"a", 0.7}}},
            {"derivatives", {{"w", "-0.1*a*w"}, {"y", "a*cos(w*t) - 0.2*y*t"}}}}},
          {"initial", rows},
          {"times", {0.0, 0.3, 1.0, 2.5}},
          {"solver", solver}};
}

std::vector<std::string> controlled_ids() {
  return solver_ids_where([](const SolverTraits& s) { return s.controlled && !s.second_order; });
}

Json solver_of(const std::string& id) { return {{"plugin", id}, {"rtol", 1e-5}, {"atol", 1e-7}}; }

// [times, 1, state] of row r out of [times, batch, state].
std::vector<double> row_of(const std::vector<double>& states, size_t r) {
  std::vector<double> out;
  for (size_t t = 0; t < 4; ++t)
    for (size_t i = 0; i < 2; ++i) out.push_back(states[(t * kRows.size() + r) * 2 + i]);
  return out;
}

int64_t count(const host::RunResult& result, const char* what, const char* phase = "forward") {
  return result.record["counters"][phase][what];
}

}  // namespace

TEST_CASE("a row has the same bits alone and in any batch") {
  for (const std::string& id : controlled_ids()) {
    CAPTURE(id);
    const auto together = solve(experiment(solver_of(id), kRows));
    int64_t steps = 0;
    for (size_t r = 0; r < kRows.size(); ++r) {
      const auto alone = solve(experiment(solver_of(id), {kRows[r]}));
      CHECK(states_of(alone) == row_of(states_of(together), r));
      steps += count(alone, "accepted");
    }
    CHECK(count(together, "accepted") == steps);
  }
}

TEST_CASE("rows run backwards in time too") {
  for (const std::string& id : controlled_ids()) {
    CAPTURE(id);
    Json back = experiment(solver_of(id), kRows), alone = experiment(solver_of(id), {kRows[3]});
    back["times"] = alone["times"] = {2.5, 1.0, 0.3, 0.0};
    CHECK(states_of(solve(alone)) == row_of(states_of(solve(back)), 3));
  }
}

TEST_CASE("rows that are done cost nothing any more") {
  // One row turns a thousand times as fast: joint steps take every row through its steps.
  Json rows = Json::array();
  for (int r = 0; r < 64; ++r) rows.push_back({r == 0 ? 1000.0 : 1.0, 1.0});
  Json per_row = experiment({{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}}, rows), joint = per_row;
  joint["solver"]["stepping"] = "joint";
  const auto a = solve(per_row), b = solve(joint);
  CHECK(count(a, "accepted") < 8 * count(b, "accepted"));  // of 64 rows
  CHECK(difference(states_of(a), states_of(b)) < 1e-4);
}

TEST_CASE("a row that fails is named and the others come to their end") {
  for (const char* id : {"dopri5", "radau_iia5"}) {
    CAPTURE(id);
    const Json config{
        {"odeon", 1},
        {"task", "solve"},
        {"field", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "y^2"}}}}},
        {"initial", {{0.1}, {1.0}, {0.2}, {2.0}}},
        {"times", {0.0, 0.75, 2.0}},
        {"solver", {{"plugin", id}, {"rtol", 1e-6}, {"atol", 1e-8}, {"stepping", "per_row"}}}};
    const auto result = solve(config);
    REQUIRE(result.failure.has_value());
    CHECK(result.failure->row == 1);
    CHECK(result.record["failures"].size() == 2);
    CHECK(std::abs(result.record["failures"][1]["t"].get<double>() - 0.5) < 1e-3);
    const std::vector<double> s = states_of(result);  // [3, 4, 1]
    CHECK(std::abs(s[8] - 1 / 8.0) < 1e-5);
    CHECK(std::abs(s[10] - 1 / 3.0) < 1e-5);
    CHECK(std::abs(s[5] - 4) < 1e-3);
    CHECK((std::isnan(s[7]) && std::isnan(s[9]) && std::isnan(s[11])));
  }
}

TEST_CASE("stiffness of a row ends it alone, as it would alone") {
  // Rows together and rows one after the other.
  for (const char* id : {"dopri5", "bosh3", "dopri8", "adams"}) {
    CAPTURE(id);
    const auto of_rates = [&](const Json& rates, const char* stepping) {
      const Json config{{"odeon", 1},
                        {"task", "solve"},
                        {"field",
                         {{"plugin", "expression"},
                          {"state", {"rate", "y"}},
                          {"derivatives", {{"rate", "0*rate"}, {"y", "-rate*(y - cos(t))"}}}}},
                        {"initial", rates},
                        {"times", {0.0, 100.0}},
                        {"solver", {{"plugin", id}, {"rtol", 1e-5}, {"atol", 1e-7}, {"stepping", stepping}}}};
      return config;
    };
    const auto together = solve(of_rates({{1.0, 1.0}, {1e6, 1.0}, {0.5, 1.0}}, "per_row"));
    REQUIRE(together.failure.has_value());
    const host::Failure& f = *together.failure;
    CHECK(f.row == 1);
    CHECK(together.record["failures"].size() == 1);
    CHECK(f.reason.find("the problem is stiff here") != std::string::npos);
    CHECK(f.remedy.find("radau_iia5") != std::string::npos);
    CHECK(f.steps < 20000);
    CHECK(std::isfinite(states_of(together)[3 * 2 + 2 * 2 + 1]));  // the third row came to its end
    try {
      solve(of_rates({{1e6, 1.0}}, "joint"));
      FAIL("the row alone did not fail");
    } catch (const host::SolveFailed& alone) {
      CHECK(alone.failure().reason == f.reason);
      CHECK(alone.failure().steps == f.steps);
      CHECK(alone.failure().t == f.t);
    }
  }
}

TEST_CASE("max_steps of a row tells whether stability limits its steps") {
  for (const bool stiff : {true, false}) {
    const Json config{
        {"odeon", 1},
        {"task", "solve"},
        {"field",
         {{"plugin", "expression"},
          {"state", {"y"}},
          {"derivatives", {{"y", stiff ? "-1e6*(y - cos(t))" : "cos(9*t)*y"}}}}},
        {"initial", {{1.0}, {2.0}}},
        {"times", {0.0, 100.0}},
        {"solver",
         {{"plugin", "dopri5"}, {"rtol", 1e-6}, {"atol", 1e-8}, {"max_steps", 50}, {"stepping", "per_row"}}}};
    const auto result = solve(config);
    REQUIRE(result.failure.has_value());
    CHECK((result.failure->reason.find("limited by stability") != std::string::npos) == stiff);
  }
}

TEST_CASE("gradients of rows are those of the rows alone, and their sum") {
  for (const char* gradient : {"direct", "adjoint"}) {
    CAPTURE(gradient);
    Json batch = experiment(solver_of("dopri5"), kRows);
    batch["task"] = "gradient";
    batch["gradient"] = gradient;
    const auto together = differentiate(batch);
    const std::vector<double> gy0 = array_of(together, "grad_initial.npy").to_doubles();
    double theta = 0;
    for (size_t r = 0; r < kRows.size(); ++r) {
      Json one = batch;
      one["initial"] = {kRows[r]};
      const auto alone = differentiate(one);
      CHECK(array_of(alone, "grad_initial.npy").to_doubles() ==
            std::vector<double>{gy0[2 * r], gy0[2 * r + 1]});
      theta += parameter_gradients(alone)[0];
    }
    CHECK(std::abs(parameter_gradients(together)[0] - theta) < 1e-12 * std::abs(theta));
  }
}
