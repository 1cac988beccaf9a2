// Every installed Runge-Kutta tableau, without a list of names: order conditions of all rows.
#include <doctest/doctest.h>

#include "conformance/order_conditions.hpp"
#include "engine/method.hpp"
#include "loader/registry.hpp"

namespace {

using namespace odeon;
using namespace odeon::host;

// Published coefficients are rounded to double; sums of a dozen of them lose a few digits.
constexpr double kRoundOff = 1e-11;
// A condition that is not met misses by far more than round-off.
constexpr double kMiss = 1e-7;

template <class Check>
void for_each_tableau(Check check) {
  const Registry registry = Registry::discover({});
  int seen = 0;
  for (const LoadedComponent* c : registry.components(ODEON_KIND_SOLVER)) {
    const auto& api = *static_cast<const odeon_solver_api*>(c->descriptor->vtable);
    if (!api.tableau) continue;
    INFO(c->id);
    check(*api.tableau, c->id);
    ++seen;
  }
  CHECK(seen >= 10);
}

std::vector<double> row(const double* w, const odeon_tableau& t) { return {w, w + t.stages}; }

}  // namespace

TEST_CASE("there are as many rooted trees as Cayley counted") {
  const size_t counts[] = {1, 1, 2, 4, 9, 20, 48, 115};
  for (int n = 1; n <= 8; ++n) CHECK(conformance::trees(n).size() == counts[n - 1]);
}

TEST_CASE("b has the stated order and not one more") {
  for_each_tableau([](const odeon_tableau& t, const std::string&) {
    for (int p = 1; p <= t.order; ++p) CHECK(conformance::defect(t, row(t.b, t), p) < kRoundOff);
    CHECK(conformance::defect(t, row(t.b, t), t.order + 1) > kMiss);
  });
}

TEST_CASE("the embedded row has the stated order and not one more") {
  for_each_tableau([](const odeon_tableau& t, const std::string&) {
    if (!t.b_hat) return;
    for (int p = 1; p <= t.embedded_order; ++p) CHECK(conformance::defect(t, row(t.b_hat, t), p) < kRoundOff);
    CHECK(conformance::defect(t, row(t.b_hat, t), t.embedded_order + 1) > kMiss);
  });
}

TEST_CASE("own dense output meets both ends and the conditions of its order in between") {
  for_each_tableau([](const odeon_tableau& t, const std::string& id) {
    if (!t.dense) return;
    const Method method(t, id);
    std::vector<double> w(static_cast<size_t>(t.stages));
    method.weights(Dense::method, 1, false, w);
    for (int i = 0; i < t.stages; ++i) CHECK(std::abs(w[size_t(i)] - t.b[i]) < kRoundOff);
    for (double x : {0.2, 0.5, 0.9}) {
      method.weights(Dense::method, x, false, w);
      for (int p = 1; p <= t.dense_order; ++p) CHECK(conformance::defect(t, w, p, x) < kRoundOff);
    }
  });
}

TEST_CASE("both halves of an additive method have the stated orders in every mixture") {
  int additive = 0;
  for_each_tableau([&](const odeon_tableau& t, const std::string& id) {
    if (!conformance::companion(t)) return;
    ++additive;
    for (int p = 1; p <= t.order; ++p) CHECK(conformance::additive_defect(t, row(t.b, t), p) < kRoundOff);
    for (int p = 1; p <= t.embedded_order; ++p)
      CHECK(conformance::additive_defect(t, row(t.b_hat, t), p) < kRoundOff);
    const Method method(t, id);
    std::vector<double> w(static_cast<size_t>(t.stages));
    for (double x : {0.2, 0.5, 0.9}) {
      if (!t.dense) break;
      method.weights(Dense::method, x, false, w);
      for (int p = 1; p <= t.dense_order; ++p) CHECK(conformance::additive_defect(t, w, p, x) < kRoundOff);
    }
  });
  CHECK(additive > 0);
}

TEST_CASE("the derivative of dense weights agrees with differences") {
  for_each_tableau([](const odeon_tableau& t, const std::string& id) {
    const Method method(t, id);
    const size_t n = static_cast<size_t>(t.stages);
    std::vector<double> below(n), above(n), slope(n);
    for (Dense dense : {Dense::linear, Dense::hermite, Dense::method}) {
      if (dense == Dense::method && !t.dense) continue;
      constexpr double kX = 0.37, kStep = 1e-6;
      method.weights(dense, kX - kStep, false, below);
      method.weights(dense, kX + kStep, false, above);
      method.weights(dense, kX, true, slope);
      for (size_t i = 0; i < n; ++i)
        CHECK(slope[i] == doctest::Approx((above[i] - below[i]) / (2 * kStep)).epsilon(1e-7));
    }
  });
}
