#include "solve/method_text.hpp"

#include <algorithm>
#include <cstdio>
#include <odeon/sdk/error.hpp>
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

// Weights of k at x, as Method of the host computes them, or their derivatives; Hermite's last one belongs to
// f(t1, y1).
std::string dense_function(const odeon_tableau& m, int32_t dense, bool fsal, bool derivative) {
  std::string text = std::string("ODEON_FUNCTION void ") + (derivative ? "dense_slopes" : "dense_weights") +
                     "(double x, double* w) {\n";
  if (dense == ODEON_DENSE_METHOD) {
    for (int i = 0; i < m.stages; ++i) {
      std::string sum = "0.0";
      for (int d = m.dense_degree; d-- > 0;) {
        const double weight = m.dense[i * m.dense_degree + d];
        sum = derivative ? "(" + sum + " * x + " + number((d + 1) * weight) + ")"
                         : "(" + sum + " + " + number(weight) + ") * x";
      }
      text += "  w[" + n(i) + "] = " + sum + ";\n";
    }
    return text + "}\n";
  }
  const bool hermite = dense == ODEON_DENSE_HERMITE;
  const char* end =
      hermite ? (derivative ? "6 * x * (1 - x)" : "x * x * (3 - 2 * x)") : (derivative ? "1" : "x");
  text += std::string("  const double end = ") + end + ";\n";
  for (int i = 0; i < m.stages; ++i) text += "  w[" + n(i) + "] = end * " + number(m.b[i]) + ";\n";
  if (!hermite) return text + "}\n";
  if (!fsal) text += "  w[STAGES] = 0;\n";
  text +=
      std::string("  w[0] += ") + (derivative ? "(1 - x) * (1 - 3 * x)" : "x * (1 - x) * (1 - x)") + ";\n";
  return text + "  w[" + (fsal ? "STAGES - 1" : "STAGES") +
         "] += " + (derivative ? "x * (3 * x - 2)" : "x * x * (x - 1)") + ";\n}\n";
}

std::string flag(const char* name, bool on) {
  return std::string("#define ") + name + (on ? " true\n" : " false\n");
}

// K[i][j] += h w[i] mu for all i with a weight.
std::string spread(const std::vector<double>& w) {
  std::string text;
  for (size_t i = 0; i < w.size(); ++i)
    if (w[i] != 0) text += "  K[" + n(int64_t(i)) + "][j] += h * " + literal(w[i]) + " * mu;\n";
  return text;
}

}  // namespace

bool is_fsal(const odeon_tableau& m) {
  const int last = m.stages - 1;
  return m.stages > 1 && m.c[last] == 1 && std::equal(m.b, m.b + m.stages, m.a + last * m.stages);
}

bool last_is_free(const odeon_tableau& m) { return m.stages > 1 && m.b[m.stages - 1] == 0; }

std::string tableau_text(const odeon_solve_spec& spec) {
  const odeon_tableau& m = *spec.tableau;
  const int last = m.stages - 1;
  std::vector<double> b(m.b, m.b + m.stages), e(b), between(b.size(), 0.0);
  for (size_t i = 0; !spec.fixed && i < e.size(); ++i) e[i] -= m.b_hat[i];
  for (int j = 0; last > 0 && j < m.stages; ++j)
    between[size_t(j)] = m.a[last * m.stages + j] - m.a[(last - 1) * m.stages + j];
  return "#define STAGES " + n(m.stages) + "\n" + flag("FSAL", is_fsal(m)) +
         flag("HERMITE", spec.dense == ODEON_DENSE_HERMITE) + flag("MAX_NORM", spec.norm == ODEON_NORM_MAX) +
         stage_functions(m) + weighted("end_sum", b) + weighted("error_sum", e) +
         weighted("between_sum", between) + dense_function(m, spec.dense, is_fsal(m), false);
}

std::string row_method_text(const odeon_solve_spec& spec, int64_t size, int parts) {
  // Of stages and state per thread, 4 KiB; a device runs 1e5 threads at once.
  constexpr int64_t kMostNumbers = 512;
  if (size * (spec.tableau->stages + 4) > kMostNumbers || size == 0)
    throw Error("a row of " + n(size) + " elements is not for one thread", ODEON_E_UNSUPPORTED);
  return "#define SIZE " + n(size) + "\n#define PARTS " + n(parts) +
         "\ntypedef const T (*stage_list)[SIZE];\ntypedef T (*cotangent_list)[SIZE];\ntypedef int "
         "element;\n" +
         tableau_text(spec);
}

std::string reverse_method_text(const odeon_solve_spec& spec) {
  const odeon_tableau& m = *spec.tableau;
  std::string text = flag("LAST_IS_FREE", last_is_free(m));
  text += "ODEON_FUNCTION void end_spread(T h, T mu, cotangent_list K, element j) {\n" +
          spread({m.b, m.b + m.stages}) + "}\n";
  text +=
      "ODEON_FUNCTION void stage_spread(int i, T h, T mu, cotangent_list K, element j) {\n  switch (i) {\n";
  for (int i = 1; i < m.stages; ++i)
    text +=
        "    case " + n(i) + ":\n" + spread({m.a + i * m.stages, m.a + i * m.stages + i}) + "    break;\n";
  return text + "  }\n}\n" + dense_function(m, spec.dense, is_fsal(m), true);
}

std::string end_weight_text(const odeon_solve_spec& spec) {
  const odeon_tableau& m = *spec.tableau;
  std::string text = "ODEON_FUNCTION double end_weight(int i) {\n  switch (i) {\n";
  for (int i = 0; i < m.stages; ++i)
    if (m.b[i] != 0) text += "    case " + n(i) + ": return " + number(m.b[i]) + ";\n";
  return text + "  }\n  return 0;\n}\n";
}

}  // namespace odeon::cuda
