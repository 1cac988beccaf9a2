// What the discrete reverse of whole solves keeps, and what it refuses, through the engine's table and the
// backend's.
#include "autodiff/vjp.hpp"
#include "gradient_passes.hpp"
#include "loader/host_table.hpp"
#include "solve/tape.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

const double kRoundOff = on_gpu(1e-13);
constexpr int64_t kRows = 40;

Json config_of(const Json& solver, const Json& backend = gpu()) {
  Json initial = Json::array();
  for (int64_t r = 0; r < kRows; ++r) initial.push_back({0.3 + 0.17 * double(r), 0.5 - 0.01 * double(r)});
  return {{"odeon", 1},
          {"task", "gradient"},
          {"backend", backend},
          {"gradient", "direct"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"w", "y"}},
            {"parameters", {{"a", 0.7}}},
            {"derivatives", {{"w", "-0.1*a*w"}, {"y", "a*cos(w*t) - 0.2*y*t"}}}}},
          {"initial", initial},
          {"times", {0.0, 0.3, 0.31, 1.0, 2.5}},
          {"solver", solver}};
}
const Json kAdaptive{{"plugin", "dopri5"}, {"rtol", 1e-9}, {"atol", 1e-11}, {"stepping", "per_row"}};
const Json kFixed{{"plugin", "rk4"}, {"step_size", 0.02}};

}  // namespace

TEST_CASE("rows in parts, and states computed again, give the same gradient in less memory") {
  for (const auto& [solver, form] :
       {std::pair(kAdaptive, "thread"), {kFixed, "thread"}, {kAdaptive, "block"}, {kFixed, "block"}}) {
    CAPTURE(form);
    GradientPasses whole(config_of(solver, gpu_rows(form)));
    REQUIRE(whole.solve() == ODEON_OK);
    REQUIRE(whole.reverse() == ODEON_OK);
    const std::vector<double> expected = whole.all();
    const int64_t most = whole.p.tape->peak;
    CHECK(most > 0);
    for (const int64_t limit : {most / 2, most / 9, int64_t{1}}) {
      CAPTURE(limit);
      GradientPasses c(config_of(solver, gpu_rows(form)));
      c.args.tape_limit = limit;
      REQUIRE(c.solve() == ODEON_OK);
      REQUIRE(c.reverse() == ODEON_OK);
      CHECK(difference(c.all(), expected) <= kRoundOff);
      CHECK(c.p.tape->peak < most);
      if (limit > 1) CHECK(c.p.tape->peak <= limit);
    }
    GradientPasses few(config_of(solver, gpu_rows(form)));
    few.args.most_states = 30;
    REQUIRE(few.solve() == ODEON_OK);
    REQUIRE(few.reverse() == ODEON_OK);
    CHECK(difference(few.all(), expected) <= kRoundOff);
    CHECK(few.p.tape->peak < most);
    few.args.most_states = 3;
    CHECK(few.solve() == ODEON_E_UNSUPPORTED);
  }
}

TEST_CASE("the reverse may be asked for several times, and gives the same bits") {
  for (const char* form : {"thread", "block"}) {
    GradientPasses c(config_of(kAdaptive, gpu_rows(form)));
    REQUIRE(c.solve() == ODEON_OK);
    REQUIRE(c.reverse() == ODEON_OK);
    const std::vector<double> once = c.all();
    REQUIRE(c.reverse() == ODEON_OK);
    CHECK(c.all() == once);
  }
}

TEST_CASE("another initial state behind the solve is refused, not differentiated") {
  GradientPasses c(config_of(kAdaptive));
  REQUIRE(c.solve() == ODEON_OK);
  c.p.backend->fill(c.prepared.y0.view, 7);
  CHECK(c.reverse() < 0);
  CHECK(host::take_error_text().find("other steps than before") != std::string::npos);
}

TEST_CASE("a tape's parts cover the batch within their limits") {
  const cuda::TapeSizes sizes{24, 16, 40};
  std::vector<int64_t> steps(50000);
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = 20 + int64_t(i * 7919 % 300);
  for (const int64_t limit :
       {int64_t{1} << 40, int64_t{1} << 28, int64_t{1} << 22, int64_t{60000}, int64_t{1}}) {
    CAPTURE(limit);
    int64_t next = 0;
    for (const cuda::TapePart& part : cuda::tape_parts(steps, sizes, {limit, 0})) {
      CHECK(part.first == next);
      REQUIRE(part.rows > 0);
      next += part.rows;
      CHECK((part.bytes(sizes) <= limit || part.rows == 1));
      for (int64_t row = part.first; row < next; ++row) REQUIRE(steps[size_t(row)] <= part.steps);
    }
    CHECK(next == int64_t(steps.size()));
  }
  CHECK(cuda::tape_parts(steps, sizes, {int64_t{1} << 40, 0}).size() == 1);
  CHECK(cuda::tape_parts({}, sizes, {1, 0}).empty());
  for (const cuda::TapePart& part : cuda::tape_parts(steps, sizes, {int64_t{1} << 40, 40}))
    CHECK(part.states() + part.between() <= 40);
  CHECK_THROWS_WITH(
      cuda::tape_parts(steps, sizes, {int64_t{1} << 40, 10}),
      "a row of 319 steps cannot be differentiated with 10 of its states in memory; allow more");
}

TEST_CASE("a solve without rows has a gradient without rows, and a gradient of another length is refused") {
  const GradientPasses c(config_of(kFixed));
  const odeon_backend_solve_gradient_api& api = *c.p.backend->solve_gradient_api();
  const Graph& field = *c.prepared.field->graph();
  host::VjpGraph vjp = host::make_vjp(field, {true, true, true, true});
  const std::vector<int32_t> o = vjp.graph.outputs;  // f, by y, by theta, by t
  vjp.graph.outputs = {o[0], o[1], o[3], o[2]};
  const odeon_graph graph = field.view(), products = vjp.graph.view();
  const odeon_solve_spec solve_spec{sizeof solve_spec,
                                    ODEON_F64,
                                    &graph,
                                    c.p.solver.method->tableau(),
                                    ODEON_DENSE_LINEAR,
                                    ODEON_NORM_RMS,
                                    1,
                                    0,
                                    0};
  const int64_t offset = 0;
  const odeon_solve_gradient_spec spec{
      sizeof spec, ODEON_SOLVE_GRADIENT_DIRECT, &solve_spec, &products, &offset, 1, 1, nullptr};
  odeon_solve_gradient_plan* plan = nullptr;
  REQUIRE(api.compile(c.p.backend->handle(), &spec, &plan) == ODEON_OK);
  odeon_solve_run solve{};
  solve.struct_size = sizeof solve;
  solve.times = c.args.times, solve.n_times = c.n;
  CHECK(api.forward(plan, c.p.backend->queue(), nullptr, &solve) == ODEON_OK);
  odeon_solve_gradient_run run{};
  run.struct_size = sizeof run;
  run.solve = &solve;
  std::vector<double> gtimes(size_t(c.n), 1.0);
  run.gtimes = gtimes.data();
  run.products = -1;
  CHECK(api.backward(plan, c.p.backend->queue(), &run) == ODEON_OK);
  CHECK(gtimes == std::vector<double>(size_t(c.n), 0.0));
  CHECK(run.products == 0);
  run.gtheta = &c.gys.view;
  CHECK(api.backward(plan, c.p.backend->queue(), &run) == ODEON_E_INVALID);
  CHECK(host::take_error_text().find("gtheta has 400 elements, theta 1") != std::string::npos);
  api.destroy(plan);
}
