// The columns of an augmented field against derivatives by hand.
#include "autodiff/augment.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "autodiff/gradient_check.hpp"

namespace {

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

constexpr double kRoundOff = 1e-14;

// f(x, y) = (y sin x, x y^2): J = [[y cos x, sin x], [y^2, 2 x y]].
Graph example() {
  GraphBuilder b;
  const Value row = b.input(0, {ODEON_BATCH, 2}), x = b.slice(row, 1, 0, 1), y = b.slice(row, 1, 1, 2);
  b.mark_output(b.concat(b.mul(y, b.sin(x)), b.mul(x, b.mul(y, y)), 1));
  return b.finish();
}

struct Expected {
  double f[2], j[2][2];
  Expected(double x, double y)
      : f{y * std::sin(x), x * y * y}, j{{y * std::cos(x), std::sin(x)}, {y * y, 2 * x * y}} {}
};

// Rows of the augmented state: y at random, columns at zero, then the probe (1, -1), and what comes of them.
std::vector<double> rows_of(const AugmentedRow& at, const std::vector<double>& states) {
  std::vector<double> rows(size_t(kBatch * at.width), 0.0);
  for (int64_t r = 0; r < kBatch; ++r)
    for (int64_t i = 0; i < 2; ++i) {
      rows[size_t(r * at.width + i)] = states[size_t(2 * r + i)];
      if (at.probe >= 0) rows[size_t(r * at.width + at.probe + i)] = i == 0 ? 1 : -1;
    }
  return rows;
}

}  // namespace

TEST_CASE("the columns of an exact trace are -tr J, |f|^2 / d and |J|_F^2 / d") {
  const Augmentation what{Trace::exact, true, true};
  const AugmentedRow at = augmented_row(2, what);
  REQUIRE(at.width == 5);
  const std::vector<double> states = random_values(2 * kBatch, 3, -2, 2);
  const std::vector<double> out = evaluate(augmented_graph(example(), what), {rows_of(at, states)})[0];
  for (int64_t r = 0; r < kBatch; ++r) {
    const double* row = out.data() + r * at.width;
    const Expected e(states[size_t(2 * r)], states[size_t(2 * r + 1)]);
    CHECK(row[0] == doctest::Approx(e.f[0]).epsilon(kRoundOff));
    CHECK(row[1] == doctest::Approx(e.f[1]).epsilon(kRoundOff));
    CHECK(row[at.log_density] == doctest::Approx(-(e.j[0][0] + e.j[1][1])).epsilon(kRoundOff));
    CHECK(row[at.kinetic] == doctest::Approx((e.f[0] * e.f[0] + e.f[1] * e.f[1]) / 2).epsilon(kRoundOff));
    double square = 0;
    for (const auto& line : e.j)
      for (double v : line) square += v * v;
    CHECK(row[at.jacobian] == doctest::Approx(square / 2).epsilon(kRoundOff));
  }
}

TEST_CASE("a probe e gives -e'Je and |e'J|^2 / d, and does not move") {
  const Augmentation what{Trace::hutchinson, false, true};
  const AugmentedRow at = augmented_row(2, what);
  REQUIRE(at.width == 6);
  const std::vector<double> states = random_values(2 * kBatch, 4, -2, 2);
  const std::vector<double> out = evaluate(augmented_graph(example(), what), {rows_of(at, states)})[0];
  for (int64_t r = 0; r < kBatch; ++r) {
    const double* row = out.data() + r * at.width;
    const Expected e(states[size_t(2 * r)], states[size_t(2 * r + 1)]);
    const double ej[] = {e.j[0][0] - e.j[1][0], e.j[0][1] - e.j[1][1]};
    CHECK(row[at.log_density] == doctest::Approx(-(ej[0] - ej[1])).epsilon(kRoundOff));
    CHECK(row[at.jacobian] == doctest::Approx((ej[0] * ej[0] + ej[1] * ej[1]) / 2).epsilon(kRoundOff));
    CHECK(row[at.probe] == 0);
    CHECK(row[at.probe + 1] == 0);
  }
}

TEST_CASE("a field that does not read its state has a Jacobian of zero") {
  GraphBuilder b;
  b.mark_output(b.constant(3, {ODEON_BATCH, 2}));
  const Augmentation what{Trace::exact, false, true};
  const AugmentedRow at = augmented_row(2, what);
  const std::vector<double> out =
      evaluate(augmented_graph(b.finish(), what), {rows_of(at, random_values(2 * kBatch, 5, -2, 2))})[0];
  CHECK(out[0] == 3);
  CHECK(out[size_t(at.log_density)] == 0);
  CHECK(out[size_t(at.jacobian)] == 0);
}

TEST_CASE("a state of several axes is augmented as one row, and only by what is asked for") {
  GraphBuilder b;
  const Value y = b.input(0, {ODEON_BATCH, 2, 3});
  b.mark_output(b.mul(y, y));  // J = diag(2 y)
  const Graph f = b.finish();
  const Augmentation what{Trace::hutchinson, true, true, false};
  const AugmentedRow at = augmented_row(6, what);
  REQUIRE(at.width == 14);
  CHECK(at.log_density == -1);
  std::vector<double> rows = random_values(kBatch * at.width, 6, -2, 2);
  const std::vector<double> out = evaluate(augmented_graph(f, what), {rows})[0];
  for (int64_t r = 0; r < kBatch; ++r) {
    const double *row = rows.data() + r * at.width, *found = out.data() + r * at.width;
    double kinetic = 0, jacobian = 0;
    for (int64_t i = 0; i < 6; ++i) {
      CHECK(found[i] == row[i] * row[i]);
      kinetic += row[i] * row[i] * row[i] * row[i] / 6;
      jacobian += 4 * row[i] * row[i] * row[at.probe + i] * row[at.probe + i] / 6;
    }
    CHECK(found[at.kinetic] == doctest::Approx(kinetic).epsilon(kRoundOff));
    CHECK(found[at.jacobian] == doctest::Approx(jacobian).epsilon(kRoundOff));
  }
  CHECK(augmented_row(6, {Trace::hutchinson, true, false, false}).width == 7);  // no probe that nothing reads
}
