#include "solve/solve_source.hpp"

#include <odeon/sdk/error.hpp>

#include "graph/prelude.hpp"
#include "solve/control_text.hpp"
#include "solve/scalars.hpp"
#include "solve/solve_text.hpp"
#include "solve/tableau_text.hpp"

namespace odeon::cuda {

SolveSource solve_source(const odeon_solve_spec& spec) {
  const ScalarField field = scalar_field(*spec.graph);
  // Of stages and state per thread, 4 KiB; a device runs 1e5 threads at once.
  constexpr int64_t kMostNumbers = 512;
  const std::string size = std::to_string(field.size);
  if (field.size * (spec.tableau->stages + 4) > kMostNumbers || field.size == 0)
    throw Error("a row of " + size + " elements is not for one thread", ODEON_E_UNSUPPORTED);
  std::string text = std::string("typedef ") + (spec.dtype == ODEON_F32 ? "float" : "double") + " T;\n" +
                     kPrelude + "#define SIZE " + size + "\n";
  text += "ODEON_FUNCTION void field(T t, const T* y, const T* theta, T* dy) {\n" + field.body + "}\n";
  text += "typedef const T (*stage_list)[SIZE];\ntypedef int element;\n" + tableau_text(spec) + kSolveTypes +
          kStepControl + kSolveFunctions + (spec.fixed ? kSolveFixed : kSolveAdaptive);
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
