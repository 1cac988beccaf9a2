// A vector field that is a function of the embedding program.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

// Called once per batch row, with the row's state in C order. May throw: the exception comes out of the call
// that solves. Problems that run in several threads at once call it from several threads.
struct FunctionField {
  std::string id;                    // as the configuration names it: [a-z][a-z0-9_]*
  std::vector<int64_t> state_shape;  // of one row

  // dydt = f(t, y).
  std::function<void(double t, std::span<const double> y, std::span<double> dydt)> f;

  // gy = vᵀ ∂f/∂y; returns vᵀ ∂f/∂t, which is 0 for an autonomous system. Empty: the field can be solved, but
  // not be differentiated by strategies that need derivative products.
  std::function<double(double t, std::span<const double> y, std::span<const double> v, std::span<double> gy)>
      vjp = {};
};

}  // namespace odeon::host
