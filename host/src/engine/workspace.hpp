// The buffers of an integration, allocated once per problem.
#pragma once
#include "engine/problem.hpp"

struct odeon_problem::Workspace {
  using Buffer = odeon::host::Buffer;
  std::vector<Buffer> buffers;
  // Owned by the workspace.
  odeon_tensor make(const std::shared_ptr<odeon::host::Backend>& backend, int32_t dtype,
                    std::span<const int64_t> shape) {
    odeon_tensor x = odeon::make_tensor(nullptr, dtype, shape);
    buffers.emplace_back(backend, odeon::byte_count(x));
    x.data = buffers.back().data();
    return x;
  }
  odeon_tensor y[2];                     // the state at both ends of the step; they swap
  odeon_tensor stage;                    // the argument of a stage
  std::vector<odeon_tensor> k, q;        // derivatives and quadrature integrands, by stage and at both ends
  std::vector<odeon_tensor> k_explicit;  // of an additive step, like k: the explicit half's part of it
  odeon_tensor quadrature[2];            // ∫ q dt at both ends, when it is in the norm
  odeon_tensor rtol, atol;               // per element; data NULL when scalar
  double* norms = nullptr;               // backend memory, one per part and one for the quadrature
  std::vector<double> weights, coefficients;  // host scratch
  std::vector<odeon_tensor> terms;
  std::vector<char> q_needed;  // like q: its weight is not always zero
  std::vector<odeon_observation> observations;
};
