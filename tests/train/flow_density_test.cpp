// Densities under a flow against closed forms, and the gradient of its loss against differences.

#include <cmath>

#include "train/flow_case.hpp"
#include "train/random.hpp"

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

namespace {

const std::string kTight = "{plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-12}";
const std::string kGrid = "{plugin: rk4, step_size: 0.125}";
const std::string kNetwork = "{plugin: neural, time: concat, network: [{linear: 5}, tanh, {linear: 2}]}";

// y' = A y with A = [[a, b], [-b, a]]: y(t) = e^(a t) times a rotation by b t.
constexpr double kA = -0.4, kB = 1.3;
const std::string kSpiral = "{plugin: linear, matrix: [[-0.4, 1.3], [-1.3, -0.4]], trainable: false}";

Array rows(int64_t n, uint64_t stream) {
  Array out = Array::zeros(ODEON_F64, {n, 2});
  Random random(9, stream);
  for (int64_t i = 0; i < out.size(); ++i) out.set(i, random.normal());
  return out;
}

double mean(const std::vector<double>& v) {
  double sum = 0;
  for (double x : v) sum += x;
  return sum / static_cast<double>(v.size());
}

double standard_error(const std::vector<double>& v) {
  double sum = 0;
  for (double x : v) sum += (x - mean(v)) * (x - mean(v));
  return std::sqrt(sum) / static_cast<double>(v.size());
}

}  // namespace

TEST_CASE("under a linear field the density is Gaussian, and the regularisers are their integrals") {
  const double kTolerances[] = {1e-8, 1e-5};  // of the solver's 1e-10 in float64; of float32
  for (int32_t dtype : {ODEON_F64, ODEON_F32})
    for (double end : {1.5, -1.5}) {
      const double tolerance = kTolerances[dtype == ODEON_F32];
      FlowCase c(kSpiral, dtype == ODEON_F64 ? kTight : "{plugin: dopri5, rtol: 1.0e-6, atol: 1.0e-7}",
                 {0, end}, dtype);
      const Array x = rows(7, 1);
      const FlowDensity::Rows found =
          c.density({Trace::exact, true, true}, {0, end}, dtype).evaluate(x, {}, {});
      for (int64_t r = 0; r < 7; ++r) {
        const double squares = x.at(2 * r) * x.at(2 * r) + x.at(2 * r + 1) * x.at(2 * r + 1),
                     growth = std::exp(2 * kA * end), rate = kA * kA + kB * kB;
        const double log_normal = -0.5 * growth * squares - std::log(2 * 3.14159265358979323846);
        const double kinetic = rate * squares * (growth - 1) / (2 * kA) / 2, jacobian = rate * end;
        const double way = end > 0 ? 1 : -1;
        CHECK(found.log_density[size_t(r)] == doctest::Approx(log_normal + 2 * kA * end).epsilon(tolerance));
        CHECK(found.kinetic[size_t(r)] == doctest::Approx(way * kinetic).epsilon(10 * tolerance));
        CHECK(found.jacobian[size_t(r)] == doctest::Approx(way * jacobian).epsilon(tolerance));
      }
    }
}

TEST_CASE("estimates by probes have the exact log-density and Jacobian norm as their mean") {
  constexpr int64_t kProbes = 4000;
  constexpr double kStandardErrors = 4;  // one run in 16000 would be outside by chance; the seed is fixed
  FlowCase c(kNetwork, kTight, {0, 1});
  Array x = Array::zeros(ODEON_F64, {kProbes, 2}), one = Array::of({0.3, -0.8}, {1, 2});
  for (int64_t i = 0; i < x.size(); ++i) x.set(i, one.at(i % 2));
  const FlowDensity::Rows exact =
      c.density({Trace::exact, false, true}, {0, 1}).evaluate(one, {}, c.theta.view);
  FlowDensity estimating = c.density({Trace::hutchinson, false, true}, {0, 1});
  for (bool gaussian : {false, true}) {
    Array probe = rows(kProbes, 2);
    if (!gaussian)
      for (int64_t i = 0; i < probe.size(); ++i) probe.set(i, probe.at(i) > 0 ? 1 : -1);
    const FlowDensity::Rows found = estimating.evaluate(x, probe, c.theta.view);
    for (const auto& [estimates, value] :
         {std::pair(found.log_density, exact.log_density[0]), std::pair(found.jacobian, exact.jacobian[0])}) {
      CHECK(standard_error(estimates) > 1e-5);  // it is an estimate
      CHECK(std::abs(mean(estimates) - value) < kStandardErrors * standard_error(estimates));
    }
  }
}

TEST_CASE("the gradient of likelihood and regularisers equals central differences") {
  constexpr double kStep = 1e-5, kTolerance = 1e-8;  // of the step's square, and of round-off over the step
  const Regularisers weights{0.3, 0.2};
  const Array x = rows(4, 4);
  for (Trace trace : {Trace::exact, Trace::hutchinson})
    for (double end : {1.0, -1.0}) {
      const std::vector<double> times{0, end};
      FlowCase c(kNetwork, kGrid, times);
      Array probe;
      if (trace == Trace::hutchinson) probe = rows(4, 5);
      FlowDensity density = c.density({trace, true, true}, times);
      const auto loss = [&](const FlowDensity::Rows& r) {
        return -mean(r.log_density) + weights.kinetic * mean(r.kinetic) + weights.jacobian * mean(r.jacobian);
      };
      Gradient direct(bind_component(ODEON_KIND_GRADIENT, yaml("direct"), installed()));
      const int64_t n = c.parameters.flat.size();
      DeviceTensor gtheta(c.backend, ODEON_F64, std::vector<int64_t>{n});
      const double at_theta =
          loss(density.differentiate(x, probe, c.theta.view, direct, weights, gtheta.view));
      CHECK(at_theta == loss(density.evaluate(x, probe, c.theta.view)));
      std::vector<double> found(static_cast<size_t>(n));
      c.backend->download(found.data(), gtheta.view.data, n * 8);
      for (int64_t k = 0; k < n; ++k) {
        const auto shifted = [&](double by) {
          Array moved = c.parameters.flat;
          moved.set(k, moved.at(k) + by);
          c.place(moved);
          return loss(density.evaluate(x, probe, c.theta.view));
        };
        const double difference = (shifted(kStep) - shifted(-kStep)) / (2 * kStep);
        CHECK(std::abs(found[size_t(k)] - difference) < kTolerance);
      }
    }
}

TEST_CASE("regularisers and probes do not change the steps") {
  const Array x = rows(5, 6), probe = rows(5, 7);
  for (const char* solver : {"{plugin: dopri5, rtol: 1.0e-6}", "{plugin: dopri5, rtol: 1.0e-6, norm: max}",
                             "{plugin: dopri5, rtol: [1.0e-6, 1.0e-4], stepping: per_row}"}) {
    FlowCase c(kNetwork, solver, {0, 1});
    FlowDensity alone = c.density({Trace::exact}, {0, 1}),
                all = c.density({Trace::exact, true, true}, {0, 1});
    const FlowDensity::Rows a = alone.evaluate(x, {}, c.theta.view), b = all.evaluate(x, {}, c.theta.view);
    CHECK(alone.forward.evaluations == all.forward.evaluations);
    CHECK(difference(a.log_density, b.log_density) < 1e-12);
    FlowDensity probed = c.density({Trace::hutchinson}, {0, 1}),
                probed_all = c.density({Trace::hutchinson, true, true}, {0, 1});
    probed.evaluate(x, probe, c.theta.view), probed_all.evaluate(x, probe, c.theta.view);
    CHECK(probed.forward.evaluations == probed_all.forward.evaluations);
  }
}
