#include "train/series/posterior.hpp"

#include <cmath>

#include "engine/device_arrays.hpp"

namespace odeon::host {

Graph posterior_graph(int64_t hidden, int64_t latent, Parameters& parameters) {
  GraphBuilder g;
  const Value state = g.input(0, {ODEON_BATCH, hidden}), noise = g.input(1, {ODEON_BATCH, latent});
  const double bound = 1 / std::sqrt(static_cast<double>(hidden));
  const Value weight =
      parameters.add(g, "posterior.weight", {2 * latent, hidden}, ODEON_INIT_UNIFORM, -bound, bound);
  const Value bias = parameters.add(g, "posterior.bias", {2 * latent}, ODEON_INIT_UNIFORM, -bound, bound);
  const Value both = g.add(g.matmul(state, weight, false, true), bias);
  const Value mean = g.slice(both, 1, 0, latent), log_variance = g.slice(both, 1, latent, 2 * latent);
  g.mark_output(g.add(mean, g.mul(noise, g.exp(g.scale(log_variance, 0.5)))));
  // KL = Σ (exp l + µ² - 1 - l) / 2
  const Value ones = g.constant(1, g.shape(mean));
  const Value terms = g.sub(g.add(g.exp(log_variance), g.powi(mean, 2)), g.add(ones, log_variance));
  constexpr int64_t kLastAxis = 1 << 1;
  g.mark_output(g.scale(g.sum(terms, kLastAxis), 0.5));
  return g.finish();
}

Posterior::Posterior(std::shared_ptr<Backend> backend, const Graph& graph, int32_t dtype, int64_t rows)
    : backend_(std::move(backend)),
      forward_(backend_, graph, dtype, rows),
      meaning_(make_vjp(graph, {.inputs = true, .parameters = true})),
      reverse_(std::make_unique<GraphProgram>(backend_, meaning_.graph, dtype, rows)) {
  const std::vector<int64_t> latent = with_rows(graph.shape(graph.outputs[0]), rows), one{rows, 1};
  noise_ = DeviceTensor(backend_, dtype, latent);
  z0_ = DeviceTensor(backend_, dtype, latent);
  cotangent_ = DeviceTensor(backend_, dtype, latent);
  divergence_ = DeviceTensor(backend_, dtype, one);
  scale_ = DeviceTensor(backend_, dtype, one);
}

double Posterior::sample(const odeon_tensor& theta, const odeon_tensor& state, const Array& noise) {
  upload(*backend_, noise_.view, noise);
  const odeon_tensor read[] = {state, noise_.view}, write[] = {z0_.view, divergence_.view};
  const int32_t modes[] = {ODEON_WRITE_OVERWRITE, ODEON_WRITE_OVERWRITE};
  forward_.run({{}, &theta, read, write, modes});
  return sum_of(*backend_, divergence_.view);
}

void Posterior::backward(const DeviceParameters& parameters, const odeon_tensor& state, double scale,
                         const odeon_tensor& state_cotangent) {
  backend_->fill(scale_.view, scale);
  const odeon_tensor read[] = {state, noise_.view, cotangent_.view, scale_.view};
  GraphOutputs write;
  write.add(state_cotangent, ODEON_WRITE_ACCUMULATE);
  write.skip();  // by the noise
  write.add_parameters(meaning_, parameters.gradient.view, ODEON_WRITE_ACCUMULATE);
  reverse_->run({{}, &parameters.theta.view, read, write.tensors, write.modes});
}

}  // namespace odeon::host
