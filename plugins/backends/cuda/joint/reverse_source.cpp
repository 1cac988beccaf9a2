#include "joint/reverse_source.hpp"

#include "joint/joint_text.hpp"
#include "joint/reverse_text.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

constexpr const char* kPhases[] = {"begin",     "aim",       "open", "times",
                                   "end_stage", "end_taken", "pass", "first_time"};

std::string phases(const odeon_solve_spec& spec) {
  return "#define ROWS false\n#define FIXED false\n" + joint_method_text(spec, row_size(*spec.graph)) +
         reverse_method_text(spec) + kJointTape + kJointConditions + kReversePhases;
}

}  // namespace

JointSource joint_reverse_source(const odeon_solve_spec& spec, const odeon_graph& vjp,
                                 const JointShape& shape) {
  JointSource out{"", generate(vjp, spec.dtype, whole_settings(spec.joint, shape.threads))};
  out.text = whole_head(shape, spec.joint) + out.graph.source + phases(spec) + field_call_text(out.graph) +
             kReverseStep + kReverseLoop;
  return out;
}

std::vector<std::string> reverse_phase_names() { return kernel_names(kJointReverseKernel, kPhases); }

std::string reverse_phases_source(const odeon_solve_spec& spec) {
  std::string text = source_head(spec.dtype) + phases(spec);
  for (const std::string name : kPhases)
    text += "ODEON_WHOLE_KERNEL(odeon_joint_reverse_" + name + ", reverse_args) {\n  reverse_" + name + "(g" +
            (name == "pass" ? ", (int)g.which" : "") + ");\n  reverse_tell(g);\n}\n";
  return text;
}

}  // namespace odeon::cuda
