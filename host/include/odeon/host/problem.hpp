// A field, a solver and a backend put together: solves and differentiates as often as asked.
#pragma once
#include <odeon/abi.h>

#include <memory>
#include <odeon/host/dense_solution.hpp>
#include <odeon/host/event_function.hpp>
#include <odeon/host/gradient_pass.hpp>
#include <odeon/host/solution.hpp>
#include <span>
#include <string>
#include <vector>

namespace odeon::host {

enum class Precision { float32, float64 };

// Components as the configuration writes them: an id, or a YAML map with its options, such as
// "{plugin: dopri5, rtol: 1.0e-8}".
struct ProblemSpec {
  std::string field;
  std::string solver;
  std::string backend = "auto";
  Precision precision = Precision::float64;
  uint64_t seed = 0;                       // of parameters that start at random
  std::vector<int64_t> state_shape = {};   // of one row, for fields that leave it open (neural); may be empty
  std::vector<EventFunction> events = {};  // beside those that the field brings
};

struct Parameter {
  std::string name;
  std::vector<int64_t> shape;
};

// Keeps what it needs of its session. One thread at a time; different problems run in parallel.
class ODEON_EXPORT Problem {
 public:
  ~Problem();
  Problem(Problem&&) noexcept;
  Problem& operator=(Problem&&) noexcept;

  // initial: `batch` rows behind each other. times: strictly increasing or decreasing, the first one is that
  // of `initial`. Failures of the integration are values; everything else that is wrong throws Error.
  Solution solve(std::span<const double> times, std::span<const double> initial, int64_t batch = 1);

  // The same solve, kept as a function of time. Throws Error where the integration fails.
  DenseSolution solve_dense(std::span<const double> times, std::span<const double> initial,
                            int64_t batch = 1);

  // gradient: an id or a map, as above. cotangents: dL/dstates, [times, batch, state…].
  Gradients gradient(const std::string& gradient, std::span<const double> times,
                     std::span<const double> initial, std::span<const double> cotangents, int64_t batch = 1);

  // The same in two steps, for a loss that is computed from the states: solves now, and goes back when asked.
  GradientPass begin_gradient(const std::string& gradient, std::span<const double> times,
                              std::span<const double> initial, int64_t batch = 1);

  // The Hessian of the loss times a direction; the field must be a graph.
  HessianProduct hessian_product(const std::string& gradient, std::span<const double> times,
                                 std::span<const double> initial, std::span<const double> cotangents,
                                 const Direction& direction, int64_t batch = 1);

  const std::vector<int64_t>& state_shape() const;
  // θ: its named parts in their order, and its values behind each other.
  std::vector<Parameter> parameters() const;
  std::vector<double> parameter_values() const;
  void set_parameter_values(std::span<const double> values);

 private:
  friend class Session;
  struct Impl;
  explicit Problem(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace odeon::host
