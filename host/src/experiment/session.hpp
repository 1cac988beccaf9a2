// What a run needs alive: the backend, fields with parameters on it, problems; built from choices.
#pragma once
#include <odeon/gradient.h>

#include <memory>
#include <vector>

#include "data/safetensors.hpp"
#include "engine/problem.hpp"
#include "experiment/experiment.hpp"

namespace odeon::host {

// The backend that the experiment names; for `auto`, the first that opens, tried in the order of decreasing
// speed.
std::shared_ptr<Backend> open_backend(const Experiment& experiment, const Registry& registry);

// A flat θ on the host in named slots.
struct ParameterSet {
  struct Slot {
    std::string name;
    std::vector<int64_t> shape;
    int64_t offset;
    bool configured = false;  // its values stand in the configuration
  };
  std::vector<Slot> slots;
  Array flat;  // one axis; of gradients of several losses, one more in front

  std::vector<NamedArray> named() const;  // for safetensors
};

// Slots of a field with their initial values, drawn from `seed` in the order of the slots.
ParameterSet initial_parameters(std::span<const odeon_parameter_slot* const> slots, int32_t dtype,
                                uint64_t seed);

// Fills slots by name from field.weights: every slot must be there with its shape, and nothing else. Only
// those that the configuration has values of may be missing, and keep these with a warning. Throws
// ConfigError naming what differs.
void load_weights(ParameterSet& parameters, const FieldChoice& field);
// θ of a field as a run begins with it.
ParameterSet starting_parameters(const Field& field, const FieldChoice& choice, int32_t dtype, uint64_t seed);

class EventPass;

// ODEON_GRADIENT_*
uint32_t capabilities_of(const ComponentChoice& gradient);
// Whether events cut what such a strategy differentiates; others only solve, and that goes through events by
// itself.
constexpr bool follows_steps(uint32_t capabilities) {
  return (capabilities & (ODEON_GRADIENT_DISCRETE_EXACT | ODEON_GRADIENT_CONTINUOUS)) != 0;
}

// A gradient strategy's instance.
class Gradient {
 public:
  explicit Gradient(const ComponentChoice& choice);
  ~Gradient();
  Gradient(const Gradient&) = delete;
  Gradient& operator=(const Gradient&) = delete;

  // Throws ConfigError naming what the strategy needs and the solver or the field lacks, by what they say of
  // themselves. What shows on the way only is refused on the way.
  void require_capabilities(const SolverChoice& solver, const Field& field) const;

  // A forward pass with what it keeps; released with the object.
  class Pass {
   public:
    Pass(Gradient& gradient, odeon_problem& problem, const odeon_gradient_forward_args& args);
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    // events: of a problem with events; NULL: none has a cotangent of its own.
    void backward(const odeon_gradient_backward_args& args, const EventCotangents* events = nullptr);

   private:
    // A row on its own, for `stepping: per_row`.
    struct Row {
      DeviceTensor ys, gys;  // [times, 1, state…]
      odeon_tensor y0{};
      std::unique_ptr<Pass> pass;
    };
    bool forward_apart();
    void forward_rows();
    void backward_rows(const odeon_gradient_backward_args& args, const EventCotangents* events);

    Gradient& gradient_;
    odeon_problem& problem_;
    odeon_gradient_forward_args args_;
    odeon_tape* tape_ = nullptr;
    std::vector<std::unique_ptr<Row>> rows_;  // then there is no tape
    std::unique_ptr<EventPass> events_;       // likewise
  };

 private:
  void require_capabilities(const odeon_problem& problem) const;

  std::string name_;  // "gradient 'adjoint'", for messages
  std::shared_ptr<const void> keep_alive_;
  BoundOptions options_;  // handles inside stay valid with it
  const odeon_gradient_api* api_;
  odeon_gradient* handle_ = nullptr;
};

}  // namespace odeon::host
