// The loss of a latent ODE and its gradient, beside PyTorch and torchdiffeq, and as its own slope.
#include "train/series/latent_ode.hpp"

#include "train/series/series_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr double kRoundOff = 1e-12;
// Central differences: h² f''' / 6 and round-off / h, both below 1e-8 of the gradient.
constexpr double kDifferences = 1e-7;
// The same with a continuous adjoint, which differs by the error of the solves at tolerance 1e-10.
constexpr double kAdjoint = 1e-6;

// The case of tests/golden/latent.json.
struct Golden {
  Json json;
  Golden() {
    std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/golden/latent.json");
    json = Json::parse(in)["latent"];
  }
  int64_t count(const char* key) const { return json[key]; }

  SeriesData data() const {
    SeriesData d;
    d.times = json["times"].get<std::vector<double>>();
    d.window = count("points");
    d.values = Array::zeros(ODEON_F64, {count("series"), count("points"), count("width")});
    d.observed.resize(size_t(count("series")));
    for (int64_t i = 0; i < d.values.size(); ++i) {
      const Json& v = json["values"][size_t(i)];
      d.values.set(i, v.is_null() ? std::nan("") : v.get<double>());
      if (i % d.width() == 0 && !v.is_null())
        d.observed[size_t(i / d.width() / d.points())].push_back(i / d.width() % d.points());
    }
    d.truth = d.values;
    d.training = d.size() - 1;
    return d;
  }
  // In the order of the model's slots.
  std::vector<double> flat(const char* key, const Parameters& parameters) const {
    std::vector<double> out;
    for (const auto& slot : parameters.slots)
      for (double v : json[key].at(slot.name)) out.push_back(v);
    return out;
  }
  Array noise() const {
    return Array::of(json["epsilon"].get<std::vector<double>>(), {count("series"), count("latent")});
  }
};

std::string model_with(const std::string& solver, const std::string& gradient = "direct",
                       const std::string& activation = "tanh") {
  return "{encoder: {gru: 5}, dimension: 3, field: {plugin: neural, network: [{linear: 4}, " + activation +
         ", {linear: 3}]}, solver: " + solver + ", gradient: " + gradient +
         ", decoder: [{linear: 4}, relu, {linear: 2}], noise: 0.4}";
}
const std::string kMidpoint = "midpoint", kTight = "{plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-10}";
const std::vector<int64_t> kAll{0, 1, 2};

}  // namespace

TEST_CASE("loss, divergence and gradient of a latent ODE are those of PyTorch and torchdiffeq") {
  const Golden golden;
  for (const char* backend : {"reference", "cpu"}) {
    CAPTURE(backend);
    SeriesCase<LatentOde> c(model_with(kMidpoint, "direct", "elu"), golden.data(), backend);
    const Parameters& p = c.model.parameters();
    c.set_theta(Array::of(golden.flat("parameters", p), {p.count}));
    const SeriesLoss loss = c.model.differentiate(kAll, golden.noise(), c.costs);
    CHECK(loss.total == doctest::Approx(golden.json["loss"].get<double>()).epsilon(kRoundOff));
    CHECK(loss.kl == doctest::Approx(golden.json["kl"].get<double>()).epsilon(kRoundOff));
    CHECK(difference(c.gradient(), golden.flat("gradient", p)) < kRoundOff);
  }
}

TEST_CASE(
    "the gradient of a latent ODE's loss is its slope for each part, whatever the solver and gradient") {
  const Golden golden;
  for (const auto& [solver, gradient, tolerance] : {std::tuple(kMidpoint, "direct", kDifferences),
                                                    {kTight, "direct", kAdjoint},
                                                    {kTight, "adjoint", kAdjoint}}) {
    CAPTURE(solver);
    CAPTURE(gradient);
    SeriesCase<LatentOde> c(model_with(solver, gradient), golden.data());
    const auto slopes = c.slopes(kAll, golden.noise());
    for (const char* part : {"encoder.", "posterior.", "field.", "decoder."}) {
      CAPTURE(part);
      const Parameters& p = c.model.parameters();
      const std::vector<double> expected = part_named(p, slopes.differences, part);
      CHECK(!expected.empty());
      CHECK(difference(part_named(p, slopes.given, part), expected) < tolerance);
    }
  }
}

TEST_CASE("the divergence from N(0, I) has its closed form, and is 0 for N(0, I) itself") {
  const int64_t hidden = 2, latent = 3, rows = 2;
  Parameters parameters;
  const odeon::Graph graph = posterior_graph(hidden, latent, parameters);
  const auto backend = odeon::test::open_backend("reference");
  Array theta = Array::zeros(ODEON_F64, {parameters.count});
  const auto divergence = [&] {
    const DeviceParameters device(backend, theta);
    const DeviceTensor state(backend, ODEON_F64, std::vector<int64_t>{rows, hidden});
    backend->fill(state.view, 0);
    Posterior posterior(backend, graph, ODEON_F64, rows);
    const double sum =
        posterior.sample(device.theta.view, state.view, Array::zeros(ODEON_F64, {rows, latent}));
    CHECK(download(*backend, posterior.z0()).at(0) == theta.at(parameters.count - 2 * latent));  // the mean
    return sum / rows;
  };
  CHECK(divergence() == 0);
  // With state 0 the bias alone gives mean and log-variance.
  const double mean[] = {0.5, -1, 2}, log_variance[] = {-1, 0.3, 1.2};
  double expected = 0;
  for (int64_t i = 0; i < latent; ++i) {
    theta.set(parameters.count - 2 * latent + i, mean[i]);
    theta.set(parameters.count - latent + i, log_variance[i]);
    const double deviation = std::exp(log_variance[i] / 2);
    expected += (deviation * deviation + mean[i] * mean[i] - 1) / 2 - std::log(deviation);
  }
  CHECK(divergence() == doctest::Approx(expected).epsilon(1e-14));
}

TEST_CASE(
    "a latent ODE's prediction does not read points that were not observed, and goes beyond the window") {
  SeriesData data =
      read_series(yaml("{format: spirals, count: 4, points: 12, extrapolate: 5, observed: 6}"), 1);
  SeriesCase<LatentOde> c(model_with("rk4"), data);
  const Array before = c.model.predict(kAll, c.costs);
  REQUIRE(before.shape == std::vector<int64_t>{3, 17, 2});
  for (int64_t i = 0; i < before.size(); ++i) CHECK(std::isfinite(before.at(i)));
  for (int64_t n = 0; n < 3; ++n)
    for (int64_t t = 0; t < 17; ++t)
      if (std::find(data.observed[size_t(n)].begin(), data.observed[size_t(n)].end(), t) ==
          data.observed[size_t(n)].end())
        c.data.values.set(c.data.at(n, t), 1e3);
  CHECK(c.model.predict(kAll, c.costs).bytes == before.bytes);
}
