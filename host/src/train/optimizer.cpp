#include "train/optimizer.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
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
  check_keys(node, "'optimizer'",
             {"kind", "learning_rate", "momentum", "weight_decay", "alpha", "eps", "betas"});
  OptimizerSettings s;
  const ConfigNode& kind = require_key(node, "'optimizer'", "kind");
  const std::string& name = read_text(kind, "'kind'");
  if (name == "rmsprop")
    s.kind = OptimizerSettings::Kind::rmsprop;
  else if (name == "adam")
    s.kind = OptimizerSettings::Kind::adam;
  else if (name != "sgd")
    throw ConfigError(kind.where + ": 'kind' must be one of sgd, rmsprop, adam; found '" + name + "'");
  const auto read = [&](const char* key, double& to, double low, double high) {
    const ConfigNode* n = node.find(key);
    if (!n) return;
    to = read_real(*n, std::string("'") + key + "'");
    if (!(to >= low && to < high))
      throw ConfigError(n->where + ": '" + key + "' must be from " + std::to_string(low) + " to below " +
                        std::to_string(high) + "; found " + n->text);
  };
  read("learning_rate", s.learning_rate, 0, 1e6);
  read("momentum", s.momentum, 0, 1);
  read("weight_decay", s.weight_decay, 0, 1e6);
  read("alpha", s.alpha, 0, 1);
  read("eps", s.eps, 0, 1);
  if (const ConfigNode* betas = node.find("betas")) {
    if (betas->items.size() != 2)
      throw ConfigError(betas->where + ": 'betas' must be two numbers, such as [0.9, 0.999]");
    s.beta1 = read_real(betas->items[0], "'betas'");
    s.beta2 = read_real(betas->items[1], "'betas'");
  }
  return s;
}

Optimizer::Optimizer(std::shared_ptr<Backend> backend, const OptimizerSettings& settings, int32_t dtype,
                     int64_t parameters)
    : backend_(std::move(backend)), settings_(settings) {
  const int64_t shape[] = {parameters}, scalar_shape[] = {kScalars};
  const size_t moments = settings.kind == OptimizerSettings::Kind::sgd ? 1 : 2;
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
  const Array scalars = Array::of({rate, correction}, {kScalars}).cast(theta.dtype);
  backend_->upload(scalars_.view.data, scalars.bytes.data(), static_cast<int64_t>(scalars.bytes.size()));
  std::vector<odeon_tensor> inputs{theta, gradient, scalars_.view}, outputs;
  for (const DeviceTensor& m : moments_) inputs.push_back(m.view);
  for (const DeviceTensor& m : next_) outputs.push_back(m.view);
  const std::vector<int32_t> modes(outputs.size(), ODEON_WRITE_OVERWRITE);
  program_->run({{}, nullptr, inputs, outputs, modes});
  backend_->copy(theta, next_[0].view);
  for (size_t i = 0; i < moments_.size(); ++i) std::swap(moments_[i], next_[i + 1]);
}

std::vector<NamedArray> Optimizer::save() const {
  std::vector<NamedArray> out;
  for (size_t i = 0; i < moments_.size(); ++i) {
    Array a = Array::zeros(moments_[i].view.dtype, {moments_[i].view.shape[0]});
    backend_->download(a.bytes.data(), moments_[i].view.data, static_cast<int64_t>(a.bytes.size()));
    out.push_back({"optimizer.moment" + std::to_string(i), std::move(a)});
  }
  out.push_back({"optimizer.steps", Array::of({static_cast<double>(steps_)}, {1})});
  return out;
}

void Optimizer::load(const std::vector<NamedArray>& arrays, const std::string& file) {
  const auto find = [&](const std::string& name) -> const Array& {
    const auto at =
        std::find_if(arrays.begin(), arrays.end(), [&](const NamedArray& a) { return a.name == name; });
    if (at == arrays.end())
      throw RunError(file + ": lacks '" + name + "'; it is not a checkpoint of this optimiser");
    return at->array;
  };
  for (size_t i = 0; i < moments_.size(); ++i) {
    const Array& a = find("optimizer.moment" + std::to_string(i));
    if (static_cast<int64_t>(a.bytes.size()) != byte_count(moments_[i].view) ||
        a.dtype != moments_[i].view.dtype)
      throw RunError(
          file +
          ": the optimiser's moments have another size or precision; it is a checkpoint of another model");
    backend_->upload(moments_[i].view.data, a.bytes.data(), static_cast<int64_t>(a.bytes.size()));
  }
  steps_ = static_cast<int64_t>(find("optimizer.steps").at(0));
}

}  // namespace odeon::host
