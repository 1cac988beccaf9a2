// The gradient of whole models: layers, residual and continuous-depth blocks, and the loss behind them.
#include "train/model.hpp"

#include "train/training_case.hpp"

using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr double kPerturbation = 1e-5;
// Central differences: h^2 f''' / 6 and round-off / h, both below 1e-9 of the gradient.
constexpr double kDifferences = 1e-7;
// The continuous adjoint differs from the discrete program by the error of the solves, at tolerance 1e-10.
constexpr double kAdjoint = 1e-6;

struct Case {
  Model model;
  std::shared_ptr<Backend> backend;
  Array inputs, one_hot;  // three rows
  PassCosts costs;

  Case(const std::string& layers, const std::vector<int64_t>& row, const std::string& backend_id = "cpu")
      : model(yaml(layers), row, installed(), 11, ODEON_F64), backend(odeon::test::open_backend(backend_id)) {
    model.bind(backend);
    std::vector<int64_t> shape = row;
    shape.insert(shape.begin(), 3);
    inputs = Array::zeros(ODEON_F64, shape);
    for (int64_t i = 0; i < inputs.size(); ++i) inputs.set(i, std::sin(1.7 * static_cast<double>(i) + 0.3));
    one_hot = Array::zeros(ODEON_F64, {3, model.classes()});
    for (int64_t r = 0; r < 3; ++r) one_hot.set(r * model.classes() + (2 * r + 1) % model.classes(), 1);
  }

  double loss_at(const Array& theta) {
    backend->upload(model.theta().data, theta.bytes.data(), static_cast<int64_t>(theta.bytes.size()));
    costs = {};
    const double loss = model.differentiate(inputs, one_hot, costs);
    const Regularisers weights = model.regularisers();  // of one block
    return loss + weights.kinetic * costs.kinetic + weights.jacobian * costs.jacobian;
  }

  std::vector<double> gradient() {
    model.differentiate(inputs, one_hot, costs);
    Array g = Array::zeros(ODEON_F64, model.parameters().flat.shape);
    backend->download(g.bytes.data(), model.gradient().data, static_cast<int64_t>(g.bytes.size()));
    return g.to_doubles();
  }

  std::vector<double> slopes() {
    std::vector<double> out;
    const Array theta = model.parameters().flat;
    for (int64_t i = 0; i < theta.size(); ++i) {
      Array up = theta, down = theta;
      up.set(i, theta.at(i) + kPerturbation);
      down.set(i, theta.at(i) - kPerturbation);
      out.push_back((loss_at(up) - loss_at(down)) / (2 * kPerturbation));
    }
    loss_at(theta);
    return out;
  }
};

void check_gradient(const std::string& layers, const std::vector<int64_t>& row, double tolerance) {
  for (const char* backend : {"reference", "cpu"}) {
    CAPTURE(backend);
    Case c(layers, row, backend);
    const std::vector<double> expected = c.slopes();
    CHECK(difference(c.gradient(), expected) < tolerance);
  }
}

// An ode block on rows of two numbers; options: of its solver and gradient.
std::string mlp_block(const std::string& options) {
  return "{ode: {field: {plugin: neural, time: concat, network: [{linear: 5}, tanh, {linear: 2}]}, " +
         options + "}}";
}

const std::string kFixedSteps =
                      "times: [0, 0.4, 1], solver: {plugin: rk4, step_size: 0.25}, gradient: direct",
                  kTight = "solver: {plugin: dopri5, rtol: 1.0e-10, atol: 1.0e-10}, gradient: ";

}  // namespace

TEST_CASE("the loss is the mean cross-entropy of the softmax of the logits") {
  Case c("[flatten, {linear: 4}]", {1, 2, 3});
  PassCosts costs;
  const Array logits = c.model.logits(c.inputs, costs);
  double expected = 0;
  for (int64_t r = 0; r < 3; ++r) {
    double sum = 0, chosen = 0;
    for (int64_t k = 0; k < 4; ++k) {
      sum += std::exp(logits.at(4 * r + k));
      chosen += logits.at(4 * r + k) * c.one_hot.at(4 * r + k);
    }
    expected += (std::log(sum) - chosen) / 3;
  }
  CHECK(std::abs(c.model.differentiate(c.inputs, c.one_hot, costs) - expected) < 1e-14);
}

TEST_CASE("logits too large for exp give a finite loss and gradient") {
  Case c("[flatten, {linear: {features: 4, init_std: 1000}}]", {1, 2, 3});
  CHECK(c.model.differentiate(c.inputs, c.one_hot, c.costs) > 100);
  for (double g : c.gradient()) CHECK(std::isfinite(g));
}

TEST_CASE("the gradient of the loss by the weights of a perceptron is its slope") {
  check_gradient("[flatten, {linear: 5}, tanh, {linear: 4}]", {1, 2, 3}, kDifferences);
}

TEST_CASE("the gradient through convolutions, norms and a residual block is the loss's slope") {
  check_gradient(
      "[{conv2d: {channels: 4, kernel: 3}}, {group_norm: 2}, softplus,"
      " {residual: {layers: [{group_norm: 2}, tanh, {conv2d: {channels: 4, kernel: 3, padding: 1}}]}},"
      " {conv2d: {channels: 2, kernel: 2, stride: 2}}, global_average_pool, {linear: 3}]",
      {1, 6, 5}, kDifferences);
}

TEST_CASE("the gradient through an ode block with fixed steps is the slope of the whole model") {
  check_gradient("[flatten, {linear: 2}, " + mlp_block(kFixedSteps) + ", tanh, {linear: 3}]", {1, 2, 2},
                 kDifferences);
}

TEST_CASE("the gradient through an adaptive ode block of convolutions is the slope of the whole model") {
  const std::string block =
      "{ode: {field: {plugin: neural, time: concat, network: [{group_norm: 1}, tanh,"
      " {conv2d: {channels: 2, kernel: 3, padding: 1}}]}, " +
      kTight;
  const std::string head = "[{conv2d: {channels: 2, kernel: 2}}, ",
                    tail = "}}, tanh, global_average_pool, {linear: 3}]";
  check_gradient(head + block + "direct" + tail, {1, 4, 4}, kAdjoint);
  check_gradient(head + block + "adjoint" + tail, {1, 4, 4}, kAdjoint);
}

TEST_CASE("an ode block may come first, last, or right behind another") {
  const std::string block = mlp_block(kFixedSteps);
  check_gradient("[" + block + ", {linear: 3}]", {2}, kDifferences);
  check_gradient("[flatten, {linear: 2}, " + block + "]", {1, 2, 2}, kDifferences);
  check_gradient("[{linear: 2}, " + block + ", " + block + ", {linear: 3}]", {2}, kDifferences);
}

TEST_CASE("the gradient of the loss and of a block's regularisers is their slope") {
  const std::string terms = ", regularise: {kinetic: 0.3, jacobian: 0.2}";
  const std::string backward = "times: [1, 0.4, 0], solver: {plugin: rk4, step_size: 0.25}, gradient: direct";
  for (const std::string& options :
       {kFixedSteps + terms, backward + terms, kFixedSteps + ", regularise: {kinetic: 0.3}",
        kFixedSteps + ", regularise: {jacobian: 0.2}"}) {
    check_gradient("[{linear: 2}, " + mlp_block(options) + ", {linear: 3}]", {2}, kDifferences);
    check_gradient("[" + mlp_block(options) + ", {linear: 3}]", {2}, kDifferences);
  }
  check_gradient(
      "[{conv2d: {channels: 2, kernel: 2}}, {ode: {field: {plugin: neural, time: concat, network: "
      "[{group_norm: 1}, "
      "tanh, {conv2d: {channels: 2, kernel: 3, padding: 1}}]}, " +
          kTight + "direct" + terms + "}}, tanh, global_average_pool, {linear: 3}]",
      {1, 4, 4}, kAdjoint);
}

TEST_CASE("regularisers are the means of what moves: along y' = 2 y + (1, 0) they have closed forms") {
  // |f|^2 = e^4t |2 y0 + (1, 0)|^2 and |e'J|^2 = 4 |e|^2 = 8 for signs e; both over d = 2.
  const std::string block =
      "{ode: {field: {plugin: linear, matrix: [[2, 0], [0, 2]], offset: [1, 0], trainable: false}, " +
      kTight + "direct, regularise: {kinetic: 1, jacobian: 1}}}";
  Case c("[" + block + ", {linear: 3}]", {2});
  double kinetic = 0;
  for (int64_t r = 0; r < 3; ++r) {
    const double x = 2 * c.inputs.at(2 * r) + 1, y = 2 * c.inputs.at(2 * r + 1);
    kinetic += (x * x + y * y) * (std::exp(4) - 1) / 4 / 2 / 3;
  }
  c.model.differentiate(c.inputs, c.one_hot, c.costs);
  CHECK(c.costs.kinetic == doctest::Approx(kinetic).epsilon(1e-8));
  CHECK(c.costs.jacobian == doctest::Approx(4).epsilon(1e-12));
}

TEST_CASE("regularisers change neither the steps nor what a model says") {
  const std::string options = "solver: {plugin: dopri5, rtol: 1.0e-4}, gradient: direct";
  Case plain("[{linear: 2}, " + mlp_block(options) + ", {linear: 3}]", {2}),
      held("[{linear: 2}, " + mlp_block(options + ", regularise: {kinetic: 1, jacobian: 1}") +
               ", {linear: 3}]",
           {2});
  const double loss = plain.model.differentiate(plain.inputs, plain.one_hot, plain.costs);
  CHECK(held.model.differentiate(held.inputs, held.one_hot, held.costs) ==
        doctest::Approx(loss).epsilon(1e-14));
  CHECK(held.costs.forward.evaluations == plain.costs.forward.evaluations);
  CHECK(held.model.logits(held.inputs, held.costs).bytes ==
        plain.model.logits(plain.inputs, plain.costs).bytes);
}

TEST_CASE("batches of different sizes share one set of weights") {
  Case c("[{linear: 2}, " + mlp_block(kFixedSteps) + ", {linear: 3}]", {2});
  const Array all = c.model.logits(c.inputs, c.costs);
  for (int64_t r = 0; r < 3; ++r) {
    const Array one =
        c.model.logits(Array::of({c.inputs.at(2 * r), c.inputs.at(2 * r + 1)}, {1, 2}), c.costs);
    CHECK(difference(one.to_doubles(), {all.at(3 * r), all.at(3 * r + 1), all.at(3 * r + 2)}) < 1e-14);
  }
}

TEST_CASE("init_std draws weights with that deviation and sets biases to 0") {
  constexpr double kStd = 0.1;
  constexpr int64_t kFeatures = 50, kWeights = 2 * kFeatures;
  Case c("[{linear: {features: 50, init_std: 0.1}}, tanh, {linear: 3}]", {2});
  const std::vector<double> theta = c.model.parameters().flat.to_doubles();
  double square = 0, largest = 0;
  for (int64_t i = 0; i < kWeights; ++i) {
    square += theta[size_t(i)] * theta[size_t(i)] / kWeights;
    largest = std::max(largest, std::abs(theta[size_t(i)]));
  }
  // The deviation of 100 draws scatters by 1 / sqrt(200) of itself; a uniform law would end at 0.17.
  CHECK(std::abs(std::sqrt(square) / kStd - 1) < 0.25);
  CHECK(largest > 0.18);
  for (int64_t i = kWeights; i < kWeights + kFeatures; ++i) CHECK(theta[size_t(i)] == 0);
  CHECK(theta[size_t(kWeights + kFeatures)] != 0);
}
