#include "solve/tableau_text.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "graph/expressions.hpp"

namespace odeon::cuda {
namespace {

std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%a", value);
  return text;
}
std::string n(int64_t value) { return std::to_string(value); }

// A function of (k, j): sum_i w[i] k[i][j] from zero, in the order of the stages.
std::string weighted(const char* name, const std::vector<double>& w) {
  std::string text = std::string("ODEON_FUNCTION T ") + name + "(stage_list k, element j) {\n  T sum = 0;\n";
  for (size_t i = 0; i < w.size(); ++i)
    if (w[i] != 0) text += "  sum += " + literal(w[i]) + " * k[" + n(int64_t(i)) + "][j];\n";
  return text + "  return sum;\n}\n";
}

std::string stage_functions(const odeon_tableau& m) {
  std::string sums = "ODEON_FUNCTION T stage_sum(int i, stage_list k, element j) {\n  switch (i) {\n";
  std::string times = "ODEON_FUNCTION double stage_time(int i) {\n  switch (i) {\n", functions;
  for (int i = 1; i < m.stages; ++i) {
    const std::string name = "stage_sum_" + n(i);
    functions += weighted(name.c_str(), {m.a + i * m.stages, m.a + i * m.stages + i});
    sums += "    case " + n(i) + ": return " + name + "(k, j);\n";
    times += "    case " + n(i) + ": return " + number(m.c[i]) + ";\n";
  }
  return functions + sums + "  }\n  return 0;\n}\n" + times + "  }\n  return 0;\n}\n";
}

// Weights of k at x, as Method of the host computes them; Hermite's last one belongs to f(t1, y1).
std::string dense_function(const odeon_tableau& m, int32_t dense, bool fsal) {
  std::string text = "ODEON_FUNCTION void dense_weights(double x, double* w) {\n";
  if (dense == ODEON_DENSE_METHOD) {
    for (int i = 0; i < m.stages; ++i) {
      std::string sum = "0.0";
      for (int d = m.dense_degree; d-- > 0;)
        sum = "(" + sum + " + " + number(m.dense[i * m.dense_degree + d]) + ") * x";
      text += "  w[" + n(i) + "] = " + sum + ";\n";
    }
    return text + "}\n";
  }
  const bool hermite = dense == ODEON_DENSE_HERMITE;
  text += std::string("  const double end = ") + (hermite ? "x * x * (3 - 2 * x)" : "x") + ";\n";
  for (int i = 0; i < m.stages; ++i) text += "  w[" + n(i) + "] = end * " + number(m.b[i]) + ";\n";
  if (!hermite) return text + "}\n";
  if (!fsal) text += "  w[STAGES] = 0;\n";
  text += "  w[0] += x * (1 - x) * (1 - x);\n";
  return text + "  w[" + (fsal ? "STAGES - 1" : "STAGES") + "] += x * x * (x - 1);\n}\n";
}

}  // namespace

bool is_fsal(const odeon_tableau& m) {
  const int last = m.stages - 1;
  return m.stages > 1 && m.c[last] == 1 && std::equal(m.b, m.b + m.stages, m.a + last * m.stages);
}

std::string tableau_text(const odeon_solve_spec& spec) {
  const odeon_tableau& m = *spec.tableau;
  const int last = m.stages - 1;
  std::vector<double> b(m.b, m.b + m.stages), e(b), between(b.size(), 0.0);
  for (size_t i = 0; !spec.fixed && i < e.size(); ++i) e[i] -= m.b_hat[i];
  for (int j = 0; last > 0 && j < m.stages; ++j)
    between[size_t(j)] = m.a[last * m.stages + j] - m.a[(last - 1) * m.stages + j];
  const auto flag = [](const char* name, bool on) {
    return std::string("#define ") + name + (on ? " true\n" : " false\n");
  };
  return "#define STAGES " + n(m.stages) + "\n" + flag("FSAL", is_fsal(m)) +
         flag("HERMITE", spec.dense == ODEON_DENSE_HERMITE) + flag("MAX_NORM", spec.norm == ODEON_NORM_MAX) +
         stage_functions(m) + weighted("end_sum", b) + weighted("error_sum", e) +
         weighted("between_sum", between) + dense_function(m, spec.dense, is_fsal(m));
}

}  // namespace odeon::cuda
