// Recurrent cells beside PyTorch's, their gradients, and the network that forecasts with them.
#include "train/series/recurrent_cell.hpp"
#include "train/series/series_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr double kRoundOff = 1e-12;
// Central differences: h² f''' / 6 and round-off / h, both below 1e-8 of the gradient.
constexpr double kDifferences = 1e-7;

Json golden() {
  std::ifstream in(std::string(ODEON_SOURCE_DIR) + "/tests/golden/latent.json");
  return Json::parse(in);
}

Array array(const Json& values, const std::vector<int64_t>& shape) {
  return Array::of(values.get<std::vector<double>>(), shape);
}

// Five series of three numbers at uneven times, of different numbers of observations.
SeriesData uneven_series() {
  SeriesData d;
  d.times = {0, 0.3, 0.4, 0.9, 1.5, 1.6, 2.2};
  d.window = 5;
  d.values = Array::zeros(ODEON_F64, {3, 7, 2});
  for (int64_t i = 0; i < d.values.size(); ++i) d.values.set(i, std::sin(1.3 * static_cast<double>(i)));
  d.truth = d.values;
  d.observed = {{0, 1, 2, 3, 4}, {1, 4}, {2}};
  d.training = 2;
  return d;
}

const std::string kForecast = "{cell: {gru: 4}, decoder: [{linear: 3}, tanh, {linear: 2}], noise: 0.5}";
const std::vector<int64_t> kAll{0, 1, 2};

}  // namespace

TEST_CASE("RNN and GRU cells over a sequence give PyTorch's states and gradients") {
  const Json all = golden();
  for (const Json& c : all["cells"])
    for (const char* backend_id : {"reference", "cpu"}) {
      const std::string kind = c["kind"];
      CAPTURE(kind);
      CAPTURE(backend_id);
      const int64_t steps = c["steps"], rows = c["rows"], width = c["width"], hidden = c["hidden"];
      Parameters parameters;
      const CellChoice cell = read_cell(yaml("{" + kind + ": " + std::to_string(hidden) + "}"), "'cell'");
      const odeon::Graph graph = cell_graph(cell, width, parameters, "");
      const auto backend = odeon::test::open_backend(backend_id);
      const DeviceParameters device(backend, array(c["theta"], {parameters.count}));
      backend->fill(device.gradient.view, 0);
      Recurrence recurrence(backend, graph, ODEON_F64, steps, rows);
      Array ones = Array::zeros(ODEON_F64, {steps, rows, 1});
      for (int64_t i = 0; i < ones.size(); ++i) ones.set(i, 1);
      recurrence.forward(device.theta.view, array(c["inputs"], {steps, rows, width}), ones);
      std::vector<double> states = download(*backend, recurrence.states()).to_doubles();
      states.erase(states.begin(), states.begin() + rows * hidden);
      CHECK(difference(states, c["states"].get<std::vector<double>>()) < kRoundOff);

      backend->fill(recurrence.cotangents(), 0);
      std::vector<double> cotangents = c["cotangents"];
      cotangents.insert(cotangents.begin(), size_t(rows * hidden), 0);
      upload(*backend, recurrence.cotangents(), Array::of(cotangents, {steps + 1, rows, hidden}));
      recurrence.backward(device.theta.view, device.gradient.view);
      CHECK(difference(download(*backend, device.gradient.view).to_doubles(),
                       c["gradient"].get<std::vector<double>>()) < kRoundOff);
    }
}

TEST_CASE("the gradient of a forecast's loss is its slope, with series of different lengths") {
  for (const char* backend : {"reference", "cpu"}) {
    CAPTURE(backend);
    SeriesCase<RecurrentForecast> c(kForecast, uneven_series(), backend);
    const auto slopes = c.slopes(kAll, Array::zeros(ODEON_F64, {3, 0}));
    CHECK(difference(slopes.given, slopes.differences) < kDifferences);
  }
}

TEST_CASE("a forecast of a point depends on the observations before it and on no other number") {
  SeriesCase<RecurrentForecast> c(kForecast, uneven_series());
  const Array before = c.model.predict(kAll, c.costs);
  c.data.values.set(c.data.at(0, 2), 5);  // observed in series 0 alone
  const Array after = c.model.predict(kAll, c.costs);
  for (int64_t n = 0; n < 3; ++n)
    for (int64_t t = 0; t < 7; ++t) {
      CAPTURE(n);
      CAPTURE(t);
      const double x = before.at(c.data.at(n, t)), y = after.at(c.data.at(n, t));
      if (t <= c.data.observed[size_t(n)].front())
        CHECK(std::isnan(x));
      else
        CHECK((x == y) == !(n == 0 && t > 2));
    }
}
