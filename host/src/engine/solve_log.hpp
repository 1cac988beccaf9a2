// What a solve did, so that it can be done again and differentiated: its steps, and between which of them an
// event cut it.
#pragma once
#include <optional>
#include <vector>

#include "engine/device.hpp"

struct odeon_problem;

namespace odeon::host {

// Fields as in odeon_step_record.
struct AcceptedStep {
  double t0, h, t1;
  int64_t t0_anchor, t1_anchor;
  bool begins;       // without any history
  bool fixed, last;  // it ends at times[t1_anchor] by construction: of a grid, or the last time
};

// An event that was recorded, or one that cut the solve.
struct EventMark {
  double t;
  size_t event;  // in all_events
  int64_t row;
  std::vector<double> slope;  // of the row, by the method's dense output; empty where that has no derivative
};

// What lies between two cuts.
struct SolvePiece {
  double t;
  DeviceTensor y;  // at its beginning
  std::vector<AcceptedStep> steps;
  std::vector<EventMark> seen;   // without consequence, in their order
  std::optional<EventMark> cut;  // at its end
  std::vector<size_t> cutting;   // all events of that moment, in the order of their resets
  int64_t next_time = 1;         // the first requested time behind it
};

class SolveLog {
 public:
  void begin(odeon_problem& problem, double t, const odeon_tensor& y);
  void add(const AcceptedStep& step) { pieces_.back().steps.push_back(step); }
  void see(EventMark mark) { pieces_.back().seen.push_back(std::move(mark)); }
  void cut(EventMark mark, std::vector<size_t> events);
  void end_piece(int64_t next_time) { pieces_.back().next_time = next_time; }
  void begin_piece(odeon_problem& problem, double t, const odeon_tensor& y);

  std::vector<SolvePiece>& pieces() { return pieces_; }

 private:
  std::vector<SolvePiece> pieces_;
};

}  // namespace odeon::host
