// Random graphs of one op and checks of their derivatives, on the naive interpreter in float64.
#pragma once
#include <odeon/sdk/graph_eval.hpp>
#include <random>
#include <vector>

#include "autodiff/vjp.hpp"

namespace odeon::test {

constexpr int64_t kBatch = 3;

inline std::vector<double> random_values(int64_t n, uint64_t seed, double low, double high) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(low, high);
  std::vector<double> out(static_cast<size_t>(n));
  for (double& v : out) v = uniform(engine);
  return out;
}

// All outputs of a graph for given inputs (by index), one flat vector per output.
inline std::vector<std::vector<double>> evaluate(const Graph& g,
                                                 const std::vector<std::vector<double>>& inputs,
                                                 const std::vector<double>& theta = {}, double t = 0) {
  Interpreter<double> interpreter(g.view(), kBatch);
  std::vector<odeon_tensor> in, out;
  for (const auto& x : inputs)
    in.push_back(make_tensor(const_cast<double*>(x.data()), ODEON_F64, {int64_t(x.size())}));
  std::vector<std::vector<double>> results;
  for (int32_t o : g.outputs)
    results.emplace_back(size_t(element_count(bound_shape(g.nodes[size_t(o)], kBatch, ODEON_F64))));
  for (auto& r : results) out.push_back(make_tensor(r.data(), ODEON_F64, {int64_t(r.size())}));
  const std::vector<int32_t> modes(out.size(), ODEON_WRITE_OVERWRITE);
  const odeon_tensor flat =
      make_tensor(const_cast<double*>(theta.data()), ODEON_F64, {int64_t(theta.size())});
  odeon_plan_args args{};
  args.struct_size = sizeof args;
  args.t = host_scalar(t);
  args.theta = &flat;
  args.inputs = in.data();
  args.outputs = out.data();
  args.modes = modes.data();
  interpreter.run(args);
  return results;
}

inline double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

inline int64_t elements(const Shape& s) {
  int64_t n = 1;
  for (int64_t d : s) n *= d == ODEON_BATCH ? kBatch : d;
  return n;
}

}  // namespace odeon::test
