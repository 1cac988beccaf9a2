// An event that is a function of the embedding program.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace odeon::host {

// Which crossings count, in the direction in which the solve runs.
enum class EventDirection { any, rising, falling };

// Happens where `when` reaches or crosses zero along a solution. Called with one row's state in C order; may
// throw, as the functions of a FunctionField.
struct EventFunction {
  std::string name;
  std::function<double(double t, std::span<const double> y)> when;
  EventDirection direction = EventDirection::any;
  bool terminal = false;  // ends the solve of the row
  // Given: makes the state behind the event of the one before it, and the solve begins anew there.
  std::function<void(double t, std::span<double> y)> reset = {};
  double tolerance = 0;         // of its time; 0: as close as time can resolve
  int64_t max_count = 100'000;  // more of them in one row are a failure
};

}  // namespace odeon::host
