// What every problem here offers: the field as an experiment's section, rows of initial states and a span.
// Where the solution has no closed form, `end_of` in reference.hpp knows the end state.
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace odeon::test {

struct Problem {
  std::string name;  // also that of its entry in tests/golden/references.json
  nlohmann::ordered_json field;
  std::vector<std::vector<double>> initial;  // rows at time `start`
  double start, stop;
  std::function<std::vector<double>(double t, const std::vector<double>& y0)> exact{};  // of one row

  bool stiff = false;
  bool jumps = false;  // fast changes also after the start, so that no grid of fixed steps follows them
  bool second_order = false;  // the state is [q, v] with dq/dt = v and dv/dt = a(t, q)
  // Below this size the error of a component does not matter: the absolute over the relative tolerance.
  double magnitude = 1;

  // All rows at t, one behind the other.
  std::vector<double> exact_rows(double t) const {
    std::vector<double> all;
    for (const auto& row : initial)
      for (double v : exact(t, row)) all.push_back(v);
    return all;
  }
};

}  // namespace odeon::test
