// The variable-order Adams method: evaluations beside SciPy's Adams codes, accuracy, order selection.
#include "plugins/solvers/hand_stepped.hpp"
#include "plugins/solvers/observed_order.hpp"
#include "problems/free_body.hpp"
#include "problems/travelling_phase.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Of work and accuracy, both as decimal logarithms.
struct Run {
  double error, evaluations;
};

Json peers() {
  std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/plugins/solvers/peers.json");
  return Json::parse(in);
}

// Of the largest error of an element, relative to it where it is larger than one; as make_peers.py.
double largest_error(const std::vector<double>& y, const std::vector<double>& exact) {
  double most = 0;
  for (size_t i = 0; i < exact.size(); ++i)
    most = std::max(most, std::abs(y[i] - exact[i]) / (1 + std::abs(exact[i])));
  return most;
}

std::vector<Run> own_runs(const Json& c) {
  std::vector<Run> runs;
  for (const Json& peer : c["lsoda"]) {
    const double tolerance = peer["tolerance"];
    const auto result = solve({{"odeon", 1},
                               {"task", "solve"},
                               {"backend", "reference"},
                               {"field", c["field"]},
                               {"initial", c["initial"]},
                               {"times", c["times"]},
                               {"solver", {{"plugin", "adams"}, {"rtol", tolerance}, {"atol", tolerance}}}});
    std::vector<double> y = states_of(result);
    y.erase(y.begin(), y.begin() + static_cast<long>(y.size() / 2));
    runs.push_back({std::log10(largest_error(y, c["reference"])),
                    std::log10(result.record["counters"]["forward"]["evaluations"].get<double>())});
  }
  return runs;
}

std::vector<Run> peer_runs(const Json& list) {
  std::vector<Run> runs;
  for (const Json& r : list)
    runs.push_back({std::log10(r["error"].get<double>()), std::log10(r["evaluations"].get<double>())});
  return runs;
}

// The line of least squares through the runs: what an error costs.
double cost_at(const std::vector<Run>& runs, double error) {
  double mx = 0, my = 0, xx = 0, xy = 0;
  for (const Run& r : runs) mx += r.error / double(runs.size()), my += r.evaluations / double(runs.size());
  for (const Run& r : runs)
    xx += (r.error - mx) * (r.error - mx), xy += (r.error - mx) * (r.evaluations - my);
  return my + xy / xx * (error - mx);
}

// Evaluations of adams over those of a peer at equal errors, in the geometric mean.
double relative_cost(const Json& c, const std::string& peer) {
  const std::vector<Run> own = own_runs(c), theirs = peer_runs(c[peer]);
  double sum = 0;
  int n = 0;
  for (const Run& r : theirs) sum += cost_at(own, r.error) - cost_at(theirs, r.error), ++n;
  return std::pow(10., sum / n);
}

Json config_of(const Problem& p, double tolerance, int max_order = 12) {
  return experiment_of(
      p, {p.start, p.stop},
      {{"plugin", "adams"}, {"rtol", tolerance}, {"atol", tolerance}, {"max_order", max_order}});
}

// Steps from start to stop, retrying what is rejected; calls `each` after every step with its beginning.
template <class Each>
void run_through(HandStepped& s, const Problem& p, Each each) {
  s.start(p.start, p.stop);
  double h = 1e-3;
  while (s.t < p.stop) {
    const double before = s.t;
    if (s.step(h) == ODEON_OK) each(before);
    h = s.next_h;
  }
}

double most_off(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

}  // namespace

TEST_CASE("adams needs fewer evaluations than SciPy's Adams codes for the same error") {
  constexpr double kMost = 0.85;  // 0.62 to 0.75 when it was written
  const Json file = peers();
  REQUIRE(file["adaptive"].size() >= 3);
  for (const Json& c : file["adaptive"])
    for (const std::string peer : {"lsoda", "vode"}) {
      CAPTURE(c["name"].dump());
      CAPTURE(peer);
      const double cost = relative_cost(c, peer);
      MESSAGE(c["name"].get<std::string>() << ": evaluations over those of " << peer << ": " << cost);
      CHECK(cost < kMost);
    }
}

TEST_CASE("values between steps of adams are as accurate as the steps, forwards and backwards") {
  constexpr double kBetweenOverEnds = 2;
  for (const Problem& p : {free_body(), travelling_phase()})
    for (double tolerance : {1e-4, 1e-7, 1e-10}) {
      CAPTURE(p.name);
      CAPTURE(tolerance);
      HandStepped s(config_of(p, tolerance));
      double at_ends = 0, between = 0;
      run_through(s, p, [&](double before) {
        at_ends = std::max(at_ends, most_off(s.state(), p.exact_rows(s.t)));
        for (double x : {0.1, 0.3, 0.5, 0.7, 0.9}) {
          const double t = before + x * (s.t - before);
          between = std::max(between, most_off(s.interpolated(t), p.exact_rows(t)));
        }
      });
      CHECK(at_ends < 100 * tolerance);
      CHECK(between < kBetweenOverEnds * at_ends);
      const Json solver{{"plugin", "adams"}, {"rtol", tolerance}, {"atol", tolerance}};
      CHECK(error_with(p, {p.stop, (p.stop + p.start) / 2, p.start}, solver) < 100 * tolerance);
    }
}

TEST_CASE("dense output of adams is smooth over the steps' ends") {
  constexpr double kRoundOff = 1e-13, kQuotient = 1e-6;
  const Problem p = free_body();
  HandStepped s(config_of(p, 1e-6));
  std::vector<double> last = s.initial(), last_slope;
  run_through(s, p, [&](double before) {
    const double h = s.t - before, dt = 1e-3 * h;
    CHECK(most_off(s.interpolated(before), last) < kRoundOff);
    CHECK(most_off(s.interpolated(s.t), s.state()) < kRoundOff);
    // One-sided quotients of second order.
    const auto slope = [&](double t, double d) {
      const std::vector<double> y0 = s.interpolated(t), y1 = s.interpolated(t + d),
                                y2 = s.interpolated(t + 2 * d);
      std::vector<double> out;
      for (size_t i = 0; i < y0.size(); ++i) out.push_back((4 * y1[i] - y2[i] - 3 * y0[i]) / (2 * d));
      return out;
    };
    if (!last_slope.empty()) CHECK(most_off(slope(before, dt), last_slope) < kQuotient);
    last_slope = slope(s.t, -dt);
    last = s.state();
  });
}

TEST_CASE("adams raises its order with the accuracy that is asked for, up to max_order") {
  const auto highest = [](double tolerance, int max_order) {
    const Problem p = free_body();
    HandStepped s(config_of(p, tolerance, max_order));
    int most = 0;
    run_through(s, p, [&](double) { most = std::max(most, s.order); });
    return most;
  };
  CHECK(highest(1e-3, 12) <= 8);
  CHECK(highest(1e-12, 12) >= 11);
  for (int limit : {1, 2, 5}) CHECK(highest(1e-6, limit) == limit);
}

TEST_CASE("where stability limits its steps, adams rejects few of them and beats SciPy's Adams codes") {
  // y' = -100 (y - cos t): from t = 0.1 on, accuracy would allow far longer steps.
  const auto result = solve(
      {{"odeon", 1},
       {"task", "solve"},
       {"field", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-100*(y - cos(t))"}}}}},
       {"initial", {{0}}},
       {"times", {0, 20}},
       {"solver", {{"plugin", "adams"}, {"rtol", 1e-5}, {"atol", 1e-5}}}});
  const auto& counters = result.record["counters"]["forward"];
  CHECK(counters["rejected"].get<int>() < counters["accepted"].get<int>() / 3);
  CHECK(counters["evaluations"].get<int>() < 3000);  // vode of SciPy 1.17.1: 4557
}

TEST_CASE("adams says where the field has no value") {
  const Problem p{
      "pole", {{"plugin", "expression"}, {"state", {"y"}}, {"derivatives", {{"y", "-y/sqrt(1 - t)"}}}},
      {{1}},  0,
      2,      nullptr};
  std::string text;
  try {
    solve(experiment_of(p, {0, 2}, {{"plugin", "adams"}}));
  } catch (const std::exception& e) {
    text = e.what();
  }
  CHECK(text.find("non-finite") != std::string::npos);
}
