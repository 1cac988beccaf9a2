#include "engine/event_watch.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <limits>

#include "data/number_text.hpp"
#include "engine/failure.hpp"
#include "engine/round_off.hpp"
#include "engine/step_limit.hpp"
#include "engine/stepper.hpp"
#include "engine/workspace.hpp"

namespace odeon::host {
namespace {

// Two crossings of one event between neighbouring samples of a step are not seen.
constexpr int kPieces = 4;
// Closer than this many units in the last place, times cannot be told apart.
constexpr double kResolution = 4;
// Of a step: an event is located at least this closely.
constexpr double kCoarsest = 1. / 256;
// Events closer than this many roundings of the step's length happen together.
constexpr double kTogether = 64;
// Where g is zero but for errors, its sign is taken a while later: these many roots of the rounding of a
// step, after which its slope has left the errors behind, and these many tolerances.
constexpr double kSettleRoots = 64, kSettleTolerances = 16;
// An event whose reset used to lead back, and after a gap of this many settling times no longer does, has
// come too fast to be followed.
constexpr double kAccumulation = 1000;
// Keeps the divided differences of root finding finite.
constexpr double kLargest = 1e100;

int sign_of(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

std::string quoted(const EventRule& rule) { return "event '" + rule.name + "'"; }

}  // namespace

EventWatch::EventWatch(odeon_problem& problem) : p_(problem) {
  for (const EventGroup& group : p_.all_events()) {
    groups_.push_back({group.bind(p_), rules_.size(), group.rules.size()});
    rules_.insert(rules_.end(), group.rules.begin(), group.rules.end());
  }
  for (std::vector<double>* g : {&g_, &group_g_, &sampled_})
    g->resize(rules_.size() * static_cast<size_t>(p_.batch));
  crossings_.reserve(g_.size() * kPieces);
  state_ = DeviceTensor(p_.backend, p_.dtype, p_.state_shape);
}

void EventWatch::begin(double t, const odeon_tensor& y) {
  step_ = {t, 0, t};
  steps_before_ = p_.counters->accepted + p_.counters->rejected;
  for (Group& group : groups_) group.functions->begin();
  p_.event_log = {{}, std::vector<std::string>(static_cast<size_t>(p_.batch))};
  tracks_.assign(g_.size(), {});
  settle_t_ = t;
  take_signs(t, y);
}

void EventWatch::resume(double t, const odeon_tensor& y) {
  p_.backend->copy(y, state_.view);
  take_signs(t, y);
}

void EventWatch::take_signs(double t, const odeon_tensor& y) {
  evaluate(t, y);
  for (size_t k = 0; k < tracks_.size(); ++k) {
    tracks_[k].g = g_[k];
    tracks_[k].sign = tracks_[k].fired_from != 0 ? 0 : sign_of(g_[k]);
  }
}

std::optional<EventWatch::Cut> EventWatch::look(Stepper& stepper, const Step& step) {
  step_ = step;
  stepper_ = &stepper;
  stepper.prepare_interpolation();
  crossings_.clear();
  for (Track& track : tracks_) track.x = 0;
  settle();
  for (int i = 1; i <= kPieces; ++i) sample(step.x_end() * i / kPieces);
  std::sort(crossings_.begin(), crossings_.end(), [](const Crossing& a, const Crossing& b) {
    return std::tuple(a.x, a.event, a.row) < std::tuple(b.x, b.event, b.row);
  });
  const auto cut = std::find_if(crossings_.begin(), crossings_.end(),
                                [&](const Crossing& c) { return rules_[c.event].cuts(); });
  for (const Crossing& c : crossings_) {
    if (cut != crossings_.end() && (c.x > cut->x || together(c, *cut))) continue;
    fill_state(c.x);
    const std::vector<double> at = row_of(c.row);
    record(c, step_.time(c.x), at, at);
    if (p_.log) p_.log->see(mark(c));
  }
  return cut == crossings_.end() ? std::nullopt : std::optional(cut_at(*cut));
}

// Takes the signs that are not known when their time has come.
void EventWatch::settle() {
  settle_x_ = 0;
  if (std::none_of(tracks_.begin(), tracks_.end(), [](const Track& k) { return k.sign == 0; })) return;
  const bool waits = (settle_t_ - step_.t) * step_.h > 0;
  settle_x_ = (waits ? settle_t_ - step_.t : settling_time()) / step_.h;
  if (settle_x_ >= step_.x_end()) return;
  evaluate_at(settle_x_);
  for (size_t k = 0; k < tracks_.size(); ++k)
    if (tracks_[k].sign == 0) see(k, settle_x_, g_[k]);
}

void EventWatch::see(size_t k, double x, double g) {
  Track& track = tracks_[k];
  track.sign = sign_of(g), track.g = g, track.x = x;
  if (track.sign == 0 || track.fired_from == 0) return;
  note_return(track, rules_[event_of(k)], step_.time(x));
  track.fired_from = 0;
}

// Signed.
double EventWatch::settling_time() const {
  double time = kSettleRoots * std::sqrt(unit_round_off(p_.dtype)) * step_.length();
  for (size_t event = 0; event < rules_.size(); ++event)
    time = std::max(time, kSettleTolerances * tolerance(event));
  return std::copysign(std::min(time, step_.length() / 2), step_.h);
}

// Whether the event's reset has led back, now at t, to the side that g came from.
void EventWatch::note_return(Track& track, const EventRule& rule, double t) {
  const bool back = track.sign == track.fired_from;
  const double since = std::max(std::abs(t - track.last_t), resolution());
  if (rule.resets && !back && track.came_back && track.gap <= kAccumulation * since)
    fail(
        quoted(rule) + " comes in ever shorter time: " + std::to_string(track.count) +
            " of them, the last two within " + number_text(track.gap) + ", accumulate here without end",
        "end the solve before, by a terminal event or an earlier last time, or describe what comes after it");
  track.came_back = back;
}

void EventWatch::sample(double x) {
  if (x == 1)
    evaluate(step_.time(1), p_.work->y[1]);
  else
    evaluate_at(x);
  sampled_ = g_;  // closing in on one event evaluates all of them
  for (size_t k = 0; k < tracks_.size(); ++k) {
    const int sign = sign_of(sampled_[k]), before = tracks_[k].sign;
    if (x <= (before == 0 ? settle_x_ : tracks_[k].x)) continue;  // too early
    if (before != 0 && sign != before && wanted(event_of(k), before))
      crossings_.push_back({sign == 0 ? x : locate(k, x), event_of(k), row_of_track(k), before});
    see(k, x, sampled_[k]);
  }
}

// The last point before the change of sign between the last sample and this one at x, to within the
// tolerance. G. E. Alefeld, F. A. Potra, Y. Shi, ACM TOMS 21 (1995) 327-344, algorithm 748.
double EventWatch::locate(size_t k, double x) {
  const auto clamped = [](double g) { return std::clamp(g, -kLargest, kLargest); };
  const auto g_at = [&](double at) {
    evaluate_at(at);
    return clamped(g_[k]);
  };
  const double width = tolerance(event_of(k)) / step_.length();
  const auto close = [&](double a, double b) { return b - a <= width; };
  std::uintmax_t most = 200;
  return boost::math::tools::toms748_solve(g_at, tracks_[k].x, x, clamped(tracks_[k].g), clamped(sampled_[k]),
                                           close, most)
      .first;
}

double EventWatch::tolerance(size_t event) const {
  return std::min(std::max(rules_[event].tolerance, resolution()), kCoarsest * step_.length());
}

double EventWatch::resolution() const {
  const double latest = std::max(std::abs(step_.t), std::abs(step_.time(1)));
  return kResolution * (std::nextafter(latest, std::numeric_limits<double>::infinity()) - latest);
}

bool EventWatch::wanted(size_t event, int sign_before) const {
  const int32_t direction = rules_[event].direction;
  return direction == ODEON_EVENT_ANY || (direction == ODEON_EVENT_RISING) == (sign_before < 0);
}

bool EventWatch::together(const Crossing& a, const Crossing& b) const {
  const double window = std::max({kTogether * unit_round_off(p_.dtype) * step_.length(), resolution(),
                                  tolerance(a.event), tolerance(b.event)});
  return std::abs(a.x - b.x) * step_.length() <= window;
}

// All events that happen together with the one that cuts the step, in the order of their definition; each
// sees the state that the one before has left.
EventWatch::Cut EventWatch::cut_at(const Crossing& at) {
  const double t = step_.time(at.x);
  Cut cut{t, t + std::copysign(resolution(), step_.h), false};
  settle_t_ = t + settling_time();
  fill_state(at.x);
  std::vector<double> before = row_of(0);
  std::vector<size_t> events;
  for (size_t event = 0; event < rules_.size(); ++event) {
    const auto c = std::find_if(crossings_.begin(), crossings_.end(), [&](const Crossing& other) {
      return other.event == event && together(other, at);
    });
    if (c == crossings_.end()) continue;
    events.push_back(event);
    if (rules_[event].resets) reset(event, t);
    std::vector<double> after = row_of(0);
    record(*c, t, before, after);
    tracks_[event].fired_from = c->sign_before;
    if (rules_[event].terminal && !std::exchange(cut.terminal, true))
      p_.event_log.ended_by[0] = rules_[event].name;
    before = std::move(after);
  }
  if (p_.log) p_.log->cut(mark(at), std::move(events));
  return cut;
}

EventMark EventWatch::mark(const Crossing& c) {
  if (!slope_.view.data) slope_ = DeviceTensor(p_.backend, p_.dtype, p_.state_shape);
  EventMark out{step_.time(c.x), c.event, c.row, {}};
  if (!stepper_->interpolate_slope(c.x, slope_.view)) return out;
  const odeon_tensor view = odeon::row(slope_.view, c.row);
  out.slope.resize(static_cast<size_t>(element_count(view)));
  host_.download(*p_.backend, view, out.slope);
  return out;
}

const EventWatch::Group& EventWatch::group_of(size_t event) const {
  return *std::find_if(groups_.begin(), groups_.end(),
                       [&](const Group& g) { return event >= g.first && event < g.first + g.count; });
}

std::pair<EventFunctions&, size_t> EventWatch::functions_of(size_t event) {
  const Group& group = group_of(event);
  return {*group.functions, event - group.first};
}

size_t EventWatch::group_size(size_t event) const { return group_of(event).count; }

void EventWatch::reset(size_t event, double t) {
  const auto [functions, i] = functions_of(event);
  functions.reset(i, t, state_.view);
}

void EventWatch::record(const Crossing& c, double t, const std::vector<double>& before,
                        const std::vector<double>& after) {
  const EventRule& rule = rules_[c.event];
  Track& track = tracks_[static_cast<size_t>(c.row) * rules_.size() + c.event];
  if (track.count == rule.max_count)
    fail(quoted(rule) + " came more often than its max_count (" + std::to_string(rule.max_count) + ")",
         "raise max_count, end the solve before, or see whether its reset leads away from its zero");
  track.gap = track.count > 0 ? std::abs(t - track.last_t) : std::numeric_limits<double>::infinity();
  track.last_t = t;
  ++track.count;
  p_.event_log.records.push_back({c.row, rule.name, t, before, after});
}

void EventWatch::fill_state(double x) {
  if (x == 0 || x == 1)
    p_.backend->copy(state_.view, p_.work->y[x == 0 ? 0 : 1]);
  else
    stepper_->interpolate(x, state_.view);
}

std::vector<double> EventWatch::row_of(int64_t row) {
  const odeon_tensor view = odeon::row(state_.view, row);
  std::vector<double> values(static_cast<size_t>(element_count(view)));
  host_.download(*p_.backend, view, values);
  return values;
}

void EventWatch::evaluate_at(double x) {
  fill_state(x);
  evaluate(step_.time(x), state_.view);
}

void EventWatch::evaluate(double t, const odeon_tensor& y) {
  const size_t batch = static_cast<size_t>(p_.batch);
  for (Group& group : groups_) {
    group.functions->values(t, y, {group_g_.data(), batch * group.count});
    for (size_t r = 0; r < batch; ++r)
      std::copy_n(&group_g_[r * group.count], group.count, &g_[r * rules_.size() + group.first]);
  }
  for (size_t k = 0; k < g_.size(); ++k)
    if (std::isnan(g_[k]))
      fail(quoted(rules_[event_of(k)]) + " has no value at t = " + number_text(t),
           "the state is not finite there, or the function leaves its domain; " +
               shorter_steps(p_.solver.settings) + ", or write it so that it has a value for every state");
}

void EventWatch::fail(std::string reason, std::string remedy) const {
  throw SolveFailed({std::move(reason), std::move(remedy), step_.t, step_.h, 0,
                     p_.counters->accepted + p_.counters->rejected - steps_before_});
}

}  // namespace odeon::host
