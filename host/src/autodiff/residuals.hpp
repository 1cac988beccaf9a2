// A derivative product in two parts: what depends on no cotangent is computed beside f, and the values that
// the rest reads, the residuals, are kept in between. So a reverse pass evaluates nothing again.
#pragma once
#include "autodiff/vjp.hpp"

namespace odeon::host {

class ResidualGraphs {
 public:
  explicit ResidualGraphs(const Graph& f);

  // None, for a field without products and convolutions: it is cheaper to evaluate again than to read back.
  const std::vector<Shape>& shapes() const { return shapes_; }
  // f with the residuals behind its outputs.
  const Graph& forward() const { return forward_; }
  // As make_vjp, request.primal being false, with the residuals as INPUTs behind the cotangents.
  VjpGraph reverse(const VjpRequest& request) const;

 private:
  int64_t first_;              // INPUT index of the first residual
  VjpGraph vjp_;               // of all that can be wanted
  std::vector<int32_t> kept_;  // its nodes
  std::vector<Shape> shapes_;
  Graph forward_;
};

}  // namespace odeon::host
