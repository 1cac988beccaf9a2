// What works with what: every solver, gradient strategy, stepping and backend on one small problem.
#include "conformance/gradient_matrix.hpp"

#include <doctest/doctest.h>
#include <odeon/gradient.h>

#include <map>
#include <regex>
#include <set>

#include "cli/run_odeon.hpp"

namespace odeon::test {
namespace {

using namespace odeon::host;
using namespace odeon::host::conformance;
using enum MatrixCell::Outcome;

const std::vector<MatrixCell>& cells() {
  static const std::vector<MatrixCell> all = gradient_matrix(Registry::discover({}));
  return all;
}

// Each mark of the table in place of the number of its footnote, rows of cvode left out.
std::string resolved(std::string text) {
  std::map<std::string, std::string> notes;
  const std::regex note("\n(\\[\\d+\\]) ([^\n]*)\n");
  for (std::smatch m; std::regex_search(text, m, note); text = m.prefix().str() + m.suffix().str())
    notes[m[1]] = m[2];
  for (const auto& [mark, reason] : notes)
    for (size_t at; (at = text.find(mark)) != std::string::npos;) text.replace(at, mark.size(), reason);
  return std::regex_replace(text, std::regex("[^\n]*`cvode`[^\n]*\n"), "");
}

MatrixCell cell(const char* gradient, const char* backend, Stepping stepping, MatrixCell::Outcome outcome,
                const char* reason = "") {
  MatrixCell c{
      .solver = "a", .gradient = gradient, .backend = backend, .stepping = stepping, .outcome = outcome};
  c.reason = reason;
  return c;
}

}  // namespace

TEST_CASE(
    "every solver, gradient, stepping and backend gives the gradient of the flow, or names what is missing") {
  const Registry installed = Registry::discover({});
  std::set<std::string> backends;  // those that open on this machine
  for (const MatrixCell& c : cells()) backends.insert(c.backend);
  CHECK(backends.contains("reference"));
  CHECK(backends.contains("cpu"));
  CHECK(cells().size() == 2 * backends.size() * installed.ids(ODEON_KIND_SOLVER).size() *
                              installed.ids(ODEON_KIND_GRADIENT).size());
  for (const MatrixCell& c : cells()) {
    CAPTURE(c.solver);
    CAPTURE(c.gradient);
    CAPTURE(c.backend);
    CAPTURE(c.reason);
    CHECK(c.outcome != wrong);
    if (c.outcome == refused) CHECK(c.reason.find("capability") != std::string::npos);
  }
}

TEST_CASE("every solver has a strategy, and every strategy that is exact gives the same gradient") {
  constexpr double kRoundOff = 1e-10;
  std::map<std::string, const MatrixCell*> first;
  std::map<std::string, int> works;
  for (const MatrixCell& c : cells()) {
    works[c.solver] += c.outcome != refused;
    if (c.outcome != exact) continue;
    const std::string column = c.backend + " " + c.solver + (c.stepping == Stepping::joint ? "" : " per row");
    const auto [entry, is_new] = first.try_emplace(column, &c);
    CAPTURE(column);
    CAPTURE(c.gradient);
    CHECK(largest_difference(c.gradients, entry->second->gradients) <= kRoundOff * largest(c.gradients));
  }
  for (const auto& [solver, count] : works) CHECK_MESSAGE(count > 0, solver);
}

TEST_CASE("a strategy that gives another gradient is called wrong") {
  LoaderOptions only;
  only.built_in_roots = false;
  const std::string build = ODEON_BINARY_DIR;
  const Registry all = Registry::discover({});
  for (const auto& [kind, id] :
       {std::pair(ODEON_KIND_BACKEND, "reference"), std::pair(ODEON_KIND_SOLVER, "rk4"),
        std::pair(ODEON_KIND_GRADIENT, "direct")})
    only.files.push_back(all.find(kind, id)->plugin->path);
  only.files.push_back(build + "/tests/bad_plugins/gradient/wrong_gradient.so");
  const std::string table = to_markdown(gradient_matrix(Registry::discover(only)));
  CAPTURE(table);
  CHECK(std::regex_search(table, std::regex("\\| `rk4` \\| exact \\| wrong by [0-9e+-]+ \\|")));
}

TEST_CASE("the table tells steppings and backends apart only where they differ") {
  using enum Stepping;
  std::vector<MatrixCell> some;
  for (const char* backend : {"x", "y"})
    for (const Stepping stepping : {joint, per_row}) {
      const bool rows = stepping == per_row, second = *backend == 'y';
      some.push_back(cell("all", backend, stepping, exact));
      some.push_back(cell("jointly", backend, stepping, rows ? refused : approximate, "no rows"));
      some.push_back(cell("on_x", backend, stepping, second ? refused : exact, "solver 'a' is not for y"));
    }
  CHECK(to_markdown(some) ==
        "| solver | `all` | `jointly` | `on_x` |\n| --- | --- | --- | --- |\n"
        "| `a` | exact | joint: ≈, per_row: [1] | joint x: exact, joint y: [2], per_row x: exact, per_row y: "
        "[2] |\n"
        "\n[1] no rows\n\n[2] this solver is not for y\n");
}

TEST_CASE("the table in plugins/gradients is what odeon plugins --matrix prints") {
  const std::string readme = text_of(ODEON_SOURCE_DIR "/plugins/gradients/README.md"),
                    begin = "a test compares -->\n";
  const size_t from = readme.find(begin), to = readme.find("<!-- end -->");
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  const size_t table = from + begin.size();
  CHECK(resolved(readme.substr(table, to - table)) == resolved(to_markdown(cells())));
}

}  // namespace odeon::test
