// What every problem here offers: the field as an experiment's section, rows of initial states, a span, and
// the exact state.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace odeon::test {

struct Problem {
  const char* name;
  nlohmann::ordered_json field;
  std::vector<std::vector<double>> initial;  // rows at time `start`
  double start, stop;
  std::function<std::vector<double>(double t, const std::vector<double>& y0)> exact;  // of one row

  // All rows at t, one behind the other.
  std::vector<double> exact_rows(double t) const {
    std::vector<double> all;
    for (const auto& row : initial)
      for (double v : exact(t, row)) all.push_back(v);
    return all;
  }
};

}  // namespace odeon::test
