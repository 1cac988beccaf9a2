// Solves by itself, and differentiates as if the state did not move.
#include "interpreting.hpp"
//
#include <odeon/ext/solve_gradient.h>

#include <algorithm>
#include <odeon/sdk/graph.hpp>
#include <vector>

struct odeon_solve_gradient_plan {
  odeon::Graph field;
  int32_t stages;
  std::vector<double> a, b, c;
};

namespace {

using Plan = odeon_solve_gradient_plan;

odeon_status compile_gradient(odeon_backend*, const odeon_solve_gradient_spec* spec, Plan** out) {
  const odeon_solve_spec& s = *spec->solve;
  if (!s.fixed || s.dtype != ODEON_F64 || s.dense != ODEON_DENSE_HERMITE) return ODEON_E_UNSUPPORTED;
  const odeon_graph& g = *s.graph;
  const odeon_tableau& m = *s.tableau;
  *out = new Plan{{{g.nodes, g.nodes + g.n_nodes}, {g.outputs, g.outputs + g.n_outputs}},
                  m.stages,
                  {m.a, m.a + m.stages * m.stages},
                  {m.b, m.b + m.stages},
                  {m.c, m.c + m.stages}};
  return ODEON_OK;
}

// Steps between the points of the grid, with cubics in between.
odeon_status forward(Plan* plan, odeon_queue*, const odeon_step_settings*, const odeon_solve_run* r) {
  Interpreter<double> field(plan->field.view(), r->batch);
  const int64_t n = element_count(*r->y0);
  const size_t stages = size_t(plan->stages), size = size_t(n);
  std::vector<double> y(data<double>(*r->y0), data<double>(*r->y0) + n), y1(size), at(size), f1(size);
  std::vector<std::vector<double>> k(stages, std::vector<double>(size));
  const auto eval = [&](double t, std::vector<double>& x, std::vector<double>& dx) {
    odeon_tensor in = *r->y0, out = *r->y0;
    in.data = x.data(), out.data = dx.data();
    const int32_t mode = ODEON_WRITE_OVERWRITE;
    odeon_plan_args args{};
    args.struct_size = sizeof args;
    args.t = host_scalar(t);
    args.theta = r->theta;
    args.inputs = &in, args.n_inputs = 1;
    args.outputs = &out, args.modes = &mode, args.n_outputs = 1;
    field.run(args);
  };
  double* ys = data<double>(*r->ys);
  std::copy(y.begin(), y.end(), ys);
  int64_t next = 1;
  for (int64_t s = 0; s + 1 < r->n_grid; ++s) {
    const double t = r->grid[s], h = r->grid[s + 1] - t;
    const auto moved = [&](const double* w, size_t count, std::vector<double>& to) {
      to = y;
      for (size_t j = 0; j < count; ++j)
        for (size_t e = 0; e < size; ++e) to[e] += h * w[j] * k[j][e];
    };
    for (size_t i = 0; i < stages; ++i) {
      moved(&plan->a[i * stages], i, at);
      eval(t + plan->c[i] * h, at, k[i]);
    }
    moved(plan->b.data(), stages, y1);
    eval(t + h, y1, f1);
    for (; next < r->n_times && r->times[next] <= t + h; ++next) {
      const double x = (r->times[next] - t) / h;
      for (size_t e = 0; e < size; ++e)
        ys[size_t(next) * size + e] = y[e] + x * x * (3 - 2 * x) * (y1[e] - y[e]) +
                                      h * (x * (1 - x) * (1 - x) * k[0][e] + x * x * (x - 1) * f1[e]);
    }
    y = y1;
  }
  for (int64_t row = 0; row < r->batch; ++row) {
    r->results[row] = odeon_row_result{};
    r->results[row].accepted = r->n_grid - 1;
  }
  return ODEON_OK;
}

odeon_status backward(Plan*, odeon_queue*, odeon_solve_gradient_run* r) {
  const int64_t n = element_count(*r->gy0);
  for (int64_t e = 0; e < n; ++e) {
    double sum = 0;
    for (int64_t i = 0; i < r->solve->n_times; ++i) sum += data<double>(*r->gys)[i * n + e];
    data<double>(*r->gy0)[e] = sum;
  }
  if (r->gtimes) std::fill_n(r->gtimes, r->solve->n_times, 0.0);
  return ODEON_OK;
}

constexpr odeon_backend_solve_gradient_api kGradientApi{
    sizeof(odeon_backend_solve_gradient_api), 0,       compile_gradient,
    [](Plan* plan) { delete plan; },          forward, backward};
constexpr odeon_backend_graph_api kGraphApi = graph_table();

const void* get_ext(odeon_backend*, odeon_str id) {
  if (to_view(id) == ODEON_EXT_BACKEND_GRAPH) return &kGraphApi;
  return to_view(id) == ODEON_EXT_BACKEND_SOLVE_GRADIENT ? &kGradientApi : nullptr;
}

}  // namespace

SPECIMEN_BACKEND([](odeon_backend_api& api) { api.get_ext = get_ext; })
