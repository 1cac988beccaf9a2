// What a Problem holds; made by Session.
#pragma once
#include <odeon/host/problem.hpp>

#include "experiment/computation.hpp"

namespace odeon::host {

struct Problem::Impl {
  std::shared_ptr<const Registry> registry;  // choices point into it
  std::shared_ptr<Backend> backend;
  std::shared_ptr<Field> field;
  ComponentChoice solver;
  int32_t dtype = ODEON_F64;
  ParameterSet parameters;
  std::vector<EventGroup> events;

  // Of the last batch size, so that repeated calls compile and allocate nothing anew.
  std::unique_ptr<Computation> computation;
  int64_t batch = 0;

  Computation& for_batch(int64_t rows);
  // As an array [leading…, state…]; throws ConfigError naming `what` when the count differs.
  Array shaped(std::span<const double> values, std::vector<int64_t> leading, const char* what) const;
  // θ, or what has its shape; throws likewise.
  Array flat_parameters(std::span<const double> values) const;
};

// The configuration text of one component, such as "dopri5" or "{plugin: dopri5}".
ComponentChoice choose(int32_t kind, const std::string& yaml, const Registry& registry);

// The program's events beside the field's own.
EventGroup to_group(const std::vector<EventFunction>& events);

Tensor to_tensor(const Array& array);

}  // namespace odeon::host
