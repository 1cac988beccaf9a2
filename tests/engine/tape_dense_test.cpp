// A solution kept in tape memory (odeon_solve_args.dense): what requested times get, for every solver,
// derived problems too, in both directions and precisions.
#include <cstring>

#include "data/error.hpp"
#include "experiment_case.hpp"
#include "prepared_problem.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// Two parts that solve the same, coupled only by the linear algebra of a method.
constexpr double kSameParts = 1e-10;
// Two evaluations of one polynomial.
constexpr double kSamePolynomial = 1e-12, kSamePolynomialSingle = 1e-5;

Json experiment(const Json& solver, std::vector<double> times, const std::string& precision = "float64") {
  return {{"odeon", 1},
          {"task", "solve"},
          {"backend", "cpu"},
          {"precision", precision},
          {"field",
           {{"plugin", "expression"},
            {"state", {"q", "v"}},
            {"parameters", {{"k", 1.3}}},
            {"derivatives", {{"q", "v"}, {"v", "-k*q - 0.1*v + cos(t)"}}}}},
          {"initial", {{1.0, 0.2}, {-0.5, 0.4}}},
          {"times", times},
          {"solver", solver}};
}

// cvode comes only with SUNDIALS.
std::vector<std::string> with_cvode(std::vector<std::string> ids) {
  if (installed().find(ODEON_KIND_SOLVER, "cvode")) ids.push_back("cvode");
  return ids;
}

// A problem, and what one solve of it left.
struct Kept {
  PreparedProblem p;
  host::TapeMeter tape;
  odeon_dense* dense = nullptr;
  const odeon_engine_api& api = host::engine_table();

  explicit Kept(const Json& config) : p(to_experiment(config, installed()), installed()) {
    p.problem->tape = &tape;
  }
  ~Kept() { drop(); }
  void drop() {
    if (dense) api.dense_destroy(dense);
    dense = nullptr;
  }
  void solve(odeon_problem* problem, const odeon_tensor& y0, const std::vector<double>& times,
             const odeon_tensor* quadrature = nullptr, const odeon_tensor* ys = nullptr) {
    odeon_solve_args a{};
    a.struct_size = sizeof a;
    a.y0 = &y0;
    a.times = times.data();
    a.n_times = static_cast<int64_t>(times.size());
    a.quadrature = quadrature;
    a.ys = ys;
    a.dense = &dense;
    REQUIRE(api.solve(problem, &a) == ODEON_OK);
  }
  std::vector<double> at(double t, int64_t parts = 1) {
    std::vector<int64_t> shape = p.problem->state_shape;
    if (parts > 1) shape.insert(shape.begin(), parts);
    host::DeviceTensor out(p.backend, p.problem->dtype, shape);
    REQUIRE(api.dense_eval(dense, t, &out.view) == ODEON_OK);
    host::Array host = host::Array::zeros(p.problem->dtype, shape);
    p.backend->download(host.bytes.data(), out.view.data, byte_count(out.view));
    return host.to_doubles();
  }
};

std::vector<double> even_times(double from, double to, int n) {
  std::vector<double> times;
  for (int i = 0; i <= n; ++i) times.push_back(i == n ? to : from + (to - from) * i / n);
  return times;
}

void check_same_as_requested(const Json& solver, double from, double to, const char* precision,
                             double bound) {
  const std::vector<double> times = even_times(from, to, 17);
  const std::vector<double> requested = states_of(odeon::test::solve(experiment(solver, times, precision)));
  Kept kept(experiment(solver, {from, to}, precision));
  kept.solve(kept.p.problem.get(), kept.p.y0.view, {from, to});
  std::vector<double> found;
  for (double t : times)
    for (double v : kept.at(t)) found.push_back(v);
  CHECK(difference(found, requested) < bound);
}

Json settings(const std::string& id) {
  if (traits_of(id).controlled) return {{"plugin", id}, {"rtol", 1e-6}, {"atol", 1e-8}};
  return {{"plugin", id}, {"step_size", 0.125}, {"interpolation", "cubic"}};
}

}  // namespace

TEST_CASE("a solution on the tape has the states that a solve for these times has") {
  for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return !s.second_order; })) {
    const odeon_tableau* tableau = solver_api(id).tableau;
    if (!tableau) continue;  // by code, the polynomial's degree varies: see the next case
    if (!traits_of(id).controlled && tableau->dense) continue;  // requested times get less with fixed steps
    CAPTURE(id);
    check_same_as_requested(settings(id), 0, 2, "float64", kSamePolynomial);
  }
  for (const double to : {2.0, -2.0})
    for (const std::string id : {"dopri5", "tsit5", "rk4", "radau_iia5"}) {
      CAPTURE(id);
      check_same_as_requested(settings(id), 0, to, "float64", kSamePolynomial);
      Json loose = settings(id);
      if (traits_of(id).controlled) loose["rtol"] = 1e-4, loose["atol"] = 1e-4;
      check_same_as_requested(loose, 0, to, "float32", kSamePolynomialSingle);
    }
}

TEST_CASE("a solver by code leaves a solution as good as its tolerance on the tape") {
  Json fine = settings("dopri8");
  fine["rtol"] = fine["atol"] = 1e-12;
  const std::vector<double> times = even_times(0, 2, 17),
                            truth = states_of(odeon::test::solve(experiment(fine, times)));
  for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return !s.second_order; })) {
    if (solver_api(id).tableau) continue;
    CAPTURE(id);
    Kept kept(experiment(settings(id), {0, 2}));
    kept.solve(kept.p.problem.get(), kept.p.y0.view, {0, 2});
    std::vector<double> found;
    for (double t : times)
      for (double v : kept.at(t)) found.push_back(v);
    // Errors of steps add up, and weak methods with fixed steps are here too.
    CHECK(difference(found, truth) < (traits_of(id).controlled ? 1e-3 : 3e-2));
  }
}

TEST_CASE("fixed steps that answer with straight lines still keep the method's own polynomial") {
  const Json lines{{"plugin", "dopri5"}, {"step_size", 0.25}};
  Json fine{{"plugin", "dopri8"}, {"rtol", 1e-12}, {"atol", 1e-12}};
  Kept kept(experiment(lines, {0, 2}));
  kept.solve(kept.p.problem.get(), kept.p.y0.view, {0, 2});
  const auto truth = states_of(odeon::test::solve(experiment(fine, {0, 0.625, 2})));
  CHECK(difference(kept.at(0.625), {truth.begin() + 4, truth.begin() + 8}) < 1e-4);  // a line: 1e-2
}

TEST_CASE("the ends of a solution on the tape are the first and the last time") {
  for (const std::string& id : with_cvode({"dopri5", "rk4", "radau_iia5", "adams"})) {
    CAPTURE(id);
    Kept kept(experiment(settings(id), {0, 2}));
    kept.solve(kept.p.problem.get(), kept.p.y0.view, {0, 2});
    const double* times = nullptr;
    int64_t n = 0;
    REQUIRE(kept.api.dense_times(kept.dense, &times, &n) == ODEON_OK);
    REQUIRE(n >= 2);
    CHECK(times[0] == 0);
    CHECK(times[n - 1] == 2);
    for (int64_t i = 1; i < n; ++i) CHECK(times[i] > times[i - 1]);
  }
}

TEST_CASE("a solution on the tape counts its bytes there and gives them back") {
  constexpr int kSteps = 40, kHermite = 3, kStateBytes = 2 * 2 * 8;
  Kept kept(experiment({{"plugin", "rk4"}, {"step_size", 2.0 / kSteps}}, {0, 2}));
  kept.solve(kept.p.problem.get(), kept.p.y0.view, {0, 2});
  const int64_t needed = (kSteps * kHermite + 1) * kStateBytes;
  CHECK(kept.tape.now >= needed);
  CHECK(kept.tape.now <= needed + needed / 8 + kHermite * kStateBytes);  // of the last buffer's free part
  kept.drop();
  CHECK(kept.tape.now == 0);
}

TEST_CASE("the states and the quadrature of a derived solve are the same with and without a solution kept") {
  struct Doubled {  // [y, 2 y] with q = the first element
    const odeon_engine_api* api;
    odeon_problem* base;
    host::Backend* backend;
    static odeon_status eval(void* user, odeon_scalar t, const odeon_tensor* y, const odeon_tensor* dy,
                             const odeon_tensor* q) {
      auto& s = *static_cast<Doubled*>(user);
      for (int64_t part = 0; part < 2; ++part) {
        const odeon_tensor from = row(*y, part), to = row(*dy, part);
        if (s.api->field_eval(s.base, t, &from, &to) != ODEON_OK) return ODEON_E_INTERNAL;
      }
      if (q) s.backend->copy(*q, make_tensor(y->data, q->dtype, {1}));
      return ODEON_OK;
    }
  };
  for (const std::string& id : with_cvode({"dopri5", "rk4", "heun2", "radau_iia5", "adams"}))
    for (const double to : {2.0, -1.0}) {
      CAPTURE(id);
      CAPTURE(to);
      Json lines = settings(id);
      lines.erase("interpolation");
      Kept kept(experiment(lines, {0, to}));
      Doubled doubled{&kept.api, kept.p.problem.get(), kept.p.backend.get()};
      odeon_derived_field field{};
      field.struct_size = sizeof field;
      field.parts = 2;
      field.quadratures = 1;
      field.eval = Doubled::eval;
      field.user = &doubled;
      odeon_derive_args derive{};
      derive.struct_size = sizeof derive;
      derive.field = &field;
      derive.rtol = derive.atol = std::nan("");
      derive.ends_exactly = 1;
      odeon_problem* derived = nullptr;
      REQUIRE(kept.api.derive(kept.p.problem.get(), &derive, &derived) == ODEON_OK);
      host::DeviceTensor y0(kept.p.backend, ODEON_F64, derived->state_shape),
          ys(kept.p.backend, ODEON_F64, std::vector<int64_t>{2, 2, 2, 2}),
          q(kept.p.backend, ODEON_F64, std::vector<int64_t>{1});
      for (int64_t part = 0; part < 2; ++part) kept.p.backend->copy(row(y0.view, part), kept.p.y0.view);
      const auto numbers = [&](const host::DeviceTensor& x) {
        std::vector<double> out(size_t(element_count(x.view)));
        kept.p.backend->download(out.data(), x.view.data, byte_count(x.view));
        return out;
      };
      kept.p.backend->fill(q.view, 0);
      kept.solve(derived, y0.view, {0, to}, &q.view, &ys.view);
      const auto states = numbers(ys), integral = numbers(q), end = kept.at(to, 2);
      CHECK(difference(end, {states.begin() + 8, states.end()}) < kSamePolynomial);
      const std::vector<double> middle = kept.at(to / 2, 2);
      CHECK(difference({middle.begin(), middle.begin() + 4}, {middle.begin() + 4, middle.end()}) <
            kSameParts);
      kept.drop();
      kept.p.backend->fill(q.view, 0);
      odeon_solve_args plain{};
      plain.struct_size = sizeof plain;
      const double times[] = {0, to};
      plain.y0 = &y0.view, plain.times = times, plain.n_times = 2;
      plain.quadrature = &q.view, plain.ys = &ys.view;
      REQUIRE(kept.api.solve(derived, &plain) == ODEON_OK);
      CHECK(difference(states, numbers(ys)) < kSamePolynomial);
      CHECK(difference(integral, numbers(q)) < kSamePolynomial);
      kept.api.problem_destroy(derived);
    }
}

TEST_CASE("a caller that does not know dense solutions yet is served") {
  Kept kept(experiment(settings("dopri5"), {0, 1}));
  odeon_solve_args a;
  std::memset(&a, 0xff, sizeof a);  // what lies behind an older caller's struct is not ours
  const double times[] = {0, 1};
  host::DeviceTensor last(kept.p.backend, ODEON_F64, kept.p.problem->state_shape);
  a.struct_size = offsetof(odeon_solve_args, theta);
  a.y0 = &kept.p.y0.view;
  a.times = times, a.n_times = 2;
  a.ys = nullptr, a.quadrature = nullptr, a.on_step = nullptr;
  a.y_last = &last.view;
  CHECK(kept.api.solve(kept.p.problem.get(), &a) == ODEON_OK);
}
