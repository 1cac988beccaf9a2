// Mutated configurations, options and formulas: refused with a message, or accepted; never anything else.
#include <doctest/doctest.h>

#include <filesystem>
#include <odeon/sdk/expression.hpp>
#include <odeon/sdk/options.hpp>

#include "data/mutation.hpp"
#include "experiment/built_plugins.hpp"
#include "experiment/run.hpp"

using namespace odeon;
using namespace odeon::host;
using namespace odeon::test;

namespace {

constexpr size_t kMiB = size_t{1} << 20;

std::vector<std::string> configurations(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") out.push_back(contents_of(entry.path()));
  REQUIRE(!out.empty());
  return out;
}

// Every option type, with ranges.
constexpr odeon_str kWords[] = {str("one"), str("two")};
constexpr odeon_str kKind[] = {str("solver")};
constexpr odeon_option kBool = make_option(ODEON_OPTION_BOOL, str("bool"), str("true"), str("."));
constexpr odeon_option kInt = ranged(make_option(ODEON_OPTION_INT, str("int"), str("3"), str(".")), 1, 9);
constexpr odeon_option kReal = ranged(make_option(ODEON_OPTION_REAL, str("real"), kNoText, str(".")), 0, 1);
constexpr odeon_option kText = make_option(ODEON_OPTION_STRING, str("text"), kNoText, str("."));
constexpr odeon_option kChoice =
    with_choices(make_option(ODEON_OPTION_CHOICE, str("choice"), str("one"), str(".")), kWords);
constexpr odeon_option kReals = make_option(ODEON_OPTION_REALS, str("reals"), kNoText, str("."));
constexpr odeon_option kStrings = make_option(ODEON_OPTION_STRINGS, str("strings"), kNoText, str("."));
constexpr odeon_option kRealMap = make_option(ODEON_OPTION_REAL_MAP, str("real_map"), kNoText, str("."));
constexpr odeon_option kStringMap =
    make_option(ODEON_OPTION_STRING_MAP, str("string_map"), kNoText, str("."));
constexpr odeon_option kArray = make_option(ODEON_OPTION_ARRAY, str("array"), kNoText, str("."));
constexpr odeon_option kComponent =
    with_choices(make_option(ODEON_OPTION_COMPONENT, str("component"), kNoText, str(".")), kKind);
constexpr odeon_option kTree = make_option(ODEON_OPTION_TREE, str("tree"), kNoText, str("."));
constexpr const odeon_option* kInner[] = {&kInt, &kText};
constexpr odeon_option kGroup =
    with_children(make_option(ODEON_OPTION_GROUP, str("group"), kNoText, str(".")), kInner);
constexpr const odeon_option* kEntries[] = {&kGroup, &kReal};
constexpr odeon_option kVariants =
    with_children(make_option(ODEON_OPTION_VARIANTS, str("variants"), kNoText, str(".")), kEntries);
constexpr const char* kAllOptions = R"(bool: false
int: 4
real: 0.5
text: "words"
choice: two
reals: [1, 2.5, .inf]
strings: [a, b]
real_map: {a: 1.0, b: -2}
string_map: {x: a*x, y: 3}
array: [[1.0, 2.0], [3.0, 4.0]]
component: {plugin: dopri5, rtol: 1.0e-3}
tree: {a: [1, {b: true}], c: 0.5}
group: {int: 5, text: x}
variants: [group, {group: {int: 2}}, {real: 0.25}]
)";

}  // namespace

TEST_CASE("no mutation of a formula makes the parser crash or allocate without bound") {
  const std::vector<std::string> seeds{"a*x - b*x*y", "-x^2 + sin(pi*t)/(1 + exp(-y))",
                                       "max(x, pow(y, 2.5e-1))^3", "((((x))))*-+-y",
                                       "relu(x)*sigmoid(y) - log(abs(x) + 1e-3)"};
  const Survival s = check_mutants(seeds, 20000, 4 * kMiB, [](const std::string& formula) {
    GraphBuilder g;
    const Value y = g.input(0, {ODEON_BATCH, 2});
    expression::Names names{{"x", g.slice(y, 1, 0, 1)}, {"y", g.slice(y, 1, 1, 2)}};
    names["a"] = g.parameter(0, {});
    names["b"] = g.parameter(1, {});
    names["t"] = g.reshape(g.time(), {ODEON_BATCH, 1});
    g.mark_output(g.broadcast_to(expression::parse(g, names, formula, "f", 0), {ODEON_BATCH, 1}));
    const Graph graph = g.finish();
    validate(graph.view());
  });
  CHECK(s.accepted > 1000);
  CHECK(s.refused > 1000);
}

TEST_CASE("formulas at the limits of length and depth are refused, not overflowed") {
  const auto refusal = [](const std::string& formula) {
    try {
      GraphBuilder g;
      const expression::Names names{{"x", g.input(0, {ODEON_BATCH, 1})}};
      expression::parse(g, names, formula, "f", 0);
    } catch (const odeon::Error& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  CHECK(refusal(std::string(65537, ' ')) == "the formula is longer than 65536 characters at column 1 of f");
  for (const char* piece : {"(", "-", "x^", "sin("}) {
    std::string formula;
    for (int i = 0; i < 10000; ++i) formula += piece;
    CHECK(refusal(formula + "x").starts_with("nested more than 256 deep (write it flatter) at column "));
  }
  std::string sum = "x";
  for (int i = 0; i < 30000; ++i) sum += "+x";
  CHECK(refusal(sum) == "accepted");
}

TEST_CASE("no mutation of options makes their binding crash or allocate without bound") {
  const Schema schema{&kBool,    &kInt,       &kReal,  &kText,      &kChoice, &kReals, &kStrings,
                      &kRealMap, &kStringMap, &kArray, &kComponent, &kTree,   &kGroup, &kVariants};
  const Survival s = check_mutants({kAllOptions}, 5000, 16 * kMiB, [&](const std::string& text) {
    bind_options(schema, parse_config(text, "m.yaml", "."), {&built_plugins(), "the test", {}});
  });
  CHECK(s.accepted > 100);
  CHECK(s.refused > 1000);
}

TEST_CASE("no mutation of a configuration makes its validation crash or allocate without bound") {
  for (const std::string folder : {"/configs", "/configs/digits", "/configs/mnist"}) {
    const std::string path = ODEON_SOURCE_DIR + folder;
    const Survival s = check_mutants(configurations(path), 1500, 512 * kMiB, [&](const std::string& text) {
      const ConfigNode root = parse_config(text, "m.yaml", path);
      read_deployment(root);
      check_experiment(read_experiment(root, "m.yaml", built_plugins()), built_plugins());
    });
    CHECK(s.accepted > 20);
    CHECK(s.refused > 500);
  }
}
