#include "solve/solve_source.hpp"

#include <algorithm>
#include <cstdio>
#include <odeon/sdk/error.hpp>
#include <vector>

#include "graph/expressions.hpp"
#include "graph/prelude.hpp"
#include "solve/scalars.hpp"
#include "solve/solve_text.hpp"

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
  std::string text =
      std::string("ODEON_FUNCTION T ") + name + "(const T (*k)[SIZE], int j) {\n  T sum = 0;\n";
  for (size_t i = 0; i < w.size(); ++i)
    if (w[i] != 0) text += "  sum += " + literal(w[i]) + " * k[" + n(int64_t(i)) + "][j];\n";
  return text + "  return sum;\n}\n";
}

std::string stage_functions(const odeon_tableau& m) {
  std::string sums = "ODEON_FUNCTION T stage_sum(int i, const T (*k)[SIZE], int j) {\n  switch (i) {\n";
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

SolveSource solve_source(const odeon_solve_spec& spec) {
  const odeon_tableau& m = *spec.tableau;
  const ScalarField field = scalar_field(*spec.graph);
  constexpr int64_t kMostNumbers =
      512;  // of stages and state per thread, 4 KiB; a device runs 1e5 threads at once
  if (field.size * (m.stages + 4) > kMostNumbers || field.size == 0)
    throw Error("a row of " + n(field.size) + " elements is not for one thread", ODEON_E_UNSUPPORTED);
  const int last = m.stages - 1;
  const bool fsal = m.stages > 1 && m.c[last] == 1 && std::equal(m.b, m.b + m.stages, m.a + last * m.stages);
  const auto flag = [](const char* name, bool on) {
    return std::string("#define ") + name + (on ? " true\n" : " false\n");
  };
  std::vector<double> b(m.b, m.b + m.stages), e(b), between(b.size(), 0.0);
  for (size_t i = 0; !spec.fixed && i < e.size(); ++i) e[i] -= m.b_hat[i];
  for (int j = 0; last > 0 && j < m.stages; ++j)
    between[size_t(j)] = m.a[last * m.stages + j] - m.a[(last - 1) * m.stages + j];
  std::string text = std::string("typedef ") + (spec.dtype == ODEON_F32 ? "float" : "double") + " T;\n" +
                     kPrelude + "#define SIZE " + n(field.size) + "\n#define STAGES " + n(m.stages) + "\n" +
                     flag("FSAL", fsal) + flag("HERMITE", spec.dense == ODEON_DENSE_HERMITE) +
                     flag("MAX_NORM", spec.norm == ODEON_NORM_MAX);
  text += "ODEON_FUNCTION void field(T t, const T* y, const T* theta, T* dy) {\n" + field.body + "}\n";
  text += stage_functions(m) + weighted("end_sum", b) + weighted("error_sum", e) +
          weighted("between_sum", between);
  text += dense_function(m, spec.dense, fsal) + kSolveTypes + kSolveFunctions +
          (spec.fixed ? kSolveFixed : kSolveAdaptive);
  return {text, field.size, field.theta_end};
}

SolveArgs solve_args(const odeon_step_settings* settings, const odeon_solve_run& r) {
  SolveArgs a{};
  a.batch = r.batch, a.n_times = r.n_times;
  a.theta = r.theta ? r.theta->data : nullptr;
  a.y0 = r.y0->data;
  a.ys = r.ys ? r.ys->data : nullptr;
  a.y_last = r.y_last ? r.y_last->data : nullptr;
  a.y_end = r.y_end ? r.y_end->data : nullptr;
  a.n_grid = r.n_grid;
  if (!settings) return a;
  const odeon_step_settings& s = *settings;
  a.max_steps = s.max_steps, a.order = s.order, a.error_order = s.error_order;
  a.first_step = s.first_step, a.min_step = s.min_step, a.max_step = s.max_step;
  a.safety = s.safety, a.min_factor = s.min_factor, a.max_factor = s.max_factor;
  a.beta0 = s.beta[0], a.beta1 = s.beta[1], a.beta2 = s.beta[2], a.alpha = s.alpha;
  a.stability_limit = s.stability_limit, a.stability_hides = s.stability_hides, a.stiff_near = s.stiff_near;
  a.stiff_every = s.stiff_every, a.stiff_hits = s.stiff_hits, a.stiff_misses = s.stiff_misses;
  a.rtol = s.rtol, a.atol = s.atol, a.rtol_vector = s.rtol_vector, a.atol_vector = s.atol_vector;
  return a;
}

}  // namespace odeon::cuda
