// The code generator for graphs, without a GPU: its text, compiled for the processor, against the SDK's interpreter.
#include "graph/run.hpp"
#include "plugins/backends/cuda/emulation.hpp"
#include "plugins/backends/graph_case.hpp"
#include "plugins/backends/random_graph.hpp"

using namespace odeon;
using namespace odeon::test;

namespace {

// The same operations in the same order on one thread, but for sums that a group of ops reorders.
template <class T>
constexpr double kTolerance = sizeof(T) == 4 ? 2e-5 : 1e-13;
// Of chains of ops on numbers of size one, each of which may amplify.
template <class T>
constexpr double kChainTolerance = sizeof(T) == 4 ? 2e-3 : 1e-11;

// Many graphs in one library: starting a compiler takes longer than compiling.
class Emulator {
 public:
  // The graphs' sources, each in a namespace of its own; the prelude and the type are theirs too.
  template <class T>
  static std::vector<std::vector<T>> run(const cuda::GeneratedGraph& generated, const CompiledText& text,
                                         const std::string& prefix, int64_t batch, GraphData<T> d, unsigned blocks) {
    cuda::GraphRun run(generated, dtype_of<T>(), batch);
    std::vector<std::byte> arena(static_cast<size_t>(run.arena_bytes()), std::byte{0xff});  // NaN where nobody writes
    std::vector<odeon_tensor> inputs = d.input_shapes, outputs = d.output_shapes;
    for (size_t i = 0; i < inputs.size(); ++i) inputs[i].data = d.inputs[i].data();
    for (size_t i = 0; i < outputs.size(); ++i) outputs[i].data = d.outputs[i].data();
    const odeon_tensor theta = make_tensor(d.theta.data(), dtype_of<T>(), {int64_t(d.theta.size())});
    odeon_plan_args args{};
    args.struct_size = sizeof args;
    args.t = {0, d.t.data(), 1};
    args.theta = &theta;
    args.inputs = inputs.data();
    args.n_inputs = int64_t(inputs.size());
    args.outputs = outputs.data();
    args.modes = d.modes.data();
    args.n_outputs = int64_t(outputs.size());
    auto* block = text.symbol<long long>(prefix + "odeon_block");
    auto* count = text.symbol<long long>(prefix + "odeon_blocks");
    run.run(args, arena.data(), [&](size_t k, unsigned wanted, const cuda::KernelArgs& a) {
      CHECK(wanted > 0);
      auto* kernel = text.symbol<void(cuda::KernelArgs)>(prefix + generated.kernels[k].name);
      *count = blocks;  // fewer than there are items: the loops by the grid are tested too
      for (*block = 0; *block < *count; ++*block) kernel(a);
    });
    return d.outputs;
  }
};

// Names of one graph's source made its own by macros, so that many sources are one text.
std::string renamed(const std::string& source, const std::string& prefix, const std::vector<std::string>& names) {
  std::string text = "namespace " + prefix + "space {\n";
  for (const std::string& n : names) text += "#define " + n + " " + prefix + n + "\n";
  text += source;
  for (const std::string& n : names) text += "#undef " + n + "\n";
  for (const char* macro : {"ODEON_KERNEL", "ODEON_FUNCTION", "ODEON_EACH_ITEM", "ODEON_EACH_BLOCK_ITEM",
                            "ODEON_EACH_SHARE", "ODEON_FIRST_THREAD"})
    text += "#undef " + std::string(macro) + "\n";
  return text + "}\n";
}

struct Case {
  Graph graph;
  uint32_t seed;
};

template <class T>
void check_all(const std::vector<Case>& cases, double tolerance, std::vector<int64_t> batches) {
  std::vector<cuda::GeneratedGraph> generated;
  std::string source = "#include <cmath>\n#include <cstdlib>\n";
  for (size_t i = 0; i < cases.size(); ++i) {
    generated.push_back(cuda::generate(cases[i].graph.view(), dtype_of<T>()));
    std::vector<std::string> names{"odeon_block", "odeon_blocks"};
    for (const auto& k : generated.back().kernels) names.push_back(k.name);
    source += renamed(generated.back().source, "g" + std::to_string(i) + "_", names);
  }
  const CompiledText text(source);
  for (size_t i = 0; i < cases.size(); ++i)
    for (int64_t batch : batches) {
      CAPTURE(i);
      CAPTURE(batch);
      GraphData<T> data(cases[i].graph, batch, cases[i].seed);
      for (size_t k = 0; k < data.modes.size(); ++k) data.modes[k] = int32_t((1 + k * cases[i].seed) % 3);
      const auto got = Emulator::run<T>(generated[i], text, "g" + std::to_string(i) + "_", batch, data, 3);
      CHECK(distance(got, interpret(cases[i].graph, batch, data)) <= tolerance);
    }
}

}  // namespace

TEST_CASE("generated code for random graphs agrees with the interpreter") {
  std::vector<Case> cases;
  for (uint32_t seed = 1; seed <= 60; ++seed) cases.push_back({RandomGraph(seed).make(10 + int(seed % 30)), seed});
  check_all<double>(cases, kChainTolerance<double>, {1, 2, 7, 33});
  cases.resize(15);
  check_all<float>(cases, kChainTolerance<float>, {1, 7});
}
