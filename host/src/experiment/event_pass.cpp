#include "experiment/event_pass.hpp"

#include <algorithm>
#include <cmath>

#include "data/error.hpp"
#include "data/number_text.hpp"
#include "engine/event_watch.hpp"
#include "engine/instead.hpp"

namespace odeon::host {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

struct EventPass::Piece {
  SolvePiece log;
  std::vector<double> times;
  std::vector<int64_t> requested;  // index into the experiment's times of each of `times`, or -1
  std::vector<size_t> seen_at;     // index into `times` of each recorded event
  // How many of its event came before it in its row, for each recorded event and each at the cut.
  std::vector<size_t> occurrence, cut_occurrence;
  DeviceTensor ys;
  std::unique_ptr<Gradient::Pass> pass;
};

EventPass::EventPass(Gradient& gradient, bool exact, odeon_problem& problem,
                     const odeon_gradient_forward_args& args)
    : p_(problem), exact_(exact), args_(args) {
  odeon_solve_args solve{};
  solve.struct_size = sizeof solve;
  solve.y0 = args.y0;
  solve.times = args.times;
  solve.n_times = args.n_times;
  solve.ys = args.ys;
  {
    const Instead<SolveLog*> logged(p_.log, &log_);
    integrate(p_, solve);
  }

  SolverChoice solver = p_.solver;
  solver.settings.replays = !solver.own_steps();
  smooth_ =
      std::make_unique<odeon_problem>(p_.backend, p_.shared_field, std::move(solver), p_.dtype, p_.batch);
  share_with_problem();
  int64_t first = 0;
  for (SolvePiece& piece : log_.pieces()) {
    const int64_t next = piece.next_time;
    add_piece(piece, first, gradient);
    first = next;
  }
  std::vector<size_t> count(p_.events->rules().size() * static_cast<size_t>(p_.batch));
  for (const auto& piece : pieces_) {
    const auto next = [&](size_t event, int64_t row) {
      return count[static_cast<size_t>(row) * p_.events->rules().size() + event]++;
    };
    for (const EventMark& m : piece->log.seen) piece->occurrence.push_back(next(m.event, m.row));
    for (size_t event : piece->log.cutting) piece->cut_occurrence.push_back(next(event, 0));
  }
}

EventPass::~EventPass() = default;

void EventPass::share_with_problem() {
  smooth_->theta = p_.theta;
  smooth_->counters = p_.counters;
  smooth_->tape = p_.tape;
}

void EventPass::add_piece(SolvePiece& log, int64_t first_time, Gradient& gradient) {
  if (!log.cut && log.next_time == first_time) return;  // nothing was asked there
  auto piece = std::make_unique<Piece>();
  piece->log = std::move(log);
  const std::vector<int64_t> place = lay_out_times(*piece, first_time);
  smooth_->replayed = anchored_steps(*piece, place);
  std::vector<int64_t> shape = p_.state_shape;
  shape.insert(shape.begin(), static_cast<int64_t>(piece->times.size()));
  piece->ys = DeviceTensor(p_.backend, p_.dtype, shape);
  odeon_gradient_forward_args f{};
  f.y0 = &piece->log.y.view;
  f.times = piece->times.data();
  f.n_times = shape[0];
  f.ys = &piece->ys.view;
  piece->pass = std::make_unique<Gradient::Pass>(gradient, *smooth_, f);
  pieces_.push_back(std::move(piece));
}

// Its beginning, what was requested or recorded in it, its end. Where each requested time stands among them,
// or -1.
std::vector<int64_t> EventPass::lay_out_times(Piece& piece, int64_t first_time) const {
  const SolvePiece& l = piece.log;
  struct Node {
    double t;
    int64_t requested, seen;
  };
  const double direction = args_.times[args_.n_times - 1] > args_.times[0] ? 1 : -1;
  const auto within = [&](double t) { return l.cut && direction * (t - l.cut->t) > 0 ? l.cut->t : t; };
  std::vector<Node> nodes;
  for (int64_t i = first_time; i < l.next_time; ++i) nodes.push_back({within(args_.times[i]), i, -1});
  for (size_t i = 0; i < l.seen.size(); ++i) nodes.push_back({l.seen[i].t, -1, static_cast<int64_t>(i)});
  std::stable_sort(nodes.begin(), nodes.end(),
                   [&](const Node& a, const Node& b) { return direction * (b.t - a.t) > 0; });
  if (l.cut) nodes.push_back({l.cut->t, -1, -1});
  piece.times.push_back(l.t);
  piece.requested.push_back(-1);
  piece.seen_at.resize(l.seen.size());
  std::vector<int64_t> place(static_cast<size_t>(args_.n_times), -1);
  for (const Node& n : nodes) {
    if (direction * (n.t - piece.times.back()) > 0) {
      piece.times.push_back(n.t);
      piece.requested.push_back(-1);
    }
    const size_t at = piece.times.size() - 1;
    if (n.seen >= 0) piece.seen_at[size_t(n.seen)] = at;
    if (n.requested < 0) continue;
    piece.requested[at] = n.requested;
    place[size_t(n.requested)] = static_cast<int64_t>(at);
  }
  return place;
}

// The steps with what their ends are in the piece's times. Under step control their sizes are constants, and
// behind an event they move with it; a grid stands still, and only the first step begins with the event.
std::vector<AcceptedStep> EventPass::anchored_steps(const Piece& piece,
                                                    const std::vector<int64_t>& place) const {
  std::vector<AcceptedStep> steps = piece.log.steps;
  const auto here = [&](int64_t anchor) { return anchor < 0 ? -1 : place[size_t(anchor)]; };
  const int64_t last = static_cast<int64_t>(piece.times.size()) - 1;
  bool moves = true;  // with the beginning
  for (size_t i = 0; i < steps.size(); ++i) {
    AcceptedStep& s = steps[i];
    if (p_.solver.settings.control == Control::fixed) {
      s.t0_anchor = i == 0 ? 0 : here(s.t0_anchor);
      s.t1_anchor = here(s.t1_anchor);
      continue;
    }
    moves &= i == 0 || !s.begins;  // a breakpoint does not
    const bool to_breakpoint = i + 1 < steps.size() && steps[i + 1].begins;
    s.t0_anchor = moves ? 0 : -1;
    s.t1_anchor = s.last ? last : moves && !to_breakpoint ? 0 : -1;
  }
  return steps;
}

void EventPass::backward(const odeon_gradient_backward_args& args, const EventCotangents* events) {
  share_with_problem();
  take_cotangents(events);
  if (args.gtimes) std::fill_n(args.gtimes, args_.n_times, 0.0);
  Sums sums;
  sums.state.assign(static_cast<size_t>(p_.state_elements()), 0.0);
  sums.theta.assign(static_cast<size_t>(p_.field->field().parameter_count()), 0.0);
  for (size_t i = pieces_.size(); i-- > 0;) backward(*pieces_[i], args, sums);
  host_.upload(*p_.backend, *args.gy0, sums.state);
  if (!args.gtheta) return;
  DeviceTensor of_events = DeviceTensor::like(p_.backend, *args.gtheta);
  host_.upload(*p_.backend, of_events.view, sums.theta);
  const double one = 1;
  p_.backend->lincomb(*args.gtheta, args.gtheta, 1, {&one, 1}, {&of_events.view, 1});
}

void EventPass::backward(Piece& piece, const odeon_gradient_backward_args& args, Sums& sums) {
  const int64_t n = static_cast<int64_t>(piece.times.size());
  const double one = 1;
  DeviceTensor gys = DeviceTensor::like(p_.backend, piece.ys.view), gy0(p_.backend, p_.dtype, p_.state_shape),
               term(p_.backend, p_.dtype, p_.state_shape);
  p_.backend->fill(gys.view, 0);
  const auto add = [&](int64_t node, const odeon_tensor& x) {
    const odeon_tensor to = row(gys.view, node);
    p_.backend->lincomb(to, &to, 1, {&one, 1}, {&x, 1});
  };
  std::vector<char> moved(size_t(n), 0);  // its cotangent is more than what was asked for
  if (piece.log.cut) {
    host_.upload(*p_.backend, term.view, through_cut(piece, sums));
    add(n - 1, term.view);
    moved[size_t(n - 1)] = 1;
  }
  for (size_t i = 0; i < piece.log.seen.size(); ++i) {
    const EventMark& m = piece.log.seen[i];
    const EventCotangent* c = cotangent_of(m.event, piece.occurrence[i]);
    if (!c) continue;
    const size_t width = sums.state.size() / static_cast<size_t>(p_.batch);
    std::vector<double> by_state(sums.state.size());
    std::copy(c->state.begin(), c->state.end(), by_state.begin() + m.row * static_cast<int64_t>(width));
    host_.upload(*p_.backend, term.view,
                 move_with(m, row(piece.ys.view, static_cast<int64_t>(piece.seen_at[i])), c->time,
                           std::move(by_state), sums));
    add(static_cast<int64_t>(piece.seen_at[i]), term.view);
    moved[piece.seen_at[i]] = 1;
  }
  for (int64_t i = 0; i < n; ++i)
    if (piece.requested[size_t(i)] >= 0) add(i, row(*args.gys, piece.requested[size_t(i)]));

  std::vector<double> gtimes(size_t(n), 0.0);
  odeon_gradient_backward_args b = args;
  b.gys = &gys.view;
  b.gy0 = &gy0.view;
  b.gtimes = gtimes.data();
  piece.pass->backward(b);
  host_.download(*p_.backend, gy0.view, sums.state);
  sums.time = gtimes[0];
  for (int64_t i = 0; i < n && args.gtimes; ++i) {
    const int64_t requested = piece.requested[size_t(i)];
    if (requested < 0) continue;
    if (moved[size_t(i)]) {  // a requested time that is an event's: of the flow
      std::vector<double> v(sums.state.size()), f(sums.state.size());
      p_.rhs->eval(piece.times[size_t(i)], row(piece.ys.view, i), term.view, nullptr);
      host_.download(*p_.backend, term.view, f);
      host_.download(*p_.backend, row(*args.gys, requested), v);
      gtimes[size_t(i)] = dot(v, f);
    }
    args.gtimes[requested] = gtimes[size_t(i)];
  }
}

// From dL by what comes behind the cut to the cotangent of the state before it.
std::vector<double> EventPass::through_cut(const Piece& piece, Sums& sums) {
  const SolvePiece& l = piece.log;
  const odeon_tensor before = row(piece.ys.view, static_cast<int64_t>(piece.times.size()) - 1);
  // The states that the events of this moment saw, one after the other.
  std::vector<DeviceTensor> states;
  for (size_t i = 0; i < l.cutting.size(); ++i) {
    DeviceTensor y(p_.backend, p_.dtype, p_.state_shape);
    p_.backend->copy(y.view, i == 0 ? before : states[i - 1].view);
    if (i > 0 && p_.events->rules()[l.cutting[i - 1]].resets) {
      const auto [functions, index] = p_.events->functions_of(l.cutting[i - 1]);
      functions.reset(index, l.cut->t, y.view);
    }
    states.push_back(std::move(y));
  }
  std::vector<double> v = sums.state;
  double by_time = sums.time;
  for (size_t i = l.cutting.size(); i-- > 0;) {
    const size_t event = l.cutting[i];
    if (p_.events->rules()[event].resets) {
      EventPullback pull{std::vector<double>(v.size()), std::vector<double>(sums.theta.size()), 0};
      const auto [functions, index] = p_.events->functions_of(event);
      functions.pull_reset(index, l.cut->t, states[i].view, v, pull);
      v = std::move(pull.y);
      by_time += pull.t;
      for (size_t k = 0; k < pull.theta.size(); ++k) sums.theta[k] += pull.theta[k];
    }
    if (const EventCotangent* c = cotangent_of(event, piece.cut_occurrence[i])) {
      by_time += c->time;
      for (size_t k = 0; k < c->state.size(); ++k) v[k] += c->state[k];
    }
  }
  return move_with(*l.cut, before, by_time, std::move(v), sums);
}

// The cotangent of the state at the mark's time, held fixed, of a loss that has `by_state` by the state
// there, which moves with the mark, and `by_time` by the mark's time.
std::vector<double> EventPass::move_with(const EventMark& mark, const odeon_tensor& y, double by_time,
                                         std::vector<double> by_state, Sums& sums) {
  const size_t batch = static_cast<size_t>(p_.batch), width = by_state.size() / batch,
               begin = static_cast<size_t>(mark.row) * width;
  std::vector<double> slope = exact_ ? mark.slope : std::vector<double>{};
  if (slope.empty()) {
    DeviceTensor f(p_.backend, p_.dtype, p_.state_shape);
    std::vector<double> all(by_state.size());
    p_.rhs->eval(mark.t, y, f.view, nullptr);
    host_.download(*p_.backend, f.view, all);
    slope.assign(all.begin() + long(begin), all.begin() + long(begin + width));
  }
  const auto [functions, index] = p_.events->functions_of(mark.event);
  const size_t values = p_.events->group_size(mark.event);
  std::vector<double> only(batch * values);
  only[static_cast<size_t>(mark.row) * values + index] = 1;
  EventPullback g{std::vector<double>(by_state.size()), std::vector<double>(sums.theta.size()), 0};
  functions.pull_values(mark.t, y, only, g);
  const std::span<const double> g_y = std::span(g.y).subspan(begin, width),
                                v = std::span(by_state).subspan(begin, width);
  const double speed = g.t + dot(g_y, slope);
  if (speed == 0)
    throw RunError(
        "the time of event '" + p_.events->rules()[mark.event].name + "' at t = " + number_text(mark.t) +
        " has no derivative, because its function stands still there along the solution: it touches zero "
        "without crossing it; take a function that crosses");
  const double c = (by_time + dot(v, slope)) / speed;
  for (size_t k = 0; k < g.theta.size(); ++k) sums.theta[k] -= c * g.theta[k];
  for (size_t k = 0; k < width; ++k) by_state[begin + k] -= c * g_y[k];
  return by_state;
}

void EventPass::take_cotangents(const EventCotangents* events) {
  events_ = events;
  if (!events) return;
  for (size_t event = 0; event < p_.events->rules().size(); ++event) {
    const std::string& name = p_.events->rules()[event].name;
    const auto wanted = events->find(name);
    if (wanted == events->end()) continue;
    for (int64_t r = 0; r < p_.batch; ++r) {
      size_t count = 0;
      for (const auto& piece : pieces_) {
        for (const EventMark& m : piece->log.seen) count += m.event == event && m.row == r;
        count += static_cast<size_t>(std::count(piece->log.cutting.begin(), piece->log.cutting.end(), event));
      }
      if (count < wanted->second.size())
        throw RunError("the loss has " + std::to_string(wanted->second.size()) + " entries for event '" +
                       name + "', but it happened " + std::to_string(count) +
                       " times in a row; leave out what does not happen, or solve for longer");
    }
  }
}

const EventCotangent* EventPass::cotangent_of(size_t event, size_t occurrence) const {
  if (!events_) return nullptr;
  const auto of_event = events_->find(p_.events->rules()[event].name);
  return of_event == events_->end() || occurrence >= of_event->second.size() ? nullptr
                                                                             : &of_event->second[occurrence];
}

}  // namespace odeon::host
