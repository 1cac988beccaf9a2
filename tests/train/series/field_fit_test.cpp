// Fields fitted to series of their own state: the loss, its gradient, and whole runs on files.
#include "train/series/field_fit.hpp"

#include <fstream>

#include "data/npy.hpp"
#include "loader/host_table.hpp"
#include "train/series/series_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

// Central differences: h² f''' / 6 and round-off / h, both below 1e-8 of the gradient.
constexpr double kDifferences = 1e-7;

const std::string kNetwork =
    "{field: {plugin: neural, network: [{linear: 4}, tanh, {linear: 2}]}, solver: rk4, gradient: direct, "
    "data: here}";

// Of which a part is known.
const std::string kUniversal =
    "{field: {plugin: expression, state: [x, y], parameters: {a: 0.4}, network: {inputs: [x, x*y], outputs: "
    "[u, v], "
    "layers: [{linear: 4}, tanh, {linear: 2}]}, derivatives: {x: u - a*x, y: v - y}}, solver: rk4, gradient: "
    "direct, data: here}";

// Three series of two numbers at uneven times, of different numbers of observations.
SeriesData uneven_series() {
  SeriesData d;
  d.times = {0, 0.3, 0.4, 0.9, 1.5, 1.6};
  d.window = 5;
  d.values = Array::zeros(ODEON_F64, {3, 6, 2});
  for (int64_t i = 0; i < d.values.size(); ++i) d.values.set(i, std::sin(1.3 * static_cast<double>(i)));
  d.truth = d.values;
  d.observed = {{0, 1, 2, 3, 4}, {1, 4}, {0}};
  d.training = 2;
  return d;
}

const std::vector<int64_t> kAll{0, 1, 2};

// x' = -k x, v' = w x - v; k = 0.5, w = 2: by rk4 on fine steps.
std::array<double, 2> decayed(double x, double v, double t) {
  const double e = std::exp(-0.5 * t), f = std::exp(-t);
  return {x * e, v * f + 4 * x * (e - f)};
}

const std::string kDecay =
    "odeon: 1\ntask: train\nseed: 1\nprecision: float64\n"
    "field: {plugin: expression, state: [x, v], parameters: {k: 1.0, w: 1.0}, derivatives: {x: -k*x, v: w*x "
    "- v}}\n"
    "solver: {plugin: dopri5, rtol: 1.0e-8, atol: 1.0e-8}\ngradient: direct\n"
    "optimizer: {kind: adam, learning_rate: 0.05}\ntrain: {epochs: 200}\n";

std::string lines_of_decay(int series) {
  std::string text = "run,t,x,v\n";
  for (int n = 0; n < series; ++n)
    for (int i = 9; i >= 0; --i) {  // in any order
      const double t = 0.3 * i;
      const auto [x, v] = decayed(1 + 0.5 * n, 0, t);
      text += std::to_string(n) + "," + std::to_string(t) +
              (i % 4 == 3 ? ",," : "," + std::to_string(x) + "," + std::to_string(v)) + "\n";
    }
  return text;
}

}  // namespace

TEST_CASE("the loss is the mean over series of the mean squared errors behind their first points") {
  SeriesCase<FieldFit> c(kNetwork, uneven_series());
  const Array found = c.model.predict(kAll, c.costs);
  const SeriesData& d = c.data;
  double expected = 0;
  for (int64_t n : kAll) {
    double sum = 0, count = 0;
    for (int64_t i : d.observed[size_t(n)])
      for (int64_t k = 0; k < 2 && i > 0; ++k, ++count)
        sum += std::pow(found.at((n * 6 + i) * 2 + k) - d.values.at(d.at(n, i) + k), 2);
    expected += count > 0 ? sum / count / 3 : 0;
  }
  const Array none = Array::zeros(ODEON_F64, {3, 0});
  CHECK(c.model.differentiate(kAll, none, c.costs).total == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("the gradient of a fit's loss is its slope, with series of different lengths") {
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& fit : {kNetwork, kUniversal}) {
      CAPTURE(backend);
      SeriesCase<FieldFit> c(fit, uneven_series(), backend);
      const auto slopes = c.slopes(kAll, Array::zeros(ODEON_F64, {3, 0}));
      CHECK(difference(slopes.given, slopes.differences) < kDifferences);
    }
}

TEST_CASE("a table of lines gives the series and times that it holds, missing ones as NaN") {
  const ScratchFolder folder;
  std::ofstream(folder / "t.csv") << "id,t,x\n7,1,30\n7,0,10\n2,0,1\n2,2.5,3\n7,2.5,\n";
  const SeriesData d = read_series(yaml("{format: series, file: " + (folder / "t.csv") + "}"), 1);
  CHECK(d.times == std::vector<double>{0, 1, 2.5});
  REQUIRE(d.values.shape == std::vector<int64_t>{2, 3, 1});
  CHECK(d.values.at(0) == 1);
  CHECK(std::isnan(d.values.at(1)));
  CHECK(d.values.at(2) == 3);
  CHECK(d.values.at(3) == 10);
  CHECK(d.values.at(4) == 30);
  CHECK(std::isnan(d.values.at(5)));
  CHECK(d.observed == std::vector<std::vector<int64_t>>{{0, 2}, {0, 1}});
}

TEST_CASE("a table of lines that says a point twice, or has no number, is refused") {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& text, const char* why) {
    std::ofstream(folder / "t.csv") << text;
    CHECK_THROWS_WITH_AS(read_series(yaml("{format: series, file: " + (folder / "t.csv") + "}"), 1),
                         doctest::Contains(why), ConfigError);
  };
  refused("1,0,5\n1,1,5\n1,0,6\n",
          "row 2 of numbers has the series 1 and the time 0 of another row; remove one");
  refused("1,0\n1,1\n", "has 2 columns; give those of the series, the time, and one or more numbers");
  refused(",0,5\n", "row 0 of numbers has no series or no time");
  refused("1,0,5\n2,0,5\n", "has one time; give two or more");
}

TEST_CASE(
    "a fit to a table finds the parameters, measures the series held out, and goes on from a checkpoint") {
  const ScratchFolder folder;
  std::ofstream(folder / "t.csv") << lines_of_decay(4);
  const std::string text =
      kDecay + "data: {format: series, file: " + (folder / "t.csv") + ", extrapolate: 2, held_out: 1}\n";
  const RunResult result = run(text, {}, folder / "out");
  const std::vector<NamedArray>& weights = result.tensors.front().second;
  REQUIRE(weights.size() == 2);
  CHECK(weights[0].name == "k");
  constexpr double kSixDigits = 1e-3;  // of the table, and what 200 steps leave
  CHECK(weights[0].array.at(0) == doctest::Approx(0.5).epsilon(kSixDigits));
  CHECK(weights[1].array.at(0) == doctest::Approx(2).epsilon(kSixDigits));
  CHECK(result.record["metrics"]["rmse_window"].get<double>() < 1e-3);
  CHECK(result.record["metrics"]["rmse"].get<double>() < 1e-3);
  CHECK(array_of(result, "predictions.npy").shape == std::vector<int64_t>{1, 10, 2});

  const auto bytes = [](const RunResult& r) { return r.tensors.front().second.front().array.bytes; };
  run(text, {"train.epochs=2"}, folder / "half");
  CHECK(bytes(run(text, {"train.epochs=3", "train.resume=" + (folder / "half/checkpoint.safetensors")})) ==
        bytes(run(text, {"train.epochs=3"})));
}

TEST_CASE("one series is fitted as a whole, and its errors are those of the fit") {
  const ScratchFolder folder;
  std::ofstream(folder / "t.csv") << lines_of_decay(1);
  const RunResult result =
      run(kDecay + "data: {format: series, file: " + (folder / "t.csv") + ", extrapolate: 3}\n");
  CHECK(result.record["metrics"]["rmse"].get<double>() < 1e-3);
  CHECK(result.summary.find("held out") == std::string::npos);
}

TEST_CASE("a batch of more rows than there are is a warning, and the default none") {
  const ScratchFolder folder;
  std::ofstream(folder / "t.csv") << lines_of_decay(4);
  const auto warnings = [&](const std::vector<std::string>& sets) {
    std::string text;
    set_log_sink([&](int32_t level, std::string_view line) {
      if (level >= ODEON_LOG_WARNING) text += line;
    });
    std::vector<std::string> all{"train.epochs=1"};
    all.insert(all.end(), sets.begin(), sets.end());
    run(kDecay + "data: {format: series, file: " + (folder / "t.csv") + ", held_out: 1}\n", all);
    set_log_sink({});
    return text;
  };
  CHECK(warnings({}).empty());
  CHECK(warnings({"train.batch=3"}).empty());
  CHECK(warnings({"train.batch=5"}) ==
        "train.batch 5 is more than the 3 rows: each epoch is one step over all of them");
}

TEST_CASE("a solve that fails while training says in which epoch, and what may help") {
  const ScratchFolder folder;
  std::ofstream(folder / "t.csv") << lines_of_decay(2);
  CHECK_THROWS_WITH_AS(run(kDecay + "data: {format: series, file: " + (folder / "t.csv") + "}\n",
                           {"optimizer.learning_rate=9.0e5"}),
                       doctest::Contains("the integration stopped: in epoch 2, "), Error);
}

TEST_CASE("series that do not begin at the first time, and fields without parameters, are refused") {
  const ScratchFolder folder;
  std::ofstream(folder / "t.csv") << "1,0,5,5\n1,1,6,6\n2,1,6,6\n";
  const std::string data = "data: {format: series, file: " + (folder / "t.csv") + "}\n";
  CHECK_THROWS_WITH_AS(run(kDecay + data), doctest::Contains("series 1 has no number at the first time"),
                       ConfigError);
  std::ofstream(folder / "t.csv") << "1,0,5,5\n1,1,6,6\n";
  CHECK_THROWS_WITH_AS(
      run(kDecay + data, {"field={plugin: expression, state: [x, v], derivatives: {x: v, v: -x}}"}),
      doctest::Contains("field 'expression' has no parameters that could be fitted"), ConfigError);
}
