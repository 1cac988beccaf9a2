// What a solve or a gradient gives back; plain values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace odeon::host {

// What a solve costs.
struct Counters {
  int64_t evaluations = 0;           // of f; of additive methods those of its implicit half ...
  int64_t explicit_evaluations = 0;  // ... and of the explicit one
  int64_t vjps = 0, jvps = 0;
  int64_t accepted = 0, rejected = 0;  // steps
  // Of implicit methods: Jacobians formed, factorisations of I - g J, systems solved (each for the whole
  // batch).
  int64_t jacobians = 0, factorizations = 0, linear_solves = 0;

  Counters& operator+=(const Counters& o) {
    evaluations += o.evaluations, explicit_evaluations += o.explicit_evaluations;
    vjps += o.vjps, jvps += o.jvps;
    accepted += o.accepted, rejected += o.rejected;
    jacobians += o.jacobians, factorizations += o.factorizations, linear_solves += o.linear_solves;
    return *this;
  }
};

// Why an integration gave up.
struct Failure {
  std::string reason;  // "step-size underflow", "non-finite values", "max_steps", "cancelled"
  std::string remedy;
  double t = 0, h = 0, error = 0;  // last good time, the step tried there, its scaled error norm
  int64_t steps = 0;
  int64_t row = -1;  // of the batch; where all step together, the one that the others wait for
};

// C order, always double, whatever the precision of the computation.
struct Tensor {
  std::vector<int64_t> shape;
  std::vector<double> values;
};

// An event that happened: its function reached or crossed zero.
struct EventRecord {
  int64_t row;  // of the batch
  std::string name;
  double t;
  std::vector<double> before, after;  // the row's state, and what the event made of it
};

struct Solution {
  Tensor states;                      // [times, batch, state…]; NaN at times that were not reached
  std::vector<EventRecord> events;    // by row, then in the order in which they happened
  std::vector<std::string> ended_by;  // of each row: the terminal event that ended it; empty where none did
  Counters counters;
  std::optional<Failure> failure;
  std::vector<Failure> row_failures;  // with stepping: per_row; the other rows' states are whole
  bool ok() const { return !failure; }
};

struct Gradients {
  Tensor states;
  Tensor initial;     // dL/dy0, [batch, state…]
  Tensor parameters;  // dL/dθ, flat
  Tensor times;       // dL/dt of every time
  Counters forward, backward;
  int64_t tape_peak_bytes = 0;     // kept between forward and backward
  std::optional<Failure> failure;  // set: the gradients above are empty
  bool ok() const { return !failure; }
};

// v = (initial, parameters); empty: zeros.
struct Direction {
  std::vector<double> initial;     // [batch, state…]
  std::vector<double> parameters;  // flat
  std::vector<double> cotangents;  // how dL/dstates changes along v, for losses that are not linear
};

struct HessianProduct {
  Tensor initial, parameters;      // H v, shaped as the gradients
  Tensor times;                    // of every time: its mixed second derivative with v
  double loss = 0;                 // the derivative of the loss along v
  Tensor states;                   // that of the states
  Counters forward, backward;      // of the states and their tangents as one system
  int64_t tape_peak_bytes = 0;     // kept between forward and backward
  std::optional<Failure> failure;  // set: the products above are empty
  bool ok() const { return !failure; }
};

}  // namespace odeon::host
