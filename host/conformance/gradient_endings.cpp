#include "conformance/gradient_endings.hpp"

#include <cmath>
#include <thread>

#include "conformance/gradient_case.hpp"
#include "conformance/threads.hpp"
#include "data/error.hpp"
#include "embed/application_field.hpp"
#include "loader/host_table.hpp"

namespace odeon::host::conformance {
namespace {

constexpr int kNever = 1000000000;

// [q, v] with q' = v, v' = -sin(q) - t v / 10; before: called with every evaluation and product.
LoadedComponent watched_pendulum(std::function<void()> before, bool with_vjp = true) {
  FunctionField f;
  f.id = "watched";
  f.state_shape = {2};
  f.f = [before](double t, std::span<const double> y, std::span<double> dy) {
    before();
    dy[0] = y[1], dy[1] = -std::sin(y[0]) - 0.1 * t * y[1];
  };
  if (with_vjp)
    f.vjp = [before](double t, std::span<const double> y, std::span<const double> v, std::span<double> gy) {
      before();
      gy[0] = -std::cos(y[0]) * v[1], gy[1] = v[0] - 0.1 * t * v[1];
      return -0.1 * y[1] * v[1];
    };
  return to_component(f);
}

}  // namespace

Finding gives_its_tape_back(const Subject& s) {
  GradientCase c(s);
  for (int pass = 0; pass < 2; ++pass) {
    c.forward();
    const int64_t kept = c.tape().now;
    c.backward();
    if (c.tape().now != kept)
      return fail("backward leaves " + std::to_string(c.tape().now - kept) + " more bytes on the tape");
    c.drop_tape();
    if (c.tape().now != 0)
      return fail(std::to_string(c.tape().now) + " bytes of the tape are not given back");
  }
  return pass("at most " + std::to_string(c.tape().peak) + " bytes");
}

Finding passes_errors_on(const Subject& s) {
  constexpr const char* kText = "the field cannot go on, reason 4711";
  int left = kNever;
  GradientCase c(s, {}, watched_pendulum([&] {
                   if (--left == 0) throw RunError(kText);
                 }));
  const GradientResult good = c.both();
  for (const bool in_backward : {false, true})
    for (const int at : {1, 5, 60}) {
      const std::string where = in_backward ? "backward" : "forward";
      left = in_backward ? kNever : at;
      try {
        c.forward();
        left = at;
        c.backward();
        if (left <= 0)
          return fail(where + " ends well though the field failed in its call " + std::to_string(at));
      } catch (const std::exception& e) {
        if (std::string(e.what()).find(kText) == std::string::npos)
          return fail("the field's own words are lost; found '" + std::string(e.what()) + "'");
      }
      left = kNever;
      c.drop_tape();
      if (c.tape().now != 0)
        return fail(std::to_string(c.tape().now) + " bytes of the tape are not given back when " + where +
                    " fails");
      if (difference(c.both(), good) != 0)
        return fail("the same pass gives other bits after one that failed");
    }
  return pass("");
}

Finding stops_in_both_passes(const Subject& s) {
  int calls = 0, stop_at = kNever;
  constexpr int kBefore = 20, kPatience = 3000;
  GradientCase c(s, {}, watched_pendulum([&] {
                   if (++calls == stop_at) request_cancel();
                   if (calls > stop_at + kPatience)
                     throw RunError("it goes on for 3000 calls after the wish to stop");
                 }));
  const GradientResult good = c.both();
  const auto pass_stops = [&](const std::function<void()>& run) {
    calls = 0, stop_at = kBefore;
    bool stopped = false;
    try {
      run();
    } catch (const Cancelled&) {
      stopped = true;
    }
    stop_at = kNever;
    clear_cancel();
    return stopped;
  };
  if (!pass_stops([&] { c.forward(); })) return fail("forward ends well after the wish to stop");
  if (difference(c.both(), good) != 0)
    return fail("the same pass gives other bits after one that was cancelled");
  c.forward();
  pass_stops([&] { c.backward(); });  // a sweep of products may also end without looking for the wish
  if (difference(c.both(), good) != 0)
    return fail("the same pass gives other bits after a backward one that was cancelled");
  return pass("");
}

Finding needs_what_it_says(const Subject& s) {
  GradientCase c(s, {}, watched_pendulum([] {}, false));
  const bool needs = (s.api<odeon_gradient_api>().capabilities & ODEON_GRADIENT_NEEDS_VJP) != 0;
  try {
    const GradientResult found = c.both();
    if (needs) return fail("it says that it needs vjp, and was not refused without");
    const double by = difference(found, c.slopes());
    constexpr double kContinuous = 1e-5;
    return by < kContinuous ? pass("works without vjp")
                            : fail(text("wrong by %.2g for a field without vjp", by));
  } catch (const ConfigError& e) {  // the host's refusal by the capability
    return needs ? pass("vjp") : fail(e.what());
  }
}

Finding strategies_start_no_thread(const Subject& s) {
  const ThreadWatch watch(s);
  int most = 0;
  GradientCase c(s, {}, watched_pendulum([&] { most = std::max(most, thread_count()); }));
  c.both();
  return watch.verdict(std::max(most, thread_count()));
}

Finding strategies_are_independent(const Subject& s) {
  GradientProblem p;
  p.times = {0, 1};
  const GradientResult alone = GradientCase(s).both(), other_alone = GradientCase(s, p).both();
  GradientCase first(s), second(s, p);
  first.forward();
  second.forward();
  const GradientResult turn = first.backward(), other_turn = second.backward();
  if (difference(turn, alone) != 0 || difference(other_turn, other_alone) != 0)
    return fail("taking turns they give other bits than alone");
  bool good = true, other_good = true;
  std::thread thread([&] {
    for (int i = 0; i < 10; ++i) other_good &= difference(second.both(), other_alone) == 0;
  });
  for (int i = 0; i < 10; ++i) good &= difference(first.both(), alone) == 0;
  thread.join();
  return good && other_good ? pass("") : fail("in two threads they give other bits than alone");
}

}  // namespace odeon::host::conformance
