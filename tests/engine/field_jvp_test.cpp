// The engine's field_jvp and its other θ for one solve, called as a gradient strategy calls them.
#include "experiment_case.hpp"
#include "loader/slot_call.hpp"
#include "prepared_problem.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

Json experiment(const char* backend, double a = 1.5) {
  return {{"odeon", 1},
          {"task", "solve"},
          {"backend", backend},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "y"}},
            {"parameters", {{"a", a}, {"b", 0.7}}},
            {"derivatives", {{"x", "a*x - b*x*y + sin(t)"}, {"y", "x*y*t - a*y"}}}}},
          {"initial", {{1.0, 0.7}, {0.5, 1.5}}},
          {"times", {0.0, 1.0}},
          {"solver", {{"plugin", "rk4"}, {"step_size", 0.1}}}};
}

struct Case {
  PreparedProblem p;
  std::shared_ptr<host::Backend> backend = p.backend;

  explicit Case(const Json& config) : p(to_experiment(config, installed()), installed()) {}

  host::DeviceTensor upload(const std::vector<double>& values, std::vector<int64_t> shape) {
    host::DeviceTensor x(backend, ODEON_F64, shape);
    backend->upload(x.view.data, values.data(), byte_count(x.view));
    return x;
  }
  std::vector<double> read(const host::DeviceTensor& x) {
    std::vector<double> values(static_cast<size_t>(element_count(x.view)));
    backend->download(values.data(), x.view.data, byte_count(x.view));
    return values;
  }
  std::vector<double> jvp(double t, const std::vector<double>* u, const std::vector<double>* theta_dot,
                          double t_dot) {
    const host::DeviceTensor y = upload({1.0, 0.7, 0.5, 1.5}, {2, 2}), out = upload({9, 9, 9, 9}, {2, 2});
    const host::DeviceTensor u_ = u ? upload(*u, {2, 2}) : host::DeviceTensor(),
                             theta_ = theta_dot ? upload(*theta_dot, {2}) : host::DeviceTensor();
    odeon_jvp_args a{};
    a.struct_size = sizeof a;
    a.t = host_scalar(t);
    a.y = &y.view;
    a.u = u ? &u_.view : nullptr;
    a.theta_dot = theta_dot ? &theta_.view : nullptr;
    a.t_dot = t_dot;
    a.Ju = &out.view;
    host::check_call(host::engine_table().field_jvp(p.problem.get(), &a), "field_jvp");
    return read(out);
  }
  std::vector<double> solve(const odeon_tensor* theta) {
    const std::vector<double> times{0, 1};
    const host::DeviceTensor last = upload({0, 0, 0, 0}, {2, 2});
    odeon_solve_args a{};
    a.struct_size = sizeof a;
    a.y0 = &p.y0.view;
    a.times = times.data();
    a.n_times = 2;
    a.y_last = &last.view;
    a.theta = theta;
    host::check_call(host::engine_table().solve(p.problem.get(), &a), "solve");
    return read(last);
  }
};

}  // namespace

TEST_CASE("field_jvp is the derivative along state, parameters and time, each of which may be left out") {
  const std::vector<double> u{0.3, -0.2, 0.9, 0.4}, theta_dot{0.6, -1.1};
  const double t = 0.4, t_dot = 1.7, a = 1.5, b = 0.7;
  for (const char* backend : {"reference", "cpu"}) {
    Case c(experiment(backend));
    for (int wanted = 0; wanted < 8; ++wanted) {
      CAPTURE(backend);
      CAPTURE(wanted);
      const bool state = wanted & 1, theta = wanted & 2, time = wanted & 4;
      std::vector<double> expected;
      for (const auto& [x, y, ux, uy] : {std::array{1.0, 0.7, u[0], u[1]}, {0.5, 1.5, u[2], u[3]}}) {
        double dx = 0, dy = 0;
        if (state) dx += (a - b * y) * ux - b * x * uy, dy += y * t * ux + (x * t - a) * uy;
        if (theta) dx += x * theta_dot[0] - x * y * theta_dot[1], dy += -y * theta_dot[0];
        if (time) dx += std::cos(t) * t_dot, dy += x * y * t_dot;
        expected.insert(expected.end(), {dx, dy});
      }
      const std::vector<double> found =
          c.jvp(t, state ? &u : nullptr, theta ? &theta_dot : nullptr, time ? t_dot : 0);
      for (size_t i = 0; i < 4; ++i) CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-13));
    }
    CHECK(c.p.problem->counters->jvps == 8);
  }
}

TEST_CASE("another θ for one solve gives the bits of a problem that has it, and is forgotten behind it") {
  for (const char* stepping : {"joint", "per_row"}) {
    CAPTURE(stepping);
    Json own = experiment("cpu"), other = experiment("cpu", 1.1);
    own["solver"]["stepping"] = other["solver"]["stepping"] = stepping;
    Case c(own), d(other);
    const host::DeviceTensor theta = c.upload({1.1, 0.7}, {2});
    const std::vector<double> before = c.solve(nullptr);
    CHECK(c.solve(&theta.view) == d.solve(nullptr));
    CHECK(d.solve(nullptr) != before);
    CHECK(c.solve(nullptr) == before);
  }
}

TEST_CASE("another θ of a wrong length is refused") {
  Case c(experiment("cpu"));
  const host::DeviceTensor theta = c.upload({1.1, 0.7, 0.3}, {3});
  CHECK_THROWS_WITH(c.solve(&theta.view), doctest::Contains("have 3 elements, but the field has 2"));
}
