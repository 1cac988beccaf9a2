// What a solver that takes steps by code computes on states, written down while it computes: a graph of
// values from the first state and the evaluations of the field to the observed states. Its reverse is the
// exact derivative of any such method, and the method knows nothing of it: between the solver and its backend
// stands the same table of functions with a pencil. Values that nothing refers to any more, as those of
// rejected steps, are dropped with what they kept.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "engine/problem.hpp"

namespace odeon::host {

// Tape memory with an owner.
class TapeBuffer {
 public:
  TapeBuffer(const std::shared_ptr<Backend>& backend, TapeMeter* meter, int64_t bytes)
      : buffer_(backend, bytes), meter_(meter) {
    meter_->add(bytes);
  }
  ~TapeBuffer() { meter_->add(-buffer_.bytes()); }
  TapeBuffer(const TapeBuffer&) = delete;
  TapeBuffer& operator=(const TapeBuffer&) = delete;
  void* data() const { return buffer_.data(); }
  int64_t bytes() const { return buffer_.bytes(); }

 private:
  Buffer buffer_;
  TapeMeter* meter_;
};

// One array that was written. `from` are the values that it came from, in the order that `kind` says.
struct TraceValue {
  enum class Kind {
    constant,    // does not depend on the first state, nor on parameters
    opaque,      // came from outside of the trace
    initial,     // the state at the first time, or another array that the trace begins with
    sum,         // sum_i weights[i] from[i]
    piece,       // from[0] (may be null: never written), with `piece` copied into it from from[1]
    choice,      // rows of from[0] where the mask is set, else of from[1]
    evaluation,  // f(t, from[0])
    product,     // J(t, from[0]) from[1]
    slope,       // df/dt (t, from[0])
    solution     // (I - g J(t, from[0]))^-1 from[1]; keeps itself
  };
  struct Piece {
    int64_t to = 0, from = 0, bytes = 0;  // offsets in bytes
  };

  Kind kind;
  int64_t index;  // every value's is above those of what it came from
  int64_t bytes;
  std::vector<std::shared_ptr<TraceValue>> from;
  std::vector<double> weights;
  double t = 0, g = 0;
  Piece piece{};
  int64_t rows = 0;                  // of the mask
  size_t input = 0;                  // of initial: which one
  std::shared_ptr<TapeBuffer> mask;  // shared while it does not change
  std::unique_ptr<TapeBuffer> kept;  // the value itself, where a derivative needs it
};
using TraceRef = std::shared_ptr<TraceValue>;

class Trace {
 public:
  explicit Trace(odeon_problem& problem);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // What a solver gets in place of the problem's own.
  const odeon_backend_api& backend_api() const { return api_; }
  odeon_backend* backend() { return reinterpret_cast<odeon_backend*>(this); }
  odeon_queue* queue() { return reinterpret_cast<odeon_queue*>(this); }

  // The state at the first time, which is its observation too, stands at y.
  void begin(const odeon_tensor& y);
  bool begun() const { return begun_; }
  // Of one step on its own: what stands at these inputs now, and constants, are all that it may come from.
  void begin_step(std::span<const odeon_tensor> inputs);
  // What stands at `to` is a copy of what stands at `from`.
  void copied(const odeon_tensor& to, const odeon_tensor& from) {
    copied(to.data, from.data, byte_count(from));
  }
  // What stands at x now.
  TraceRef value(const odeon_tensor& x);
  // What stands at x is of no further use: who reads it before it is written reads something unknown.
  void forget(const odeon_tensor& x);
  // Observation `index` is what stands at x now.
  void observe(int64_t index, const odeon_tensor& x);
  void forget_history();  // what only further steps would need

  // Services of the problem that compute on states, after they did.
  void evaluated(double t, const odeon_tensor& y, const odeon_tensor& dy);
  void linearized(double t, const odeon_tensor& y);
  void solved(double g, const odeon_tensor& r, const odeon_tensor& x);
  void multiplied(double t, const odeon_tensor& y, const odeon_tensor& u, const odeon_tensor& Ju);
  void time_differentiated(double t, const odeon_tensor& y, const odeon_tensor& ft);

  // Throws ConfigError when one of the results came about outside of the trace.
  static void require_whole(std::span<const TraceRef> results, const std::string& solver);

  odeon_problem& problem() const { return p_; }
  const std::map<int64_t, TraceRef>& observations() const { return observations_; }

 private:
  friend struct TraceBackend;
  TraceRef make(TraceValue::Kind kind, int64_t bytes, std::vector<TraceRef> from = {});
  TraceRef at(const void* address, int64_t bytes);  // null: never written
  TraceRef argument(const odeon_tensor& x);         // of a service: kept; never written: opaque
  void erase(const char* begin, const char* end);
  void write(const void* address, TraceRef value);
  void keep(const TraceRef& value, const odeon_tensor& x);
  void copied(const void* to, const void* from, int64_t bytes);
  std::shared_ptr<TapeBuffer> mask_at(const void* address, int64_t bytes);
  static void release(TraceRef value);

  struct Linearization {
    double t = 0;
    TraceRef y;
  };

  odeon_problem& p_;
  odeon_backend_api api_;
  std::map<const char*, TraceRef> memory_;  // by address
  std::map<const char*, std::shared_ptr<TapeBuffer>> masks_;
  std::map<int64_t, TraceRef> observations_;
  Linearization linearization_;
  int64_t next_index_ = 0;
  bool begun_ = false;
};

// Solves with a new instance of the problem's solver, which takes steps by code, under a trace.
std::unique_ptr<Trace> trace_solve(odeon_problem& problem, const odeon_solve_args& args);

// gy0 = dL/d(initial), gtheta += dL/dtheta for the cotangents gys of the observations.
void reverse_trace(const Trace& trace, const odeon_tensor& gys, const odeon_tensor& gy0,
                   const odeon_tensor* gtheta);

// The same from any values to any inputs, as often as asked; keeps its buffers.
class TraceReverse {
 public:
  TraceReverse(odeon_problem& problem, const odeon_tensor* gtheta);
  ~TraceReverse();
  void seed(const TraceRef& value, const odeon_tensor& g);  // adds to its cotangent
  void run(
      std::span<const odeon_tensor> inputs);  // overwritten with theirs; may be what seeds were read from

 private:
  class Sweep;
  std::unique_ptr<Sweep> sweep_;
};

}  // namespace odeon::host
