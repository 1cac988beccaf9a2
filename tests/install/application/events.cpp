// Events of the program: recorded, terminal, with a reset.
#include "expect.hpp"

using namespace odeon::host;

namespace {

constexpr double kRoundOff = 1e-12;  // a parabola has no truncation error

struct Stop {};

ProblemSpec drop(std::vector<EventFunction> events) {
  ProblemSpec spec;
  spec.field = "{plugin: expression, state: [y, v], derivatives: {y: v, v: '-2'}}";
  spec.solver = "{plugin: dopri5, rtol: 1.0e-8, stepping: per_row}";
  spec.events = std::move(events);
  return spec;
}

}  // namespace

void check_events(const Session& session) {
  const EventFunction bounce{.name = "bounce",
                             .when = [](double, std::span<const double> y) { return y[0]; },
                             .direction = EventDirection::falling,
                             .reset = [](double, std::span<double> y) { y[1] *= -0.5; }};
  const EventFunction third{
      .name = "third", .when = [](double t, std::span<const double>) { return t - 2.25; }, .terminal = true};
  const std::vector<double> times{0.0, 1.5, 3.0}, initial{1.0, 0.0, 4.0, 0.0};
  Problem problem = session.problem(drop({bounce, third}));
  for (int repeat = 0; repeat < 2; ++repeat) {
    const Solution s = problem.solve(times, initial, 2);
    expect(s.ok() && s.events.size() == 5, "the events of two rows");
    if (s.events.size() != 5) return;
    // Row 0 falls for 1 and flies for 1; row 1 falls for 2.
    const double expected[] = {1, 2, 2.25, 2, 2.25};
    for (size_t i = 0; i < 5; ++i) {
      expect_near(s.events[i].t, expected[i], kRoundOff, "the time of an event");
      expect(s.events[i].row == (i < 3 ? 0 : 1), "the row of an event");
    }
    expect_near(s.events[0].before[1], -2, kRoundOff, "the velocity before a bounce");
    expect_near(s.events[0].after[1], 1, kRoundOff, "the velocity after a bounce");
    expect(s.ended_by == std::vector<std::string>{"third", "third"}, "the events that ended the rows");
    expect(std::isnan(s.states.values.at(8)), "no state behind the end");
  }

  expect_error(ExitCode::bad_configuration, "'event derivatives'", "a gradient through events",
               [&] { problem.gradient("direct", times, initial, std::vector(12, 1.0), 2); });
  EventFunction nothing = third;
  nothing.when = nullptr;
  expect_error(ExitCode::bad_configuration, "EventFunction::when", "an event without a function",
               [&] { session.problem(drop({nothing})); });
  expect_error(ExitCode::bad_configuration, "twice", "two events of one name", [&] {
    session.problem(drop({third, third})).solve(times, initial, 2);
  });

  EventFunction thrower = third;
  thrower.when = [](double, std::span<const double>) -> double { throw Stop{}; };
  try {
    session.problem(drop({thrower})).solve(times, initial, 2);
    expect(false, "an exception of an event's function comes out");
  } catch (const Stop&) {
  }
}
