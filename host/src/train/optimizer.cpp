#include "train/optimizer.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "data/nearest.hpp"
#include "data/number_text.hpp"
#include "engine/device_arrays.hpp"
#include "experiment/experiment.hpp"

namespace odeon::host {
namespace {

constexpr int64_t kScalars = 2;  // step size, and Adam's 1 / sqrt(1 - beta2^t)

// INPUTs: θ, g, scalars, moments…; outputs: θ', moments'….
Graph update_graph(const OptimizerSettings& s, int64_t n) {
  GraphBuilder b;
  const Value theta = b.input(0, {n}), scalars = b.input(2, {kScalars});
  const Value rate = b.slice(scalars, 0, 0, 1), correction = b.slice(scalars, 0, 1, 2);
  const Value g = b.add(b.input(1, {n}), b.scale(theta, s.weight_decay));
  const auto blend = [&](Value old, Value now, double keep) {
    return b.add(b.scale(old, keep), b.scale(now, 1 - keep));
  };
  const Value eps = b.constant(s.eps, {n});
  std::vector<Value> out;
  if (s.kind == OptimizerSettings::Kind::sgd) {
    const Value m = b.add(b.scale(b.input(3, {n}), s.momentum), g);
    out = {b.sub(theta, b.mul(rate, m)), m};
  } else if (s.kind == OptimizerSettings::Kind::rmsprop) {
    const Value v = blend(b.input(3, {n}), b.mul(g, g), s.alpha);
    const Value direction = b.div(g, b.add(b.sqrt(v), eps));
    const Value m = b.add(b.scale(b.input(4, {n}), s.momentum), direction);
    out = {b.sub(theta, b.mul(rate, m)), v, m};
  } else {
    const Value m = blend(b.input(3, {n}), g, s.beta1), v = blend(b.input(4, {n}), b.mul(g, g), s.beta2);
    out = {b.sub(theta, b.mul(rate, b.div(m, b.add(b.mul(b.sqrt(v), correction), eps)))), m, v};
  }
  for (Value v : out) b.mark_output(v);
  return b.finish();
}

constexpr odeon_option number(odeon_str key, odeon_str otherwise, double below, odeon_str doc) {
  return ranged(make_option(ODEON_OPTION_REAL, key, otherwise, doc), 0, below, ODEON_OPTION_MAX_EXCLUSIVE);
}
constexpr odeon_option kLearningRate =
    number(str("learning_rate"), str("0.01"), 1e6, str("Times the schedule's factor."));
constexpr odeon_option kWeightDecay =
    number(str("weight_decay"), str("0"), 1e6, str("Times theta, added to the gradient."));
constexpr odeon_option kMomentum =
    number(str("momentum"), str("0"), 1, str("Of the direction (Polyak 1964)."));
constexpr odeon_option kAlpha =
    number(str("alpha"), str("0.99"), 1, str("Smoothing of the squared gradient."));
constexpr odeon_option kEps = number(str("eps"), str("1e-8"), 1, str("Added to the denominator."));
constexpr odeon_option kBetas = ranged(make_option(ODEON_OPTION_REALS, str("betas"), str("[0.9, 0.999]"),
                                                   str("Two: smoothing of the gradient and of its square.")),
                                       0, 1, ODEON_OPTION_MAX_EXCLUSIVE);
constexpr const odeon_option* kSgdKeys[] = {&kLearningRate, &kWeightDecay, &kMomentum};
constexpr const odeon_option* kRmspropKeys[] = {&kLearningRate, &kWeightDecay, &kMomentum, &kAlpha, &kEps};
constexpr const odeon_option* kAdamKeys[] = {&kLearningRate, &kWeightDecay, &kBetas, &kEps};
constexpr odeon_option kind(odeon_str name, odeon_str doc) {
  return make_option(ODEON_OPTION_GROUP, name, kNoText, doc);
}
constexpr odeon_option kSgd = with_children(kind(str("sgd"), str("Gradient descent.")), kSgdKeys);
constexpr odeon_option kRmsprop =
    with_children(kind(str("rmsprop"), str("RMSprop (Hinton 2012).")), kRmspropKeys);
constexpr odeon_option kAdam = with_children(kind(str("adam"), str("Adam (Kingma and Ba 2015).")), kAdamKeys);
constexpr const odeon_option* kKinds[] = {&kSgd, &kRmsprop, &kAdam};  // as OptimizerSettings::Kind
constexpr odeon_str kTag[] = {str("kind")};

}  // namespace

constinit const odeon_option kOptimizerSection = with_choices(
    with_children(
        make_option(kTaggedSection, str("optimizer"), kNoText,
                    str("How theta follows the gradient; rules and defaults are PyTorch's."), kRequired),
        kKinds),
    kTag);

OptimizerSettings read_optimizer(const ConfigNode& node) {
  if (node.kind != ConfigNode::Kind::map)
    throw ConfigError(node.where +
                      ": 'optimizer' must be a map such as {kind: sgd, learning_rate: 0.1}; found " +
                      describe(node));
  const std::vector<std::string> kinds = names_of(children_of(kOptimizerSection));
  OptimizerSettings s;
  s.kind = static_cast<OptimizerSettings::Kind>(
      read_choice(require_key(node, "'optimizer'", "kind"), "'kind'", kinds));
  const std::string& name = kinds[static_cast<size_t>(s.kind)];
  check_keys(node, "'optimizer' of kind " + name, kOptimizerSection, name);
  for (const auto& [key, value] : {std::pair(&kLearningRate, &s.learning_rate),
                                   {&kMomentum, &s.momentum},
                                   {&kWeightDecay, &s.weight_decay},
                                   {&kAlpha, &s.alpha},
                                   {&kEps, &s.eps}})
    *value = read_real(node, *key, *value);
  if (const ConfigNode* betas = node.find("betas")) {
    if (betas->items.size() != 2)
      throw ConfigError(betas->where + ": 'betas' must be two numbers, such as [0.9, 0.999]; found " +
                        describe(*betas));
    const auto beta = [](const ConfigNode& n) {
      return in_range(n, "each of 'betas'", kBetas, read_real(n, "each of 'betas'"));
    };
    s.beta1 = beta(betas->items[0]), s.beta2 = beta(betas->items[1]);
  }
  return s;
}

size_t moment_count(const OptimizerSettings& s) { return s.kind == OptimizerSettings::Kind::sgd ? 1 : 2; }

Optimizer::Optimizer(std::shared_ptr<Backend> backend, const OptimizerSettings& settings, int32_t dtype,
                     int64_t parameters)
    : backend_(std::move(backend)), settings_(settings) {
  const int64_t shape[] = {parameters}, scalar_shape[] = {kScalars};
  const size_t moments = moment_count(settings);
  for (size_t i = 0; i < moments; ++i) {
    moments_.emplace_back(backend_, dtype, shape);
    backend_->fill(moments_.back().view, 0);
  }
  for (size_t i = 0; i <= moments; ++i) next_.emplace_back(backend_, dtype, shape);
  scalars_ = DeviceTensor(backend_, dtype, scalar_shape);
  program_ = std::make_unique<GraphProgram>(backend_, update_graph(settings, parameters), dtype, 1);
}

void Optimizer::step(const odeon_tensor& theta, const odeon_tensor& gradient, double learning_rate) {
  ++steps_;
  double rate = learning_rate, correction = 1;
  if (settings_.kind == OptimizerSettings::Kind::adam) {
    const double t = static_cast<double>(steps_);
    rate /= 1 - std::pow(settings_.beta1, t);
    correction = 1 / std::sqrt(1 - std::pow(settings_.beta2, t));
  }
  upload(*backend_, scalars_.view, Array::of({rate, correction}, {kScalars}).cast(theta.dtype));
  std::vector<odeon_tensor> inputs{theta, gradient, scalars_.view}, outputs;
  for (const DeviceTensor& m : moments_) inputs.push_back(m.view);
  for (const DeviceTensor& m : next_) outputs.push_back(m.view);
  const std::vector<int32_t> modes(outputs.size(), ODEON_WRITE_OVERWRITE);
  program_->run({{}, nullptr, inputs, outputs, modes});
  backend_->copy(theta, next_[0].view);
  for (size_t i = 0; i < moments_.size(); ++i) std::swap(moments_[i], next_[i + 1]);
}

std::vector<Array> Optimizer::moments() const {
  std::vector<Array> out;
  for (const DeviceTensor& m : moments_) out.push_back(download(*backend_, m.view));
  return out;
}

void Optimizer::restore(const std::vector<Array>& moments, int64_t steps) {
  for (size_t i = 0; i < moments_.size(); ++i) upload(*backend_, moments_[i].view, moments[i]);
  steps_ = steps;
}

}  // namespace odeon::host
