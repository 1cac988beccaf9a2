// Events that a field brings (ext/events.h), and events of a solver that takes its steps by code.
#include <odeon/ext/events.h>

#include <odeon/sdk/step_solver.hpp>

#include "data/error.hpp"
#include "engine/event_case.hpp"
#include "prepared_problem.hpp"

namespace {

using namespace odeon;
using namespace odeon::test;

// A ball between a floor that reflects it with the parameter `restitution` and a height at which it is
// caught.
namespace ball {

constexpr double kGravity = 2, kCeiling = 3;

odeon_event event(odeon_str name, int32_t direction, bool terminal, bool resets) {
  odeon_event e{};
  e.struct_size = sizeof e;
  e.direction = direction;
  e.name = name;
  e.terminal = terminal;
  e.resets = resets;
  return e;
}
const odeon_event kFloor = event(str("bounce"), ODEON_EVENT_FALLING, false, true),
                  kHeight = event(str("caught"), ODEON_EVENT_RISING, true, false);
const odeon_event* const kEvents[] = {&kFloor, &kHeight};

odeon_status evaluate(odeon_field*, const odeon_event_point* p, double* values) {
  values[0] = data<double>(*p->y)[0];
  values[1] = data<double>(*p->y)[0] - kCeiling;
  return ODEON_OK;
}
odeon_status reset(odeon_field*, int64_t index, const odeon_event_point* p) {
  if (index != 0) return ODEON_E_INTERNAL;
  data<double>(*p->y)[1] *= -data<double>(*p->theta)[0];
  return ODEON_OK;
}

odeon_field_events_api table() {
  odeon_field_events_api api{};
  api.struct_size = sizeof api;
  api.events = kEvents;
  api.n_events = 2;
  api.evaluate = evaluate;
  api.reset = reset;
  return api;
}
odeon_field_events_api kTable = table();

odeon_status create(const odeon_host*, const odeon_value*, const odeon_field_context*, odeon_field** out) {
  static char instance;
  *out = reinterpret_cast<odeon_field*>(&instance);
  return ODEON_OK;
}
odeon_status info(odeon_field*, odeon_field_info* out) {
  static const double kRestitution[] = {2.0};
  static const odeon_parameter_slot kSlot = [] {
    odeon_parameter_slot s{};
    s.struct_size = sizeof s;
    s.name = str("restitution");
    s.init = ODEON_INIT_VALUES;
    s.values = kRestitution;
    return s;
  }();
  static const odeon_parameter_slot* const kSlots[] = {&kSlot};
  out->state_rank = 1;
  out->state_shape[0] = 2;
  out->slots = kSlots;
  out->n_slots = 1;
  return ODEON_OK;
}
odeon_status eval(odeon_field*, odeon_queue*, odeon_scalar, const odeon_tensor* y, const odeon_tensor*,
                  const odeon_tensor* dy) {
  for (int64_t r = 0; r < row_count(*y); ++r) {
    data<double>(*dy)[2 * r] = data<double>(*y)[2 * r + 1];
    data<double>(*dy)[2 * r + 1] = -kGravity;
  }
  return ODEON_OK;
}
const void* get_ext(odeon_field*, odeon_str id) {
  return to_view(id) == ODEON_EXT_FIELD_EVENTS ? &kTable : nullptr;
}

odeon_field_api field() {
  odeon_field_api api{};
  api.struct_size = sizeof api;
  api.create = create;
  api.destroy = [](odeon_field*) {};
  api.info = info;
  api.eval = eval;
  api.get_ext = get_ext;
  return api;
}
const odeon_field_api kField = field();

}  // namespace ball

// Euler's method, by code.
struct EulerByCode {
  EulerByCode(const odeon_host*, const Options&) {}
  void start(const StepProblem& p, bool again, double t0, double, const odeon_tensor& y0) {
    problem = p, t = t0;
    if (!again) work = StateVectors(p, 2);
    p.copy(work[0], y0);
  }
  void step(double h, const odeon_tensor& y1, odeon_step_result&) {
    problem.eval(t, work[0], work[1]);
    problem.add(y1, work[0], h, work[1]);
    problem.copy(work[0], y1);
    t += h;
  }
  StepProblem problem;
  StateVectors work;
  double t = 0;
};
const odeon_solver_api kEulerByCode = StepSolverApi<EulerByCode>::table(0, 1);

const host::Registry& with_own_components() {
  static const host::Registry registry = [] {
    static const odeon_component kBall = make_component(ODEON_KIND_FIELD, {str("ball"), str("."), str(".")},
                                                        &ball::kField),
                                 kEuler = make_component(ODEON_KIND_SOLVER,
                                                         {str("euler_by_code"), str("."), str(".")},
                                                         &kEulerByCode);
    host::Registry r = installed();
    const auto plugin = std::make_shared<host::LoadedPlugin>();
    r.add({ODEON_KIND_FIELD, "ball", &kBall, plugin});
    r.add({ODEON_KIND_SOLVER, "euler_by_code", &kEuler, plugin});
    return r;
  }();
  return registry;
}

Json drop(Json solver = kDopri5) {
  return {{"odeon", 1},      {"task", "solve"},         {"backend", "cpu"},
          {"field", "ball"}, {"initial", {{1.0, 0.0}}}, {"times", {0.0, 10.0}},
          {"solver", solver}};
}

host::RunResult run(const Json& config) {
  return host::run_solve(to_experiment(config, with_own_components()), with_own_components());
}

std::string refusal_of(const Json& config) {
  try {
    run(config);
  } catch (const host::Error& e) {
    return e.what();
  }
  return "";
}

constexpr double kRoundOff = 1e-12;

}  // namespace

TEST_CASE("a field's own events happen, with its parameters, before those of the configuration") {
  Json config = drop();
  config["events"] = {{{"name", "apex"}, {"when", "y1"}, {"direction", "falling"}}};
  const auto result = run(config);
  // It falls for 1, bounces with twice its speed of 2, and is caught at 3 = 4 s - s^2.
  REQUIRE(events_of(result).size() == 2);
  CHECK(events_of(result)[0].name == "bounce");
  CHECK(std::abs(events_of(result)[0].t - 1) < kRoundOff);
  CHECK(std::abs(events_of(result)[0].after[1] - 4) < kRoundOff);
  CHECK(events_of(result)[1].name == "caught");
  CHECK(std::abs(events_of(result)[1].t - 2) < kRoundOff);
  CHECK(result.record["events"]["rules"].size() == 3);
  CHECK(result.record["events"]["rules"][2]["name"] == "apex");
  CHECK(result.record["events"]["ended_by"][0] == "caught");
}

TEST_CASE("a field's own events are those of each row with steps per row") {
  Json config = drop({{"plugin", "rk4"}, {"step_size", 0.03}, {"stepping", "per_row"}});
  config["initial"] = {{1.0, 0.0}, {4.0, 0.0}};
  const auto result = run(config);
  REQUIRE(events_of(result).size() == 4);
  CHECK(std::abs(events_of(result)[2].t - 2) < kRoundOff);
  CHECK(events_of(result)[2].row == 1);
}

TEST_CASE("behind a terminal event nothing is left of what stood in the caller's memory") {
  Json config = drop();
  config["times"] = {0.0, 1.5, 4.0, 9.0};
  PreparedProblem p(to_experiment(config, with_own_components()), with_own_components());
  const std::vector<double> times{0.0, 1.5, 4.0, 9.0};
  const int64_t shape[] = {4, 1, 2}, last_shape[] = {1, 2};
  host::DeviceTensor ys(p.backend, ODEON_F64, shape), last(p.backend, ODEON_F64, last_shape);
  p.backend->fill(ys.view, 7);
  p.backend->fill(last.view, 7);
  odeon_solve_args args{};
  args.struct_size = sizeof args;
  args.y0 = &p.y0.view;
  args.times = times.data();
  args.n_times = 4;
  args.ys = &ys.view;
  args.y_last = &last.view;
  host::integrate(*p.problem, args);
  CHECK(std::abs(data<double>(ys.view)[2] - 1.75) < kRoundOff);  // 4 s - s^2 half a unit behind the bounce
  for (int i = 4; i < 8; ++i) CHECK(std::isnan(data<double>(ys.view)[i]));
  for (int i = 0; i < 2; ++i) CHECK(std::isnan(data<double>(last.view)[i]));
}

TEST_CASE("rows that step together refuse a field that resets them") {
  Json config = drop();
  config["initial"] = {{1.0, 0.0}, {4.0, 0.0}};
  CHECK(refusal_of(config) ==
        "event 'bounce' resets the state, but the 2 rows take their steps together; let each take its own "
        "(solver "
        "option 'stepping: per_row'), or solve one row");
}

TEST_CASE("a name that the field has taken is refused with its place") {
  Json config = drop();
  config["events"] = {{{"name", "bounce"}, {"when", "y1"}}};
  CHECK(refusal_of(config).ends_with(": event 'bounce' stands twice; rename one"));
}

TEST_CASE("gradients through a field's own events, which have no derivatives, are those that only solve") {
  Json config = drop();
  config["task"] = "gradient";
  config["gradient"] = "adjoint";
  CHECK(refusal_of(config).ends_with(
      ": gradient 'adjoint' needs derivatives of events (capability 'event derivatives'), but field 'ball' "
      "brings some "
      "in code; choose a gradient that only solves, such as finite_difference, or use task solve"));
  config["gradient"] = "finite_difference";
  const auto result = host::run_gradient(to_experiment(config, with_own_components()), with_own_components());
  CHECK(array_of(result, "grad_initial.npy").size() == 2);
}

TEST_CASE("a table of events that breaks a rule is refused with the rule") {
  const auto refused = [](auto change) {
    const odeon_field_events_api before = ball::kTable;
    change(ball::kTable);
    const std::string text = refusal_of(drop());
    ball::kTable = before;
    return text;
  };
  CHECK(refused([](odeon_field_events_api& t) { t.evaluate = nullptr; }) ==
        "field 'ball': the table odeon.field.events/1 has no 'evaluate'");
  CHECK(refused([](odeon_field_events_api& t) {
          t.struct_size = 16;
        }).starts_with("field 'ball': the table odeon.field.events/1 is smaller than its first version"));
  CHECK(
      refused([](odeon_field_events_api& t) { t.reset = nullptr; }) ==
      "field 'ball': event 'bounce' of odeon.field.events/1 resets the state, but the table has no 'reset'");
  for (const auto& [change, rule] :
       {std::pair<void (*)(odeon_event&), const char*>{[](odeon_event& e) { e.name = str("no name"); },
                                                       "must have a name of letters"},
        {[](odeon_event& e) { e.direction = 2; }, "must have a direction ODEON_EVENT_*; found 2"},
        {[](odeon_event& e) { e.tolerance = -1; }, "that are not negative"}}) {
    odeon_event broken = ball::kFloor;
    change(broken);
    const odeon_event* const events[] = {&broken};
    const std::string text = refused([&](odeon_field_events_api& t) { t.events = events, t.n_events = 1; });
    CHECK(text.find(rule) != std::string::npos);
  }
}

TEST_CASE("a solver that takes its steps by code begins anew behind an event") {
  for (const bool own_events : {true, false}) {
    Json config = own_events ? drop({{"plugin", "euler_by_code"}, {"step_size", 0.001}})
                             : clock({{"plugin", "euler_by_code"}, {"step_size", 0.25}},
                                     {{{"when", "y - 0.3"}, {"reset", {{"y", "y - 0.3"}}}}});
    const auto result = run(config);
    if (own_events) {
      REQUIRE(events_of(result).size() == 2);
      CHECK(std::abs(events_of(result)[1].t - 2) < 0.01);  // first order
    } else {
      const std::vector<double> times = times_of(events_of(result));
      REQUIRE(times.size() == 3);
      for (size_t i = 0; i < 3; ++i) CHECK(std::abs(times[i] - 0.3 * static_cast<double>(i + 1)) < 1e-14);
      CHECK(std::abs(states_of(result)[1] - 0.1) < 1e-14);
    }
  }
}
