// Valid experiments by seed: a field, a batch, times and a solver that have nothing to do with each other.
// Fields are smooth and bounded, so that round-off is all that two programs for one experiment may differ by.
#pragma once
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace odeon::test {

class RandomExperiment {
 public:
  using Json = nlohmann::ordered_json;

  explicit RandomExperiment(uint32_t seed) : random_(seed) {}

  // Of task gradient, with fixed steps of one of these solvers; backend and strategy are left to the test.
  Json make(const std::vector<std::string>& solvers) {
    single_ = chance(0.3);
    Json config{{"odeon", 1}, {"task", "gradient"}, {"seed", below(1000)}};
    config["precision"] = single_ ? "float32" : "float64";
    config["field"] = field();
    int64_t elements = 1;
    for (int64_t n : state_) elements *= n;
    constexpr int64_t kMostElements = 3000;
    int64_t rows = one_of<int64_t>({1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 129, 257, 300});
    while (rows > 1 && rows * elements > kMostElements) rows /= 2;
    config["initial"] = chance(0.1) ? array(rows, 0) : array(rows, 1);
    const std::vector<double> t = times();
    config["times"] = t;
    config["solver"] = solver(one_of(solvers), t);
    Json cotangent = Json::array();
    for (size_t i = 0; i < t.size(); ++i) cotangent.push_back(array(rows, 1));
    config["loss"] = {{"cotangent", cotangent}};
    return config;
  }

 private:
  double uniform(double a, double b) { return a + (b - a) * double(random_()) / 4294967295.; }
  int64_t below(int64_t n) { return int64_t(random_() % uint64_t(n)); }
  bool chance(double p) { return uniform(0, 1) < p; }
  template <class T>
  T one_of(const std::vector<T>& from) {
    return from[size_t(below(int64_t(from.size())))];
  }
  // In few digits, as a user writes them.
  double number(double a, double b) { return double(int64_t(uniform(a, b) * 1000)) / 1000; }

  Json array(int64_t rows, double size) {
    std::vector<int64_t> shape{rows};
    shape.insert(shape.end(), state_.begin(), state_.end());
    return nested(shape, 0, size);
  }
  Json nested(const std::vector<int64_t>& shape, size_t axis, double size) {
    if (axis == shape.size()) return number(-size, size);
    Json items = Json::array();
    for (int64_t i = 0; i < shape[axis]; ++i) items.push_back(nested(shape, axis + 1, size));
    return items;
  }

  Json field() {
    switch (below(5)) {
      case 0:
      case 1:
        return expression();
      case 2:
        return linear();
      case 3:
        return convolutional();
      default:
        return dense();
    }
  }

  Json expression() {
    state_ = {1 + below(8)};
    std::vector<std::string> state;
    for (int64_t i = 0; i < state_[0]; ++i) state.push_back("s" + std::to_string(i));
    names_ = state;
    Json parameters = Json::object(), derivatives;
    for (int64_t i = below(4); i-- > 0;) {
      names_.push_back("p" + std::to_string(i));
      parameters[names_.back()] = number(-1.5, 1.5);
    }
    if (chance(0.5)) names_.push_back("t");
    Json field{{"plugin", "expression"}, {"state", state}, {"parameters", parameters}};
    if (chance(0.3)) field["network"] = within_formulas();
    for (const std::string& s : state)
      derivatives[s] = "-" + text(number(0, 1)) + "*" + s + " + " +
                       one_of<std::string>({"sin", "tanh", "erf"}) + "(" + formula(3) + ")";
    field["derivatives"] = derivatives;
    return field;
  }
  // Its outputs become names that formulas use.
  Json within_formulas() {
    Json inputs = Json::array(), outputs = Json::array();
    for (int64_t i = 1 + below(4); i-- > 0;) inputs.push_back(formula(1));
    for (int64_t i = 1 + below(4); i-- > 0;) outputs.push_back("u" + std::to_string(i));
    for (const Json& name : outputs) names_.push_back(name);
    return {{"inputs", inputs}, {"outputs", outputs}, {"layers", layers_to(std::ssize(outputs))}};
  }
  static std::string text(double x) { return Json(x).dump(); }

  std::string formula(int depth) {
    if (depth == 0 || chance(0.1)) return chance(0.85) ? one_of(names_) : text(number(0, 2));
    const std::string x = formula(depth - 1), y = formula(depth - 1);
    return one_of<std::string>({"(" + x + " + " + y + ")", "(" + x + " - " + y + ")",
                                "(" + x + " * " + y + ")", "(" + x + " / (1.5 + sin(" + y + ")))",
                                "(-" + x + ")", "tanh(" + x + ")^3", "sin(" + x + ")", "cos(" + x + ")",
                                "tan(0.3*tanh(" + x + "))", "exp(sin(" + x + "))", "log(1 + (" + x + ")^2)",
                                "sqrt(0.5 + (" + x + ")^2)", "sigmoid(" + x + ")", "softplus(" + x + ")",
                                "erf(" + x + ")", "pow(1 + sigmoid(" + x + "), " + y + ")"});
  }

  Json linear() {
    const int64_t n = one_of<int64_t>({1, 2, 3, 5, 8, 9, 16, 17});
    state_ = {n};
    const int64_t power = 1 + below(3);
    const double size = power > 1 ? 0.2 : 1;  // so that it does not blow up, in either direction of time
    Json matrix = nested({n, n}, 0, 0.5 * size / double(n));
    for (size_t i = 0; i < size_t(n); ++i) matrix[i][i] = number(-size, 0);
    Json spec{{"plugin", "linear"}, {"matrix", matrix}, {"power", power}, {"trainable", chance(0.7)}};
    if (chance(0.5)) spec["offset"] = nested({n}, 0, 0.3);
    return spec;
  }

  std::string activation() { return one_of<std::string>({"tanh", "softplus", "sigmoid", "gelu", "sin"}); }
  Json network(const Json& layers) {
    return {{"plugin", "neural"}, {"network", layers}, {"time", chance(0.5) ? "concat" : "none"}};
  }

  Json dense() {
    const int64_t n = one_of<int64_t>({1, 2, 3, 7, 8, 9, 16, 17, 33});
    state_ = {n};
    return network(layers_to(n));
  }
  Json layers_to(int64_t features) {
    Json layers = Json::array();
    for (int64_t k = 1 + below(3); k-- > 0;) {
      const int64_t width = one_of<int64_t>({1, 3, 4, 8, 9, 15, 16, 17, 31, 32, 33, 50, 64});
      layers.push_back({{"linear", {{"features", width}, {"bias", chance(0.8)}}}});
      if (!single_ && width > 2 && chance(0.2)) layers.push_back({{"layer_norm", {{"affine", chance(0.5)}}}});
      layers.push_back(activation());
      if (chance(0.2))
        layers.push_back(
            {{"residual", {{"layers", {{{"linear", width}}, activation(), {{"linear", width}}}}}}});
    }
    layers.push_back({{"linear", features}});
    return layers;
  }

  Json convolutional() {
    const int64_t channels = 1 + below(4);
    state_ = {channels, 3 + below(6), 3 + below(6)};
    Json layers = Json::array();
    const int64_t width = one_of<int64_t>({1, 2, 3, 4, 8, 9}), kernel = one_of<int64_t>({1, 3, 3, 5});
    layers.push_back({{chance(0.7) ? "conv2d" : "conv_transpose2d",
                       {{"channels", width}, {"kernel", kernel}, {"padding", kernel / 2}}}});
    if (!single_ && chance(0.5))
      layers.push_back({{"group_norm", {{"groups", chance(0.5) ? width : 1}, {"affine", chance(0.5)}}}});
    layers.push_back(activation());
    layers.push_back({{"conv2d", {{"channels", channels}, {"kernel", 3}, {"padding", 1}}}});
    return network(layers);
  }

  // Some so close that one step has several.
  std::vector<double> times() {
    const double sign = chance(0.3) ? -1 : 1;
    std::vector<double> t{chance(0.5) ? 0 : number(-3, 3)};
    for (int64_t k = 1 + below(4); k-- > 0;)
      t.push_back(t.back() + sign * (t.size() > 1 && chance(0.3) ? 1e-6 : uniform(0.02, 0.5)));
    return t;
  }

  Json solver(const std::string& id, const std::vector<double>& t) {
    const double span = t.back() - t.front();
    Json spec{{"plugin", id}, {"stepping", chance(0.5) ? "joint" : "per_row"}};
    if (chance(0.7)) {
      spec["step_size"] = std::abs(span) / uniform(2, 12);
    } else {
      spec["grid"] = {t.front(), t.front() + 0.3 * span, t.front() + 0.37 * span, t.front() + 0.8 * span,
                      t.back()};
    }
    if (chance(0.5)) spec["interpolation"] = "cubic";
    return spec;
  }

  std::mt19937 random_;
  std::vector<int64_t> state_;      // shape of one row
  std::vector<std::string> names_;  // in formulas
  bool single_ = false;
};

}  // namespace odeon::test
