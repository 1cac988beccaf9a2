#include "engine/rows.hpp"

#include "data/error.hpp"
#include "engine/backend_solve.hpp"
#include "engine/explicit_rows.hpp"
#include "engine/failure.hpp"
#include "engine/stepper.hpp"

namespace odeon::host {

odeon_problem& row_problem(odeon_problem& p) {
  if (!p.row) {
    SolverChoice solver = p.solver;
    solver.settings.stepping = Stepping::joint;
    p.row = std::make_unique<odeon_problem>(p.backend, p.shared_field, std::move(solver), p.dtype, 1,
                                            p.added_events);
  }
  p.row->theta = p.theta;
  p.row->counters = p.counters;
  p.row->tape = p.tape;
  p.row->dense = p.dense;
  return *p.row;
}

odeon_tensor row_of(const odeon_tensor& batch, int64_t r) {
  odeon_tensor one = batch;
  one.shape[0] = 1;
  one.data = static_cast<char*>(batch.data) + r * byte_count(one);
  return one;
}

void gather_row(odeon_problem& p, const odeon_tensor& all, int64_t r, const odeon_tensor& row) {
  for (int64_t t = 0; t < all.shape[0]; ++t)
    p.backend->copy(odeon::row(row, t), row_of(odeon::row(all, t), r));
}

void scatter_row(odeon_problem& p, const odeon_tensor& row, int64_t r, const odeon_tensor& all) {
  for (int64_t t = 0; t < all.shape[0]; ++t)
    p.backend->copy(row_of(odeon::row(all, t), r), odeon::row(row, t));
}

void append_log(EventLog& all, const EventLog& of_row, int64_t r) {
  for (EventRecord record : of_row.records) {
    record.row = r;
    all.records.push_back(std::move(record));
  }
  all.ended_by.insert(all.ended_by.end(), of_row.ended_by.begin(), of_row.ended_by.end());
}

void integrate_rows(odeon_problem& p, const odeon_solve_args& args) {
  p.event_log = {};
  if (args.on_step || args.quadrature || args.dense)
    throw RunError(
        "steps per row cannot be observed for the whole batch; this is a bug of the gradient strategy");
  if (suits_explicit_rows(p) && !p.dense) {
    if (BackendSolve* solve = args.n_times > 1 ? backend_solve(p) : nullptr) {
      solve->run(p, args);
      return;
    }
    if (!p.row_vectors) p.row_vectors = std::make_unique<RowVectors>(p);
    return integrate_explicit_rows(p, *p.row_vectors, args);
  }
  odeon_problem& row = row_problem(p);
  odeon_solve_args one = args;
  DeviceTensor ys;
  if (args.ys) {
    odeon_tensor shape = *args.ys;
    shape.shape[1] = 1;
    ys = DeviceTensor::like(p.backend, shape);
    one.ys = &ys.view;
  }
  std::vector<Failure> failures;
  for (int64_t r = 0; r < p.batch; ++r) {
    const odeon_tensor y0 = row_of(*args.y0, r),
                       last = args.y_last ? row_of(*args.y_last, r) : odeon_tensor{};
    one.y0 = &y0;
    one.y_last = args.y_last ? &last : nullptr;
    if (args.ys) gather_row(p, *args.ys, r, ys.view);  // what stands there stays where a failure ends the row
    try {
      integrate(row, one);
    } catch (const SolveFailed& e) {
      failures.push_back(e.failure());
      failures.back().row = r;
    }
    if (args.ys) scatter_row(p, ys.view, r, *args.ys);
    append_log(p.event_log, row.event_log, r);
  }
  if (!failures.empty()) throw SolveFailed(std::move(failures), p.batch);
}

}  // namespace odeon::host
