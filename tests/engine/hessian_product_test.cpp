// Hessian-vector products: the derivative of the gradient along a direction, of the discrete program where
// the strategy is exact.
#include "experiment/hessian_product.hpp"

#include <odeon/gradient.h>

#include "data/error.hpp"
#include "experiment/fit.hpp"
#include "experiment_case.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;
using Numbers = std::vector<double>;

// Order four at this distance leaves 1e-12 of truncation and 1e-13 of rounding, times a fourth derivative.
constexpr double kDistance = 1e-3, kDifferences = 1e-9;
// Arithmetic in another order.
constexpr double kRoundOff = 1e-12;
// Stages of implicit methods solved to round-off, divided by kDistance.
constexpr double kImplicitDifferences = 1e-8;

const Json kInitial{{1.0, 0.7}, {0.5, 1.5}}, kAlong{{0.3, -1.0}, {0.8, 0.2}};
const Numbers kTheta{1.5, 1.0}, kThetaAlong{0.7, -0.4};

Json driven(const Json& solver, const Json& gradient = "direct", double at = 0) {
  Json initial = kInitial;
  for (size_t r = 0; r < 2; ++r)
    for (size_t i = 0; i < 2; ++i) initial[r][i] = double(kInitial[r][i]) + at * double(kAlong[r][i]);
  return {{"odeon", 1},
          {"task", "gradient"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"x", "y"}},
            {"parameters", {{"a", kTheta[0] + at * kThetaAlong[0]}, {"b", kTheta[1] + at * kThetaAlong[1]}}},
            {"derivatives", {{"x", "a*x - b*x*y + 0.1*sin(7*t)"}, {"y", "x*y - y*cos(t)"}}}}},
          {"initial", initial},
          {"times", {0.1, 0.43, 1.0, 1.9}},
          {"solver", solver},
          {"gradient", gradient}};
}

Json with_tangent(Json config, const Json& initial = kAlong, const Numbers& theta = kThetaAlong) {
  config["tangent"] = {{"initial", initial}, {"parameters", {{"a", theta[0]}, {"b", theta[1]}}}};
  return config;
}

Numbers numbers(const host::RunResult& r, const std::string& name) { return array_of(r, name).to_doubles(); }

// All of H v, or all of the gradient.
Numbers all_of(const host::RunResult& r, const std::string& prefix) {
  Numbers all;
  for (const char* part : {"_initial.npy", "_parameters.npy", "_times.npy"})
    for (double v : numbers(r, prefix + part)) all.push_back(v);
  return all;
}

// d/dε at 0 by central differences of order four.
template <class F>
Numbers differences(F f) {
  const Numbers ahead = f(kDistance), behind = f(-kDistance), far = f(2 * kDistance),
                farther = f(-2 * kDistance);
  Numbers out(ahead.size());
  for (size_t i = 0; i < out.size(); ++i)
    out[i] = (8 * (ahead[i] - behind[i]) - (far[i] - farther[i])) / (12 * kDistance);
  return out;
}

Json fixed_steps(const std::string& id) {
  return {{"plugin", id}, {"step_size", 0.07}, {"interpolation", "cubic"}};
}

// Gradients of `config` at its own beginning with the accepted steps of `steps_of`.
Numbers gradient_on_steps(const Json& config, const Json& steps_of) {
  const host::Experiment e = to_experiment(config, installed()), s = to_experiment(steps_of, installed());
  const auto computation = [](const host::Experiment& of, bool replays) {
    host::FittedParts parts = host::fit_parts(of);
    parts.solver.settings.replays = replays;
    auto c = std::make_unique<host::Computation>(host::open_backend(of, installed()), parts.field,
                                                 parts.solver, of.dtype, of.initial.shape[0]);
    c->set_parameters(host::starting_parameters(*parts.field, *of.field, of.dtype, of.seed).flat);
    return c;
  };
  const auto again = computation(e, true);
  again->replay(computation(s, false)->accepted(s.times, s.initial));
  again->differentiate(*e.gradient, e.times, e.initial, nullptr);
  Numbers all = again->grad_initial().to_doubles();
  for (const host::Array& part : {again->grad_parameters(), again->grad_times()})
    for (double v : part.to_doubles()) all.push_back(v);
  return all;
}

bool is_exact(const std::string& gradient) {
  return gradient_api(gradient).capabilities & ODEON_GRADIENT_DISCRETE_EXACT;
}

double dot(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TEST_CASE("H v equals differences of gradients for every solver with fixed steps, on every backend") {
  for (const char* backend : {"reference", "cpu"})
    for (const std::string& id :
         solver_ids_where([](const SolverTraits& s) { return s.fixed && !s.second_order; })) {
      CAPTURE(backend);
      CAPTURE(id);
      const auto at = [&](double epsilon) {
        Json config = driven(fixed_steps(id), "direct", epsilon);
        config["backend"] = backend;
        return config;
      };
      const Numbers expected = differences([&](double e) { return all_of(differentiate(at(e)), "grad"); });
      CHECK(difference(all_of(differentiate(with_tangent(at(0))), "hvp"), expected) <
            (traits_of(id).is_explicit ? kDifferences : kImplicitDifferences));
    }
}

TEST_CASE(
    "H v equals differences of gradients on the accepted steps for every solver that the host controls") {
  const auto wanted = [](const SolverTraits& s) { return s.controlled && s.fixed && !s.second_order; };
  for (const std::string& id : solver_ids_where(wanted)) {
    CAPTURE(id);
    const Json solver{{"plugin", id}, {"rtol", 1e-5}, {"atol", 1e-6}};
    const Numbers expected =
        differences([&](double e) { return gradient_on_steps(driven(solver, "direct", e), driven(solver)); });
    CHECK(difference(all_of(differentiate(with_tangent(driven(solver))), "hvp"), expected) <
          (traits_of(id).is_explicit ? kDifferences : kImplicitDifferences));
  }
}

TEST_CASE("methods for second-order systems keep their halves under a tangent") {
  for (const std::string& id : solver_ids_where([](const SolverTraits& s) { return s.second_order; })) {
    CAPTURE(id);
    const auto at = [&](double e) {
      return Json{
          {"odeon", 1},
          {"task", "gradient"},
          {"field",
           {{"plugin", "expression"},
            {"state", {"p", "q", "v", "w"}},
            {"parameters", {{"k", 1.3 + 0.5 * e}}},
            {"derivatives", {{"p", "v"}, {"q", "w"}, {"v", "-k*sin(p) + q*p"}, {"w", "-q*q - k*p"}}}}},
          {"initial", {{0.5, 0.2 + e, -0.3, 0.1}}},
          {"times", {0.0, 0.4, 1.0}},
          {"solver", {{"plugin", id}, {"step_size", 0.05}}},
          {"gradient", "direct"}};
    };
    Json config = at(0);
    config["tangent"] = {{"initial", {{0.0, 1.0, 0.0, 0.0}}}, {"parameters", {{"k", 0.5}}}};
    const auto h = differentiate(config);
    const auto gradient = [&](const char* what) {
      return differences([&](double e) { return numbers(differentiate(at(e)), what); });
    };
    CHECK(difference(numbers(h, "hvp_initial.npy"), gradient("grad_initial.npy")) < kDifferences);
    CHECK(difference(numbers(h, "hvp_parameters.npy"), gradient("grad_parameters.npy")) < kDifferences);
  }
}

TEST_CASE("exact strategies give the same H v") {
  const Json solver{{"plugin", "dopri5"}, {"rtol", 1e-6}};
  const auto direct = all_of(differentiate(with_tangent(driven(solver))), "hvp");
  for (const std::string& gradient : gradient_ids_for_tableaus()) {
    if (!is_exact(gradient)) continue;
    CAPTURE(gradient);
    CHECK(all_of(differentiate(with_tangent(driven(solver, gradient))), "hvp") == direct);
  }
}

TEST_CASE("continuous strategies give the H v of the flow, with solvers that choose their steps too") {
  const Json tight{{"plugin", "dopri8"}, {"rtol", 1e-12}, {"atol", 1e-12}};
  const auto exact = all_of(differentiate(with_tangent(driven(tight))), "hvp");
  for (const std::string& gradient : gradient_ids_for_tableaus()) {
    if (is_exact(gradient)) continue;
    for (const char* id : {"dopri8", "adams"}) {
      CAPTURE(gradient);
      CAPTURE(id);
      const Json solver{{"plugin", id}, {"rtol", 1e-10}, {"atol", 1e-10}};
      // Differences divide the solver's error by their step, 0.005.
      const double tolerance = gradient == "finite_difference" ? 1e-5 : 1e-7;
      CHECK(difference(all_of(differentiate(with_tangent(driven(solver, gradient))), "hvp"), exact) <
            tolerance);
    }
  }
}

TEST_CASE("the Hessian is symmetric to round-off") {
  const Json v = kAlong, u{{-0.5, 0.2}, {1.0, 0.4}};
  const Numbers v_theta = kThetaAlong, u_theta{-1.1, 0.6};
  const auto flat = [](const Json& initial, const Numbers& theta) {
    Numbers all;
    for (const Json& r : initial)
      for (double x : r) all.push_back(x);
    all.insert(all.end(), theta.begin(), theta.end());
    return all;
  };
  for (const Json& solver :
       {fixed_steps("rk4"), fixed_steps("gl4"), Json{{"plugin", "tsit5"}}, Json{{"plugin", "rodas5p"}},
        Json{{"plugin", "dopri5"}, {"stepping", "per_row"}}}) {
    CAPTURE(solver.dump());
    const auto product = [&](const Json& initial, const Numbers& theta) {
      const auto r = differentiate(with_tangent(driven(solver), initial, theta));
      Numbers all = numbers(r, "hvp_initial.npy");
      for (double x : numbers(r, "hvp_parameters.npy")) all.push_back(x);
      return all;
    };
    const double uHv = dot(flat(u, u_theta), product(v, v_theta)),
                 vHu = dot(flat(v, v_theta), product(u, u_theta));
    CHECK(uHv == doctest::Approx(vHu).epsilon(kRoundOff));
  }
}

TEST_CASE("a linear equation has its Hessian in closed form") {
  // y = y0 exp(a T), L = y(T): L'' = [[0, T e], [T e, y0 T^2 e]] with e = exp(a T).
  constexpr double kA = -0.6, kY0 = 1.7, kT = 1.5, kV = 0.8, kVa = -0.3;
  const Json config{{"odeon", 1},
                    {"task", "gradient"},
                    {"field",
                     {{"plugin", "expression"},
                      {"state", {"y"}},
                      {"parameters", {{"a", kA}}},
                      {"derivatives", {{"y", "a*y"}}}}},
                    {"initial", {{kY0}}},
                    {"times", {0.0, kT}},
                    {"solver", {{"plugin", "dopri8"}, {"step_size", 0.05}}},
                    {"loss", {{"cotangent", {{{0.0}}, {{1.0}}}}}},
                    {"gradient", "direct"},
                    {"tangent", {{"initial", {{kV}}}, {"parameters", {{"a", kVa}}}}}};
  const auto r = differentiate(config);
  constexpr double kSolverError = 1e-11;
  const double e = std::exp(kA * kT);
  CHECK(numbers(r, "hvp_initial.npy")[0] == doctest::Approx(kT * e * kVa).epsilon(kSolverError));
  CHECK(numbers(r, "hvp_parameters.npy")[0] ==
        doctest::Approx(kT * e * kV + kY0 * kT * kT * e * kVa).epsilon(kSolverError));
  CHECK(double(r.record["tangent"]["loss"]) ==
        doctest::Approx(e * kV + kY0 * kT * e * kVa).epsilon(kSolverError));
  CHECK(numbers(r, "tangent_states.npy")[1] ==
        doctest::Approx(e * kV + kY0 * kT * e * kVa).epsilon(kSolverError));
}

TEST_CASE("the tangent of the loss is the gradient's product with the direction") {
  const auto r = differentiate(with_tangent(driven({{"plugin", "dopri5"}})));
  const Numbers gy0 = numbers(r, "grad_initial.npy"), along{0.3, -1.0, 0.8, 0.2};
  const double expected = dot(gy0, along) + dot(parameter_gradients(r), kThetaAlong);
  CHECK(double(r.record["tangent"]["loss"]) == doctest::Approx(expected).epsilon(kRoundOff));
}

TEST_CASE("rows that step on their own have the H v that each has alone") {
  const Json solver{{"plugin", "bosh3"}, {"rtol", 1e-4}, {"stepping", "per_row"}};
  const auto both = differentiate(with_tangent(driven(solver)));
  Numbers of_rows, states, parameters{0, 0};
  for (size_t row = 0; row < 2; ++row) {
    Json config = driven(solver);
    config["initial"] = Json::array({kInitial[row]});
    const auto one = differentiate(with_tangent(config, Json::array({kAlong[row]})));
    for (double v : numbers(one, "hvp_initial.npy")) of_rows.push_back(v);
    for (size_t i = 0; i < 2; ++i) parameters[i] += numbers(one, "hvp_parameters.npy")[i];
  }
  CHECK(numbers(both, "hvp_initial.npy") == of_rows);
  CHECK(difference(numbers(both, "hvp_parameters.npy"), parameters) < kRoundOff);
}

TEST_CASE("several losses get the H v that each has alone, also per row") {
  const Json first{{{0.5, 1}, {2, 0}}, {{0, 1}, {-1, 0.3}}, {{1, 0}, {0, 2}}, {{1, 1}, {1, 0}}},
      second{{{0, 0}, {0, 0}}, {{0.1, -1}, {1, 4}}, {{-0.7, 2}, {1, 1}}, {{0, 0}, {2, -1}}};
  for (const char* stepping : {"joint", "per_row"}) {
    CAPTURE(stepping);
    const auto of = [&](const Json& cotangent) {
      Json config = with_tangent(driven({{"plugin", "tsit5"}, {"stepping", stepping}}));
      config["loss"] = {{"cotangent", cotangent}};
      return differentiate(config);
    };
    const auto both = of({first, second}), a = of(first), b = of(second);
    for (const char* what : {"hvp_initial.npy", "hvp_parameters.npy", "hvp_times.npy"}) {
      CAPTURE(what);
      Numbers each = numbers(a, what);
      for (double v : numbers(b, what)) each.push_back(v);
      CHECK(numbers(both, what) == each);
    }
    CHECK(both.record["tangent"]["loss"] == Json({a.record["tangent"]["loss"], b.record["tangent"]["loss"]}));
  }
}

TEST_CASE("a loss that is not linear gets its H v by the tangent of its cotangents") {
  // L = Σ y^2 / 2: the cotangents are the states, and their tangents are the tangents of the states.
  const auto cotangents = [](const host::RunResult& r, const char* of) {
    const Numbers y = numbers(r, of);
    Json all = Json::array();
    for (size_t t = 0; t < 4; ++t) all.push_back({{y[4 * t], y[4 * t + 1]}, {y[4 * t + 2], y[4 * t + 3]}});
    return all;
  };
  const auto with_loss = [&](double e) {
    Json config = driven(fixed_steps("rk4"), "direct", e);
    config["loss"] = {{"cotangent", cotangents(differentiate(config), "states.npy")}};
    return config;
  };
  Json config = with_tangent(with_loss(0));
  config["tangent"]["cotangent"] = cotangents(differentiate(config), "tangent_states.npy");
  const Numbers expected = differences([&](double e) { return all_of(differentiate(with_loss(e)), "grad"); });
  CHECK(difference(all_of(differentiate(config), "hvp"), expected) < kDifferences);
}

TEST_CASE("a network's H v comes by the names of its weights") {
  Json config{
      {"odeon", 1},
      {"task", "gradient"},
      {"seed", 3},
      {"field",
       {{"plugin", "neural"}, {"network", {{{"power", 3}}, {{"linear", 5}}, "tanh", {{"linear", 2}}}}}},
      {"initial", {{1.0, 0.3}, {-0.4, 0.8}}},
      {"times", {0.0, 1.0}},
      {"solver", {{"plugin", "rk4"}, {"step_size", 0.1}}},
      {"gradient", "direct"}};
  const Json bias{0.1, 0.3, -0.2, 0.5, -0.7};
  config["tangent"] = {{"parameters", {{"1.bias", bias}}}};
  const auto h = differentiate(config);
  config["tangent"] = {{"initial", {{0.0, 1.0}, {0.0, 0.0}}}};
  const auto u = differentiate(config);
  const auto products = [](const host::RunResult& r, const std::string& name) {
    for (const auto& [file, arrays] : r.tensors)
      if (file == "hvp_parameters.safetensors")
        for (const host::NamedArray& a : arrays)
          if (a.name == name) return a.array.to_doubles();
    return Numbers{};
  };
  const Numbers of_bias = products(u, "1.bias");
  REQUIRE(of_bias.size() == bias.size());
  CHECK(dot(of_bias, bias) == doctest::Approx(numbers(h, "hvp_initial.npy")[1]).epsilon(kRoundOff));
}

TEST_CASE("the Hessian of a convolutional field with group statistics is symmetric") {
  const auto product = [](const std::vector<double>& v) {
    const auto image = [](const std::vector<double>& x) {
      Json out = Json::array();
      for (size_t i = 0; i < 2; ++i)
        out.push_back({{x[8 * i], x[8 * i + 1], x[8 * i + 2], x[8 * i + 3]},
                       {x[8 * i + 4], x[8 * i + 5], x[8 * i + 6], x[8 * i + 7]}});
      return Json::array({out});
    };
    Numbers y0;
    for (size_t i = 0; i < v.size(); ++i) y0.push_back(std::sin(1.0 + 3.0 * double(i)));
    const Json config{
        {"odeon", 1},
        {"task", "gradient"},
        {"seed", 5},
        {"field",
         {{"plugin", "neural"},
          {"time", "concat"},
          {"network",
           {{{"group_norm", 1}}, "tanh", {{"conv2d", {{"channels", 2}, {"kernel", 3}, {"padding", 1}}}}}}}},
        {"initial", image(y0)},
        {"times", {0.0, 1.0}},
        {"solver", {{"plugin", "rk4"}, {"step_size", 0.25}}},
        {"gradient", "direct"},
        {"tangent", {{"initial", image(v)}}}};
    return numbers(differentiate(config), "hvp_initial.npy");
  };
  Numbers u, v;
  for (size_t i = 0; i < 16; ++i) u.push_back(std::cos(double(i))), v.push_back(std::sin(2.0 * double(i)));
  const double uHv = dot(u, product(v)), vHu = dot(v, product(u));
  CHECK(std::abs(uHv) > 1e-3);
  CHECK(uHv == doctest::Approx(vHu).epsilon(kRoundOff));
}

TEST_CASE("float32 gives H v to its own round-off") {
  Json config = with_tangent(driven(fixed_steps("rk4")));
  const auto exact = all_of(differentiate(config), "hvp");
  config["precision"] = "float32";
  constexpr double kSingle = 1e-5;
  CHECK(difference(all_of(differentiate(config), "hvp"), exact) < kSingle);
}

TEST_CASE("solvers that choose their steps are refused for exact products, with the remedy") {
  const std::string text = gradient_refusal(with_tangent(driven("adams")));
  CHECK(text.find("capability: given steps") != std::string::npos);
  CHECK(text.find("use gradient adjoint") != std::string::npos);
}
