// Directional derivatives of a problem's field, df/dy u + df/dθ θ' + df/dt t', as gradient strategies ask for
// them. A field with a graph gives them by its tangent graphs; any other one by central differences along the
// direction, good to about two thirds of the digits.
#pragma once
#include <array>
#include <memory>
#include <optional>

#include "autodiff/tangent.hpp"
#include "engine/graph_program.hpp"
#include "engine/problem.hpp"

namespace odeon::host {

// Programs and work space are made when first needed.
class FieldTangent {
 public:
  explicit FieldTangent(odeon_problem& problem) : p_(problem) {}
  void operator()(const odeon_jvp_args& args);

 private:
  struct Program {
    std::vector<ParameterTangent::Slice> slices;
    std::unique_ptr<GraphProgram> program;
  };
  // What differences are computed on.
  struct Work {
    DeviceTensor y, theta, above, number;
  };
  void by_graph(const odeon_jvp_args& args);
  void along_parameters(const odeon_jvp_args& args);
  void by_differences(const odeon_jvp_args& args);
  double step(const odeon_jvp_args& args);
  double length(const odeon_tensor& x);
  const odeon_tensor* theta() const { return p_.theta.data ? &p_.theta : nullptr; }

  odeon_problem& p_;
  std::array<Program, 2> along_parameters_;  // without and with a direction of the state
  std::vector<odeon_tensor> inputs_;         // scratch, kept so that steps do not allocate
  std::optional<DeviceTensor> time_part_;
  std::optional<Work> work_;
};

}  // namespace odeon::host
