#include "joint/joint_source.hpp"

#include <algorithm>

#include "joint/joint_text.hpp"
#include "launch.hpp"
#include "solve/control_text.hpp"
#include "solve/method_text.hpp"

namespace odeon::cuda {
namespace {

constexpr const char* kPhases[] = {"begin",     "put_first", "combine", "norm",      "first",
                                   "second",    "judge",     "look",    "count_end", "observe",
                                   "integrate", "move_on",   "step_on", "result",    "put_end"};

constexpr const char* kPointerLists = R"cpp(
  typedef T* const* stage_list;
  typedef T* const* cotangent_list;
  typedef T* const* quadrature_list;
)cpp";
constexpr const char* kRowLists = R"cpp(
  struct stage_list {
    T* first;
    ODEON_MEMBER T* operator[](int i) const { return first + i * PARTS * SIZE; }
  };
  typedef stage_list cotangent_list;
  struct quadrature_list {
    T* first;
    ODEON_MEMBER T* operator[](int i) const { return first + (int64)i * QUADRATURES; }
  };
)cpp";

std::string phases(const odeon_solve_spec& spec) {
  return joint_phases_text(spec, row_size(*spec.graph), 1) + kJointKeep;
}

}  // namespace

std::string joint_phases_text(const odeon_solve_spec& spec, int64_t size, int parts, bool row) {
  return "#define STATE_BYTES " + std::to_string(kStateBytes) + "\n#define CHUNK " + std::to_string(kChunk) +
         "\n#define PARTS " + std::to_string(parts) + "\n#define FIXED " + (spec.fixed ? "true" : "false") +
         "\n#define ROWS " + (row ? "true" : "false") + "\n" + joint_method_text(spec, size, row) +
         end_weight_text(spec) + kSolveTypes + kStepControl + kJointTape + kJointConditions + kJointTypes +
         kJointPhases;
}

int64_t row_size(const odeon_graph& graph) { return count_of(graph.nodes[graph.outputs[0]]).inner; }

std::vector<int64_t> slice_counts(const odeon_solve_gradient_spec& spec) {
  std::vector<int64_t> out;
  for (int64_t i = 0; i < spec.n_slices; ++i)
    out.push_back(count_of(spec.vjp->nodes[spec.vjp->outputs[3 + i]]).inner);
  return out;
}

int tape_records(const odeon_solve_spec& spec) {
  const bool end = spec.dense == ODEON_DENSE_HERMITE && !is_fsal(*spec.tableau);
  return spec.tableau->stages + 1 + (end ? 1 : 0);
}

std::string whole_head(const JointShape& shape, int64_t batch) {
  const char* blocks = shape.form == JointForm::many_blocks ? "MANY" : "LONE";
  return std::string("#define ODEON_KERNELS_ARE_FUNCTIONS\n#define ODEON_") + blocks +
         "_BLOCKS\n#define ODEON_THREADS " + std::to_string(shape.threads) + "\n" +
         (batch == 1 ? "#define ODEON_ONE_ROW\n" : "");
}

ProductSettings whole_settings(int64_t batch, unsigned threads) {
  ProductSettings settings;
  settings.batch = batch;
  settings.whole_threads = threads;
  return settings;
}

JointSource joint_source(const odeon_solve_spec& spec, const JointShape& shape) {
  JointSource out{"", generate(*spec.graph, spec.dtype, whole_settings(spec.joint, shape.threads))};
  out.text = whole_head(shape, spec.joint) + out.graph.source + phases(spec) + field_call_text(out.graph) +
             kJointSteps + kJointSolve + kJointLoop;
  return out;
}

std::string joint_method_text(const odeon_solve_spec& spec, int64_t size, bool row) {
  return "#define SIZE " + std::to_string(size) + "\n" + (row ? kRowLists : kPointerLists) +
         "typedef int64 element;\n" + tableau_text(spec);
}

CallPlace place_of_call(int call, int stages, bool fsal) {
  const int k = std::min(call, stages);
  if (call == 0) return {CallPlace::begin, k};
  const bool at_end = call == stages || (fsal && call == stages - 1);
  return {at_end ? CallPlace::end : CallPlace::stage, k};
}

// Kernels without a batch in their arguments are left out of a call.
std::string field_call_text(const GeneratedGraph& graph) {
  std::string text =
      "ODEON_COMMON_FUNCTION void field_call(const odeon_args* calls, int i, unsigned* gate) {\n  calls += i "
      "* " +
      std::to_string(graph.kernels.size()) + ";\n";
  for (size_t k = 0; k < graph.kernels.size(); ++k)
    text += "  if (calls[" + std::to_string(k) + "].batch > 0) {\n    " + graph.kernels[k].name + "(calls[" +
            std::to_string(k) + "]);\n    ODEON_BARRIER(gate);\n  }\n";
  return text + "}\n";
}

std::vector<std::string> kernel_names(const char* kernel, std::span<const char* const> phases) {
  std::vector<std::string> out;
  for (const char* name : phases) out.push_back(std::string(kernel) + "_" + name);
  return out;
}

std::vector<std::string> phase_names() { return kernel_names(kJointKernel, kPhases); }

std::string phase_kernels_text() {
  std::string text;
  for (const std::string name : kPhases) {
    const std::string form = name == "combine" || name == "norm" ? ", (int)g.which" : "";
    const std::string keep = name == "observe" ? "  if (PARTS == 1) joint_keep(g);\n" : "";
    text += "ODEON_WHOLE_KERNEL(odeon_joint_" + name + ", joint_args) {\n  joint_" + name + "(g" + form +
            ");\n" + keep + "  joint_tell(g);\n}\n";
  }
  return text;
}

std::string phases_source(const odeon_solve_spec& spec) {
  return source_head(spec.dtype) + phases(spec) + phase_kernels_text();
}

}  // namespace odeon::cuda
