#include "solve/solve_source.hpp"

#include "graph/prelude.hpp"
#include "solve/adaptive_text.hpp"
#include "solve/control_text.hpp"
#include "solve/fixed_text.hpp"
#include "solve/method_text.hpp"
#include "solve/scalars.hpp"
#include "solve/solve_text.hpp"

namespace odeon::cuda {

std::string source_head(int32_t dtype) {
  return std::string("typedef ") + (dtype == ODEON_F32 ? "float" : "double") + " T;\n" + kPrelude +
         "#define ODEON_ROW_THREADS " + std::to_string(kSolveThreads) + "\n";
}

std::string function_word(const std::string& body) {
  return is_large(body) ? "ODEON_COMMON_FUNCTION" : "ODEON_FUNCTION";
}

bool is_large(const std::string& body) {
  constexpr size_t kLarge = 4000;  // characters, a hundred operations
  return body.size() > kLarge;
}

std::string field_text(const ScalarField& field) {
  return function_word(field.body) + " void field(T t, const T* y, const T* theta, T* dy) {\n" + field.body +
         "}\n";
}

std::string rows_text(bool fixed) {
  return std::string(kSolveTypes) + kStepControl + kSolveFunctions + (fixed ? kFixedText : kAdaptiveText);
}

SolveSource solve_source(const odeon_solve_spec& spec, bool logs) {
  const ScalarField field = scalar_field(*spec.graph);
  const std::string method = row_method_text(spec, field.size, 1);
  constexpr int64_t kMostHeld = 32;  // registers
  const bool holds = field.theta_end <= kMostHeld && !is_large(field.body);
  return {source_head(spec.dtype) + method + field_text(field) + rows_text(spec.fixed) + "#define LOGS " +
              (logs ? "true" : "false") + "\n#define HELD_THETA " +
              std::to_string(holds ? field.theta_end : 0) + "\n" + kSolveKernelText,
          field.size, field.theta_end};
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
  a.max_steps = s.max_steps, a.order = s.order;
  a.first_step = s.first_step, a.min_step = s.min_step, a.max_step = s.max_step;
  a.safety = s.safety, a.min_factor = s.min_factor, a.max_factor = s.max_factor;
  a.reject = -1.0 / s.error_order, a.power0 = -s.beta[0] / s.error_order;
  a.power1 = -s.beta[1] / s.error_order, a.power2 = -s.beta[2] / s.error_order, a.alpha = s.alpha;
  a.stability_limit = s.stability_limit, a.stability_hides = s.stability_hides, a.stiff_near = s.stiff_near;
  a.stiff_every = s.stiff_every, a.stiff_hits = s.stiff_hits, a.stiff_misses = s.stiff_misses;
  a.rtol = s.rtol, a.atol = s.atol, a.rtol_vector = s.rtol_vector, a.atol_vector = s.atol_vector;
  return a;
}

}  // namespace odeon::cuda
