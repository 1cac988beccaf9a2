// One parameter at a time by the update rules of torch.optim's documentation.
#include "train/optimizer.hpp"

#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr double kRoundOff = 1e-14;
const std::vector<double> kStart{0.7, -1.3, 2.1, 0};
const std::vector<std::vector<double>> kGradients{
    {0.5, -0.25, 1.5, 1e-3}, {-0.75, 0.1, 0, 2e-3}, {0.3, 0.9, -2.5, -1e-3}, {0.2, -0.6, 0.4, 5e-3}};
const std::vector<double> kRates{0.1, 0.1, 0.03, 0.01};  // a schedule that falls

using Rule = std::function<double(double theta, double g, double rate, int t, std::vector<double>& m)>;

void check_steps(const std::string& settings, const Rule& rule) {
  const OptimizerSettings s = read_optimizer(yaml(settings));
  const int64_t n = static_cast<int64_t>(kStart.size());
  for (const char* id : {"reference", "cpu"}) {
    CAPTURE(id);
    const auto backend = odeon::test::open_backend(id);
    DeviceTensor theta(backend, ODEON_F64, {&n, 1}), gradient(backend, ODEON_F64, {&n, 1});
    Array now = Array::of(kStart, {n});
    backend->upload(theta.view.data, now.bytes.data(), n * 8);
    Optimizer optimizer(backend, s, ODEON_F64, n);
    std::vector<double> expected = kStart;
    std::vector<std::vector<double>> moments(kStart.size(), {0, 0});
    for (size_t t = 0; t < kGradients.size(); ++t) {
      const Array g = Array::of(kGradients[t], {n});
      backend->upload(gradient.view.data, g.bytes.data(), n * 8);
      optimizer.step(theta.view, gradient.view, kRates[t]);
      for (size_t i = 0; i < expected.size(); ++i)
        expected[i] = rule(expected[i], kGradients[t][i], kRates[t], static_cast<int>(t) + 1, moments[i]);
      backend->download(now.bytes.data(), theta.view.data, n * 8);
      CHECK(difference(now.to_doubles(), expected) < kRoundOff);
    }
  }
}

}  // namespace

TEST_CASE("plain SGD goes down the gradient") {
  check_steps("{kind: sgd}",
              [](double theta, double g, double rate, int, auto&) { return theta - rate * g; });
}

TEST_CASE("SGD with momentum and weight decay steps as torch.optim.SGD") {
  check_steps("{kind: sgd, momentum: 0.9, weight_decay: 0.05}",
              [](double theta, double g, double rate, int, std::vector<double>& m) {
                m[0] = 0.9 * m[0] + (g + 0.05 * theta);
                return theta - rate * m[0];
              });
}

TEST_CASE("RMSprop with momentum and weight decay steps as torch.optim.RMSprop") {
  check_steps("{kind: rmsprop, alpha: 0.95, eps: 1.0e-6, momentum: 0.5, weight_decay: 0.02}",
              [](double theta, double g, double rate, int, std::vector<double>& m) {
                g += 0.02 * theta;
                m[0] = 0.95 * m[0] + 0.05 * g * g;
                m[1] = 0.5 * m[1] + g / (std::sqrt(m[0]) + 1e-6);
                return theta - rate * m[1];
              });
}

TEST_CASE("RMSprop's defaults are PyTorch's") {
  check_steps("{kind: rmsprop}", [](double theta, double g, double rate, int, std::vector<double>& m) {
    m[0] = 0.99 * m[0] + 0.01 * g * g;
    return theta - rate * g / (std::sqrt(m[0]) + 1e-8);
  });
}

TEST_CASE("Adam with weight decay steps as torch.optim.Adam") {
  check_steps("{kind: adam, betas: [0.8, 0.99], eps: 1.0e-7, weight_decay: 0.01}",
              [](double theta, double g, double rate, int t, std::vector<double>& m) {
                g += 0.01 * theta;
                m[0] = 0.8 * m[0] + 0.2 * g;
                m[1] = 0.99 * m[1] + 0.01 * g * g;
                const double mean = m[0] / (1 - std::pow(0.8, t)), square = m[1] / (1 - std::pow(0.99, t));
                return theta - rate * mean / (std::sqrt(square) + 1e-7);
              });
}

TEST_CASE("Adam's defaults are PyTorch's") {
  check_steps("{kind: adam}", [](double theta, double g, double rate, int t, std::vector<double>& m) {
    m[0] = 0.9 * m[0] + 0.1 * g;
    m[1] = 0.999 * m[1] + 0.001 * g * g;
    const double mean = m[0] / (1 - std::pow(0.9, t)), square = m[1] / (1 - std::pow(0.999, t));
    return theta - rate * mean / (std::sqrt(square) + 1e-8);
  });
}
