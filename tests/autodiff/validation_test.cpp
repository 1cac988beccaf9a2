// Graphs of strangers: every broken rule is refused, whatever the bytes.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "autodiff/passes.hpp"
#include "data/error.hpp"
#include "odeon/sdk/graph.hpp"

namespace {

using namespace odeon;

Graph good() {
  GraphBuilder g;
  const Value x = g.input(0, {ODEON_BATCH, 2, 4, 4});
  const Value c = g.conv2d(x, g.parameter(0, {2, 2, 3, 3}), {1, 1, 1, 1});
  const Value n = g.group_norm(g.concat(g.relu(c), x, 1), 2, 1e-5);
  const Value m = g.matmul(g.reshape(n, {ODEON_BATCH, 64}), g.parameter(36, {5, 64}), false, true);
  g.mark_output(g.log_softmax(m));
  return g.finish();
}

size_t node_of(const Graph& g, int32_t op) {
  for (size_t i = 0; i < g.nodes.size(); ++i)
    if (g.nodes[i].op == op) return i;
  return 0;
}

template <class Break>
void refused(const char* rule, Break&& damage) {
  INFO(rule);
  Graph g = good();
  damage(g);
  CHECK_THROWS_AS(host::validated_graph(g.view(), "field 'x'"), host::PluginError);
}

}  // namespace

TEST_CASE("a good graph passes") { CHECK_NOTHROW(host::validated_graph(good().view(), "field 'x'")); }

TEST_CASE("graphs that break a rule are refused") {
  refused("unknown op", [](Graph& g) { g.nodes[1].op = 999; });
  refused("forward reference", [](Graph& g) { g.nodes[2].inputs[0] = 7; });
  refused("self reference", [](Graph& g) { g.nodes[2].inputs[0] = 2; });
  refused("negative reference", [](Graph& g) { g.nodes[2].inputs[0] = -3; });
  refused("wrong arity", [](Graph& g) { g.nodes[2].n_inputs = 1; });
  refused("too many inputs", [](Graph& g) { g.nodes[2].n_inputs = 100; });
  refused("rank out of range", [](Graph& g) { g.nodes[2].rank = 9; });
  refused("negative rank", [](Graph& g) { g.nodes[2].rank = -1; });
  refused("wrong declared shape", [](Graph& g) { g.nodes[2].shape[1] = 3; });
  refused("batch not in front", [](Graph& g) { g.nodes[0].shape[2] = ODEON_BATCH; });
  refused("negative length", [](Graph& g) { g.nodes[0].shape[2] = -5; });
  refused("absurd size", [](Graph& g) { g.nodes[0].shape[2] = int64_t{1} << 60; });
  refused("parameter with a batch", [](Graph& g) { g.nodes[1].shape[0] = ODEON_BATCH; });
  refused("negative parameter offset", [](Graph& g) { g.nodes[1].ints[0] = -1; });
  refused("negative input index", [](Graph& g) { g.nodes[0].ints[0] = -1; });
  refused("stride zero", [](Graph& g) { g.nodes[node_of(g, ODEON_OP_CONV2D)].ints[0] = 0; });
  refused("negative padding", [](Graph& g) { g.nodes[node_of(g, ODEON_OP_CONV2D)].ints[2] = -1; });
  refused("huge padding", [](Graph& g) { g.nodes[node_of(g, ODEON_OP_CONV2D)].ints[2] = int64_t{1} << 62; });
  refused("groups that do not divide",
          [](Graph& g) { g.nodes[node_of(g, ODEON_OP_GROUP_NORM)].ints[0] = 3; });
  refused("negative eps", [](Graph& g) { g.nodes[node_of(g, ODEON_OP_GROUP_NORM)].reals[0] = -1; });
  refused("NaN attribute", [](Graph& g) { g.nodes[0].reals[1] = NAN; });
  refused("concat along the batch", [](Graph& g) { g.nodes[node_of(g, ODEON_OP_CONCAT)].ints[0] = 0; });
  refused("concat axis out of range", [](Graph& g) { g.nodes[node_of(g, ODEON_OP_CONCAT)].ints[0] = 4; });
  refused("reshape that loses elements",
          [](Graph& g) { g.nodes[node_of(g, ODEON_OP_RESHAPE)].shape[1] = 63; });
  refused("matmul with different inner lengths",
          [](Graph& g) { g.nodes[node_of(g, ODEON_OP_MATMUL)].ints[1] = 0; });
  refused("output out of range", [](Graph& g) { g.outputs[0] = 1000; });
  refused("negative output", [](Graph& g) { g.outputs[0] = -1; });
}

TEST_CASE("random damage is refused or harmless") {
  std::mt19937_64 engine(20);
  const Graph original = good();
  int refusals = 0;
  for (int round = 0; round < 5000; ++round) {
    Graph g = original;
    auto* bytes = reinterpret_cast<unsigned char*>(g.nodes.data());
    for (int k = 0; k < 3; ++k)
      bytes[engine() % (g.nodes.size() * sizeof(odeon_node))] = static_cast<unsigned char>(engine());
    try {
      host::validated_graph(g.view(), "field 'x'");
    } catch (const host::PluginError&) {
      ++refusals;
    }
  }
  CHECK(refusals > 2500);
}
