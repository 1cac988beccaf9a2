#include "joint/adjoint_source.hpp"

#include <algorithm>
#include <odeon/sdk/graph.hpp>

#include "joint/adjoint_text.hpp"
#include "joint/joint_text.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

constexpr const char* kPhases[] = {"begin", "put", "aim", "along", "find", "close", "end", "result"};

}  // namespace

// They are linear in it: it is input 1.
Graph adjoint_products(const odeon_graph& vjp) {
  Graph out;
  std::vector<int32_t> now(static_cast<size_t>(vjp.n_nodes));  // where a node of vjp is
  for (size_t i = 0; i < now.size(); ++i) {
    odeon_node node = vjp.nodes[i];
    for (int32_t k = 0; k < node.n_inputs; ++k) node.inputs[k] = now[size_t(node.inputs[k])];
    out.nodes.push_back(node);
    if (node.op == ODEON_OP_INPUT && node.ints[0] == 1) {
      odeon_node minus{};
      minus.op = ODEON_OP_NEG;
      minus.n_inputs = 1;
      minus.inputs[0] = static_cast<int32_t>(out.nodes.size()) - 1;
      minus.rank = node.rank;
      std::copy(std::begin(node.shape), std::end(node.shape), minus.shape);
      out.nodes.push_back(minus);
    }
    now[i] = static_cast<int32_t>(out.nodes.size()) - 1;
  }
  for (int64_t i = 0; i < vjp.n_outputs; ++i) out.outputs.push_back(now[size_t(vjp.outputs[i])]);
  return out;
}

JointSource joint_adjoint_source(const odeon_solve_gradient_spec& spec, const JointShape& shape) {
  const Graph products = adjoint_products(*spec.vjp);
  JointSource out{"", generate(products.view(), spec.backward->dtype,
                               whole_settings(spec.backward->joint, shape.threads))};
  out.text = whole_head(shape, spec.backward->joint) + out.graph.source +
             joint_phases_text(*spec.backward, row_size(*spec.vjp), 2) + kJointKeep +
             field_call_text(out.graph) + kJointSteps + kJointAdjointPhases + kJointAdjointSolve +
             kJointAdjointLoop;
  return out;
}

std::vector<std::string> adjoint_phase_names() {
  std::vector<std::string> out = phase_names();
  for (std::string& name : kernel_names(kJointAdjointKernel, kPhases)) out.push_back(std::move(name));
  return out;
}

std::string adjoint_phases_source(const odeon_solve_gradient_spec& spec) {
  std::string text = source_head(spec.backward->dtype) +
                     joint_phases_text(*spec.backward, row_size(*spec.vjp), 2) + kJointKeep +
                     phase_kernels_text() + kJointAdjointPhases;
  for (const std::string name : kPhases)
    text += "ODEON_WHOLE_KERNEL(odeon_joint_adjoint_" + name + ", adjoint_args) {\n  adjoint_" + name +
            "(g);\n  adjoint_tell(g);\n}\n";
  return text;
}

bool wants_integrand(const odeon_solve_spec& spec, int call) {
  const odeon_tableau& m = *spec.tableau;
  const int end = is_fsal(m) ? m.stages - 1 : m.stages;
  if (call == 0 || call == end) return true;  // of the next step, too
  if (call >= m.stages) return false;
  const double* dense = spec.dense == ODEON_DENSE_METHOD ? m.dense + call * m.dense_degree : nullptr;
  const auto counts = [](double weight) { return weight != 0; };
  return m.b[call] != 0 || (dense && std::any_of(dense, dense + m.dense_degree, counts));
}

}  // namespace odeon::cuda
