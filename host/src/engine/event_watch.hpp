// Finds events in accepted steps. An event happens where its function g reaches or crosses zero; g is sampled
// at a few points of the step's dense output, and each change of sign is closed in on from before. Where an
// event ends the solve or resets the state, the integration loop cuts the step and goes on from there.
#pragma once
#include <algorithm>
#include <cmath>
#include <odeon/host/solution.hpp>
#include <optional>

#include "engine/events.hpp"
#include "engine/host_doubles.hpp"
#include "engine/problem.hpp"

namespace odeon::host {

class Stepper;

class EventWatch {
 public:
  // Of all_events; while the problem is made, before its work space.
  explicit EventWatch(odeon_problem& problem);

  // A solve begins at (t, y).
  void begin(double t, const odeon_tensor& y);

  // An accepted step from (t, y[0]) to (t + h, y[1]), of which nothing behind t_end counts.
  struct Step {
    double t = 0, h = 0, t_end = 0;
    double time(double x) const { return t + x * h; }
    double length() const { return std::abs(h); }
    double x_end() const { return std::min(1.0, (t_end - t) / h); }
  };
  // Where a step ends early; a requested time up to observe_to is this time, rounded, and gets the state
  // before.
  struct Cut {
    double t, observe_to;
    bool terminal;
  };
  // Records the events of the step, up to a cut.
  std::optional<Cut> look(Stepper& stepper, const Step& step);
  // The solve goes on from a cut at t: y becomes the state behind it.
  void resume(double t, const odeon_tensor& y);

  // In the order of all_events.
  const std::vector<EventRule>& rules() const { return rules_; }
  // The functions of a rule's group, and its index there.
  std::pair<EventFunctions&, size_t> functions_of(size_t event);
  size_t group_size(size_t event) const;

 private:
  // One event in one row; tracks_[row, event].
  struct Track {
    int sign = 0;                // of g at x; 0: zero, or not known yet
    double x = 0, g = 0;         // where g was seen last in this step, and its value
    int fired_from = 0;          // the sign before an event whose sign behind it is not known yet; 0: none
    bool came_back = false;      // behind the last event g went back to the side that it came from
    int64_t count = 0;           // of events
    double last_t = 0, gap = 0;  // the last event, and how long after the one before
  };
  struct Group {
    std::unique_ptr<EventFunctions> functions;
    size_t first, count;  // its rules
  };
  struct Crossing {
    double x;
    size_t event;
    int64_t row;
    int sign_before;
  };

  size_t event_of(size_t track) const { return track % rules_.size(); }
  int64_t row_of_track(size_t track) const { return static_cast<int64_t>(track / rules_.size()); }
  void take_signs(double t, const odeon_tensor& y);
  void settle();
  double settling_time() const;
  void see(size_t k, double x, double g);
  void note_return(Track& track, const EventRule& rule, double t);
  void sample(double x);
  double locate(size_t k, double x);
  double tolerance(size_t event) const;
  double resolution() const;
  bool wanted(size_t event, int sign_before) const;
  bool together(const Crossing& a, const Crossing& b) const;
  Cut cut_at(const Crossing& at);
  const Group& group_of(size_t event) const;
  void reset(size_t event, double t);
  EventMark mark(const Crossing& c);
  void record(const Crossing& c, double t, const std::vector<double>& before,
              const std::vector<double>& after);
  void fill_state(double x);                // state_ at x in the step
  std::vector<double> row_of(int64_t row);  // of state_
  void evaluate_at(double x);
  void evaluate(double t, const odeon_tensor& y);  // g_
  [[noreturn]] void fail(std::string reason, std::string remedy) const;

  odeon_problem& p_;
  std::vector<EventRule> rules_;
  std::vector<Group> groups_;
  std::vector<double> g_, group_g_, sampled_;  // [batch, events]; group_g_: of one group
  std::vector<Track> tracks_;
  std::vector<Crossing> crossings_;
  Step step_;
  int64_t steps_before_ = 0;  // of this solve
  Stepper* stepper_ = nullptr;
  double settle_t_ = 0, settle_x_ = 0;  // when unknown signs are taken
  DeviceTensor state_;                  // inside of the step; behind a cut until `resume`
  DeviceTensor slope_;                  // of marks
  HostDoubles host_;
};

}  // namespace odeon::host
