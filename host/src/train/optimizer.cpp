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

}  // namespace

OptimizerSettings read_optimizer(const ConfigNode& node) {
  using Kind = OptimizerSettings::Kind;
  struct Named {
    const char* name;
    Kind kind;
    std::vector<std::string> keys;
  };
  static const Named kKinds[] = {{"sgd", Kind::sgd, {"momentum"}},
                                 {"rmsprop", Kind::rmsprop, {"momentum", "alpha", "eps"}},
                                 {"adam", Kind::adam, {"betas", "eps"}}};
  if (node.kind != ConfigNode::Kind::map)
    throw ConfigError(node.where +
                      ": 'optimizer' must be a map such as {kind: sgd, learning_rate: 0.1}; found " +
                      describe(node));
  const ConfigNode& kind = require_key(node, "'optimizer'", "kind");
  const std::string& name = read_text(kind, "'kind'");
  const Named* chosen =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Named& k) { return k.name == name; });
  if (chosen == std::end(kKinds))
    throw ConfigError(kind.where + ": 'kind' must be one of sgd, rmsprop, adam; found '" + name + "'" +
                      did_you_mean(name, {"sgd", "rmsprop", "adam"}));
  std::vector<std::string> keys{"kind", "learning_rate", "weight_decay"};
  keys.insert(keys.end(), chosen->keys.begin(), chosen->keys.end());
  check_keys(node, "'optimizer' of kind " + name, keys);
  OptimizerSettings s;
  s.kind = chosen->kind;
  const auto check = [](const ConfigNode& n, const std::string& what, double high) {
    const double value = read_real(n, what);
    if (!(value >= 0 && value < high))
      throw ConfigError(n.where + ": " + what + " must be from 0 to below " + number_text(high) + "; found " +
                        n.text);
    return value;
  };
  const auto read = [&](const char* key, double& to, double high) {
    if (const ConfigNode* n = node.find(key)) to = check(*n, std::string("'") + key + "'", high);
  };
  read("learning_rate", s.learning_rate, 1e6);
  read("momentum", s.momentum, 1);
  read("weight_decay", s.weight_decay, 1e6);
  read("alpha", s.alpha, 1);
  read("eps", s.eps, 1);
  if (const ConfigNode* betas = node.find("betas")) {
    if (betas->items.size() != 2)
      throw ConfigError(betas->where + ": 'betas' must be two numbers, such as [0.9, 0.999]; found " +
                        describe(*betas));
    s.beta1 = check(betas->items[0], "each of 'betas'", 1);
    s.beta2 = check(betas->items[1], "each of 'betas'", 1);
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
