// A vector field with parameters that is a function of the embedding program over the rows of a batch.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

// A named part of a field's θ, and what it starts with.
struct FieldParameter {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<double> values;
};

// Called with rows that are at the same time, behind each other in C order: all rows of the batch, or, with
// `stepping: per_row`, those that happen to be there. θ: the parameters behind each other. May throw, and may
// be called by several threads, as the functions of a FunctionField.
struct BatchField {
  std::string id;                    // as the configuration names it: [a-z][a-z0-9_]*
  std::vector<int64_t> state_shape;  // of one row
  std::vector<FieldParameter> parameters = {};

  using Values = std::span<const double>;

  // dydt = f(t, y, θ).
  std::function<void(double t, Values y, Values theta, std::span<double> dydt)> f;

  // Where the derivative products go; all of them are to be written.
  struct Products {
    std::span<double> t;      // vᵀ ∂f/∂t of each row
    std::span<double> y;      // vᵀ ∂f/∂y
    std::span<double> theta;  // vᵀ ∂f/∂θ, summed over the rows
  };
  // Empty: the field can be solved, but not be differentiated by strategies that need derivative products.
  std::function<void(double t, Values y, Values theta, Values v, const Products& out)> vjp = {};
};

}  // namespace odeon::host
