// Additive methods on fields that split themselves: their order, what the split saves, and who takes the sum.
#include "data/error.hpp"
#include "plugins/solvers/observed_order.hpp"
#include "problems/free_body.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

std::vector<std::string> additive_ids() {
  std::vector<std::string> ids;
  for (const std::string& id : solver_ids())
    if (const odeon_tableau* t = solver_api(id).tableau; t && t->a_explicit) ids.push_back(id);
  REQUIRE(!ids.empty());
  return ids;
}

// Problems with exact solutions, taken apart into halves that are nonlinear and depend on each other's
// variables.
std::vector<Problem> split_problems() {
  Problem phase = travelling_phase(), body = free_body();
  phase.field["derivatives"] = {{"y", "2*sin(y + 3*t) + cos(y)"}};
  phase.field["explicit"] = {{"y", "-cos(y)"}};
  body.field["derivatives"] = {{"a", "0.7*b*c"}, {"b", "-a*c"}, {"c", "0.2*a*b"}};
  body.field["explicit"] = {{"a", "0.3*b*c"}, {"c", "-0.71*a*b"}};
  return {phase, body};
}

// The Brusselator with diffusion, whose stiff half is linear; `split`: in halves, or as their sum.
// E. Hairer, G. Wanner, Solving Ordinary Differential Equations II (1996), IV.1.
Json brusselator(bool split) {
  constexpr int kPoints = 20;
  const std::string spread = std::to_string(0.02 * (kPoints + 1) * (kPoints + 1));
  Json field{{"plugin", "expression"}, {"state", Json::array()}};
  std::vector<double> initial;
  for (int i = 1; i <= kPoints; ++i) {
    const std::string n = std::to_string(i), u = "u" + n, v = "v" + n, product = u + "^2*" + v;
    const auto diffusion = [&](const std::string& w, const std::string& end) {
      const auto at = [&](int j) { return j == 0 || j > kPoints ? end : w + std::to_string(j); };
      return spread + "*(" + at(i - 1) + " - 2*" + at(i) + " + " + at(i + 1) + ")";
    };
    const std::pair<std::string, std::string> halves[] = {
        {diffusion("u", "1"), "1 + " + product + " - 4*" + u},
        {diffusion("v", "3"), "3*" + u + " - " + product}};
    for (size_t w = 0; w < 2; ++w) {
      const std::string name = w == 0 ? u : v;
      field["state"].push_back(name);
      field["derivatives"][name] = halves[w].first + (split ? "" : " + " + halves[w].second);
      if (split) field["explicit"][name] = halves[w].second;
    }
    initial.push_back(1 + std::sin(2 * M_PI * i / (kPoints + 1)));
    initial.push_back(3);
  }
  return {{"odeon", 1}, {"task", "solve"}, {"field", field}, {"initial", {initial}}, {"times", {0.0, 10.0}}};
}

Json controlled(const std::string& id, double tolerance) {
  return {{"plugin", id}, {"rtol", tolerance}, {"atol", tolerance}};
}

Json counters_of(const host::RunResult& result) { return result.record["counters"]["forward"]; }

Json gradient_of(const std::string& solver, const std::string& strategy) {
  const Problem p = split_problems()[1];
  Json config = experiment_of(p, {0, 1, 2}, controlled(solver, 1e-9));
  config["task"] = "gradient";
  config["gradient"] = strategy;
  config["field"]["parameters"] = {{"k", 0.3}};
  config["field"]["explicit"]["a"] = "k*b*c";
  return config;
}

}  // namespace

TEST_CASE("an additive method has its order on halves, no less and no more, forwards and backwards") {
  for (const std::string& id : additive_ids())
    for (const Problem& p : split_problems())
      for (const std::vector<double>& times : {std::vector{p.start, p.stop}, std::vector{p.stop, p.start}}) {
        CAPTURE(id);
        CAPTURE(p.name);
        CAPTURE(times);
        const double order = observed_order([&](double steps) {
          return error_with(p, times,
                            {{"plugin", id}, {"step_size", (p.stop - p.start) / steps * (1 + 1e-13)}});
        });
        CHECK(std::abs(order - traits_of(id).order) < kOrderBand);
      }
}

TEST_CASE("additive steps and their dense output are as accurate as the tolerance, in either precision") {
  for (const std::string& id : additive_ids())
    for (const Problem& p : split_problems()) {
      CAPTURE(id);
      CAPTURE(p.name);
      std::vector<double> times;
      for (int i = 0; i <= 50; ++i) times.push_back(p.start + (p.stop - p.start) * i / 50);
      constexpr double kTolerance = 1e-7, kGlobalOverLocal = 100, kSingle = 1e-5;
      CHECK(error_with(p, times, controlled(id, kTolerance)) < kGlobalOverLocal * kTolerance);
      // On a fixed grid, so that precision is all that differs.
      Json config = experiment_of(p, times, {{"plugin", id}, {"step_size", (p.stop - p.start) / 50}});
      const std::vector<double> in_double = states_of(solve(config));
      config["precision"] = "float32";
      CHECK(difference(states_of(solve(config)), in_double) < kSingle);
    }
}

TEST_CASE("rows of an additive solve do not depend on their batch") {
  for (const std::string& id : additive_ids()) {
    const Problem p = split_problems()[1];
    Json solver = controlled(id, 1e-6);
    solver["stepping"] = "per_row";
    const std::vector<double> all = states_of(solve(experiment_of(p, {p.start, p.stop}, solver)));
    const size_t width = p.initial[0].size(), rows = p.initial.size();
    for (size_t r = 0; r < rows; ++r) {
      Json config = experiment_of(p, {p.start, p.stop}, controlled(id, 1e-6));
      config["initial"] = {p.initial[r]};
      const std::vector<double> alone = states_of(solve(config));
      for (size_t i = 0; i < width; ++i) CHECK(all[(rows + r) * width + i] == alone[width + i]);
    }
  }
}

TEST_CASE("a stiff half that is linear needs fewer Jacobians and linear solves than the whole") {
  for (const std::string& id : additive_ids()) {
    CAPTURE(id);
    Json whole = brusselator(false), split = brusselator(true);
    whole["solver"] = split["solver"] = controlled(id, 1e-4);
    const host::RunResult by_whole = solve(whole), by_halves = solve(split);
    constexpr double kGlobalOverLocal = 20;
    CHECK(difference(states_of(by_halves), states_of(by_whole)) < kGlobalOverLocal * 1e-4);
    const Json a = counters_of(by_whole), b = counters_of(by_halves);
    CHECK(b["jacobians"].get<int>() * 2 <= a["jacobians"].get<int>());
    CHECK(b["linear_solves"].get<double>() < 0.75 * a["linear_solves"].get<double>());
    CHECK(b["evaluations"].get<double>() < 0.75 * a["evaluations"].get<double>());
    // One for each stage and for the first stage's repetition: Newton's iteration asks for none.
    CHECK(b["explicit_evaluations"].get<int>() < b["evaluations"].get<int>());
    CHECK(a["explicit_evaluations"] == 0);
  }
}

TEST_CASE("every other method takes the sum of the halves") {
  constexpr double kRoundOff = 1e-12;
  const Problem p = split_problems()[0];
  for (const char* id : {"dopri5", "kvaerno5"}) {
    if (!installed().find(ODEON_KIND_SOLVER, id)) continue;
    Json sum = experiment_of(p, {p.start, p.stop}, controlled(id, 1e-6)), split = sum;
    sum["field"].erase("explicit");
    sum["field"]["derivatives"]["y"] = "2*sin(y + 3*t) + cos(y) - cos(y)";
    const host::RunResult a = solve(sum), b = solve(split);
    CHECK(difference(states_of(b), states_of(a)) < kRoundOff);
    CHECK(counters_of(a)["evaluations"] == counters_of(b)["evaluations"]);
    CHECK(counters_of(b)["explicit_evaluations"] == 0);
  }
}

TEST_CASE("the adjoint goes back through the sum, and direct refuses additive steps") {
  constexpr double kTolerances = 1e-6;
  const host::RunResult exact = differentiate(gradient_of("dopri5", "direct"));
  for (const std::string& id : additive_ids()) {
    const host::RunResult adjoint = differentiate(gradient_of(id, "adjoint"));
    CHECK(difference(parameter_gradients(adjoint), parameter_gradients(exact)) < kTolerances);
    CHECK(difference(array_of(adjoint, "grad_initial.npy").to_doubles(),
                     array_of(exact, "grad_initial.npy").to_doubles()) < kTolerances);
    CHECK(counters_of(adjoint)["explicit_evaluations"] > 0);
    std::string refusal;
    try {
      differentiate(gradient_of(id, "direct"));
    } catch (const host::Error& e) {
      refusal = e.what();
    }
    CHECK(refusal.find(
              "gradient 'direct' does not go through additive steps (capability: steps of one field), "
              "which take the halves of the field apart; use gradient adjoint, or write the field without "
              "halves") != std::string::npos);
  }
}
