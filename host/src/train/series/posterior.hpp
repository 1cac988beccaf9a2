// q(z0 | series): a Gaussian whose mean and log-variance are linear in an encoder's last state, with a sample
// by reparametrisation and its divergence from N(0, I). Kingma and Welling, 2014.
#pragma once
#include "autodiff/vjp.hpp"
#include "engine/graph_program.hpp"
#include "train/parameters.hpp"

namespace odeon::host {

// INPUTs: state [batch, hidden], noise [batch, latent]; outputs: z0 = mean + noise exp(log-variance / 2)
// [batch, latent], KL(q || N(0, I)) [batch, 1].
Graph posterior_graph(int64_t hidden, int64_t latent, Parameters& parameters);

// On a backend, for one number of rows.
class Posterior {
 public:
  Posterior(std::shared_ptr<Backend> backend, const Graph& graph, int32_t dtype, int64_t rows);

  // noise [rows, latent] in the dtype on the host; gives z0 and the sum of the divergences.
  double sample(const odeon_tensor& theta, const odeon_tensor& state, const Array& noise);
  const odeon_tensor& z0() const { return z0_.view; }
  // Where dL/dz0 belongs before `backward`.
  const odeon_tensor& cotangent() const { return cotangent_.view; }
  // scale: dL/d(divergence). Adds dL/dstate to `state_cotangent` and dL/dθ to the gradient.
  void backward(const DeviceParameters& parameters, const odeon_tensor& state, double scale,
                const odeon_tensor& state_cotangent);

 private:
  std::shared_ptr<Backend> backend_;
  GraphProgram forward_;
  VjpGraph meaning_;
  std::unique_ptr<GraphProgram> reverse_;
  DeviceTensor noise_, z0_, divergence_, cotangent_, scale_;
};

}  // namespace odeon::host
