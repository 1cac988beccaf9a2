#include "train/series/gaussian_decoder.hpp"

#include <cmath>
#include <numbers>
#include <odeon/sdk/layers/network.hpp>

#include "data/error.hpp"
#include "engine/device_arrays.hpp"
#include "train/layer_list.hpp"

namespace odeon::host {
namespace {

double read_noise(const ConfigNode& node) {
  const ConfigNode& noise = require_key(node, "the model", "noise");
  const double value = read_real(noise, "'noise'");
  if (!(value > kNoiseKey.minimum && value <= kNoiseKey.maximum))
    throw ConfigError(
        noise.where +
        ": 'noise' must be above 0 and at most 1e6, the standard deviation of an observation; found " +
        noise.text);
  return value;
}

}  // namespace

const odeon_option& decoder_section() {
  static const odeon_option section = [] {
    odeon_option o = layers::network_option(str("decoder"));
    o.doc = str("Layers from a state to the mean of an observation.");
    o.flags |= kRequired;
    return o;
  }();
  return section;
}
constinit const odeon_option kNoiseKey =
    ranged(make_option(ODEON_OPTION_REAL, str("noise"), kNoText, str("Standard deviation of an observation."),
                       kRequired),
           0, 1e6, ODEON_OPTION_MIN_EXCLUSIVE);
constinit const odeon_option kTimeStepKey =
    make_option(ODEON_OPTION_BOOL, str("time_step"), str("true"),
                str("Each observation comes with the time since the one before."));

double GaussianDecoder::constant(int64_t numbers) const {
  return static_cast<double>(numbers) * (std::log(noise) + 0.5 * std::log(2 * std::numbers::pi));
}

GaussianDecoder read_decoder(const ConfigNode& node, int64_t features, int64_t width,
                             const Registry& registry, Parameters& parameters) {
  const ConfigNode& list = require_key(node, "the model", "decoder");
  if (list.kind != ConfigNode::Kind::list || list.items.empty())
    throw ConfigError(list.where + ": 'decoder' must be a list of layers; found " + describe(list));
  GaussianDecoder d;
  d.noise = read_noise(node);
  GraphBuilder g;
  Value x = g.input(0, {ODEON_BATCH, features});
  for (size_t i = 0; i < list.items.size(); ++i)
    x = append_layer(list.items[i], registry, g, parameters, x, decoder_section(),
                     "decoder." + std::to_string(i));
  if (g.shape(x) != Shape{ODEON_BATCH, width})
    throw ConfigError(list.where + ": 'decoder' ends with " + to_string(g.shape(x)) +
                      ", but a point of the series has the shape " + to_string({ODEON_BATCH, width}) +
                      "; end with 'linear: " + std::to_string(width) + "'");
  GraphBuilder mean = g;
  mean.mark_output(x);
  d.mean = mean.finish();
  const Value target = g.input(1, {ODEON_BATCH, width}), weight = g.input(2, {ODEON_BATCH, 1});
  constexpr int64_t kLastAxis = 1 << 1;
  const Value squares = g.sum(g.powi(g.sub(target, x), 2), kLastAxis);
  g.mark_output(g.scale(g.mul(weight, squares), 1 / (2 * d.noise * d.noise)));
  d.loss = g.finish();
  return d;
}

DecoderProgram::DecoderProgram(std::shared_ptr<Backend> backend, const GaussianDecoder& decoder,
                               int32_t dtype, int64_t rows)
    : backend_(std::move(backend)),
      mean_(backend_, decoder.mean, dtype, rows),
      meaning_(make_vjp(decoder.loss, {.primal = true, .inputs = true, .parameters = true})),
      reverse_(std::make_unique<GraphProgram>(backend_, meaning_.graph, dtype, rows)) {
  const int64_t width = decoder.mean.shape(decoder.mean.outputs[0])[1];
  const auto tensor = [&](const std::vector<int64_t>& shape) { return DeviceTensor(backend_, dtype, shape); };
  out_ = tensor({rows, width});
  target_ = tensor({rows, width});
  weight_ = tensor({rows, 1});
  losses_ = tensor({rows, 1});
  scale_ = tensor({rows, 1});
}

Array DecoderProgram::decode(const odeon_tensor& theta, const odeon_tensor& features) {
  const int32_t overwrite = ODEON_WRITE_OVERWRITE;
  mean_.run({{}, &theta, {&features, 1}, {&out_.view, 1}, {&overwrite, 1}});
  return download(*backend_, out_.view);
}

double DecoderProgram::differentiate(const DeviceParameters& parameters, const odeon_tensor& features,
                                     const Targets& targets, double scale, const odeon_tensor& cotangent) {
  upload(*backend_, target_.view, targets.values);
  upload(*backend_, weight_.view, targets.weight);
  backend_->fill(scale_.view, scale);
  const odeon_tensor read[] = {features, target_.view, weight_.view, scale_.view};
  GraphOutputs write;
  write.add(losses_.view, ODEON_WRITE_OVERWRITE);
  write.add(cotangent, ODEON_WRITE_OVERWRITE);
  write.skip(), write.skip();  // by the target and its weight
  write.add_parameters(meaning_, parameters.gradient.view, ODEON_WRITE_ACCUMULATE);
  reverse_->run({{}, &parameters.theta.view, read, write.tensors, write.modes});
  return sum_of(*backend_, losses_.view);
}

}  // namespace odeon::host
