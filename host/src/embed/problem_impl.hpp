// What a Problem holds; made by Session.
#pragma once
#include <odeon/host/problem.hpp>

#include "embed/lent_computation.hpp"
#include "engine/failure.hpp"

namespace odeon::host {

struct Problem::Impl {
  std::shared_ptr<const Registry> registry;  // choices point into it
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Field> field;
  ComponentChoice solver;
  int32_t dtype = ODEON_F64;
  ParameterSet parameters;
  std::vector<EventGroup> events;
  int64_t parameters_set = 1;  // how often; see IdleComputation::Entry
  std::shared_ptr<IdleComputation> idle = std::make_shared<IdleComputation>();

  // For rows of a batch, with θ as it is now.
  std::unique_ptr<LentComputation> computation(int64_t rows);
  // θ, or what has its shape; throws ConfigError when the count differs.
  Array flat_parameters(std::span<const double> values) const;
};

// As an array [leading…, state…]; throws ConfigError naming `what` when the count differs.
Array shaped(const Field& field, std::span<const double> values, std::vector<int64_t> leading,
             const char* what);

// The configuration text of one component, such as "dopri5" or "{plugin: dopri5}".
ComponentChoice choose(int32_t kind, const std::string& yaml, const Registry& registry);

// The program's events beside the field's own.
EventGroup to_group(const std::vector<EventFunction>& events);

Tensor to_tensor(const Array& array);
// Of the last gradient, if there is no failure.
Gradients gradients_of(const Computation& computation, std::optional<Failure> failure);

// Runs body; an integration that gave up becomes a value.
template <class Body>
std::optional<Failure> failure_of(Body&& body, std::vector<Failure>* rows = nullptr) {
  try {
    body();
    return std::nullopt;
  } catch (const SolveFailed& e) {
    if (rows) *rows = e.rows();
    return e.failure();
  } catch (const Cancelled&) {
    return Failure{"cancelled", "call clear_cancel, then run it again", 0, 0, 0, 0};
  }
}

}  // namespace odeon::host
