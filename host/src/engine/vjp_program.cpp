#include "engine/vjp_program.hpp"

#include <algorithm>

namespace odeon::host {
namespace {

// True when the slices are disjoint and cover [0, count).
bool covers_once(const std::vector<VjpGraph::ParameterGradient>& parts, int64_t count) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (const auto& p : parts) ranges.push_back({p.offset, p.offset + p.count});
  std::sort(ranges.begin(), ranges.end());
  int64_t end = 0;
  for (const auto& [from, to] : ranges) {
    if (from != end) return false;
    end = to;
  }
  return end == count;
}

}  // namespace

VjpRequest request_of(const odeon_vjp_args& args) {
  return {args.dy_mode != ODEON_WRITE_SKIP, args.gy_mode != ODEON_WRITE_SKIP,
          args.gtheta_mode != ODEON_WRITE_SKIP, args.gt_mode != ODEON_WRITE_SKIP};
}

size_t number_of(const VjpRequest& request) {
  return size_t(request.primal) + 2 * size_t(request.inputs) + 4 * size_t(request.parameters) +
         8 * size_t(request.time);
}

VjpProgram::VjpProgram(std::shared_ptr<Backend> backend, VjpGraph graph, int32_t dtype, int64_t batch,
                       int64_t parameters)
    : backend_(backend),
      element_bytes_(dtype_bytes(dtype)),
      parameters_(std::move(graph.parameters)),
      covers_theta_(covers_once(parameters_, parameters)),
      program_(std::move(backend), std::move(graph.graph), dtype, batch) {}

void VjpProgram::run(const odeon_vjp_args& args, std::span<const odeon_tensor> inputs) {
  outputs_.clear();
  modes_.clear();
  const auto give = [&](const odeon_tensor* to, int32_t mode) {
    if (mode != ODEON_WRITE_SKIP) outputs_.push_back(*to), modes_.push_back(mode);
  };
  give(args.dy, args.dy_mode);
  give(args.gy, args.gy_mode);
  if (int32_t mode = args.gtheta_mode; mode != ODEON_WRITE_SKIP) {
    if (mode == ODEON_WRITE_OVERWRITE && !covers_theta_) {
      backend_->fill(*args.gtheta, 0);
      mode = ODEON_WRITE_ACCUMULATE;
    }
    for (const auto& part : parameters_) {
      odeon_tensor slice = program_.output_shape(static_cast<size_t>(part.output));
      slice.data = static_cast<char*>(args.gtheta->data) + part.offset * element_bytes_;
      give(&slice, mode);
    }
  }
  give(args.gt, args.gt_mode);
  program_.run({args.t, args.theta, inputs, outputs_, modes_});
}

}  // namespace odeon::host
