// Formulas of systems, written by loops.
#pragma once
#include <charconv>
#include <string>

#include "problems/problem.hpp"

namespace odeon::test {

// The i-th state variable, from 1 as the literature counts.
inline std::string y(size_t i) { return "y" + std::to_string(i); }

// Reads back as the same double.
inline std::string digits(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// The field y1' = derivatives[0], y2' = …
inline nlohmann::ordered_json expression(const std::vector<std::string>& derivatives) {
  nlohmann::ordered_json field{{"plugin", "expression"},
                               {"state", nlohmann::ordered_json::array()},
                               {"derivatives", nlohmann::ordered_json::object()}};
  for (size_t i = 1; i <= derivatives.size(); ++i) {
    field["state"].push_back(y(i));
    field["derivatives"][y(i)] = derivatives[i - 1];
  }
  return field;
}

// y' = A y + b; b empty: none.
inline nlohmann::ordered_json linear_system(const std::vector<std::vector<double>>& a,
                                            const std::vector<double>& b = {}) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < a.size(); ++i) {
    std::string row = b.empty() ? "0" : digits(b[i]);
    for (size_t j = 0; j < a[i].size(); ++j)
      if (a[i][j] != 0) row += " + (" + digits(a[i][j]) + ")*" + y(j + 1);
    rows.push_back(row);
  }
  return expression(rows);
}

// The second difference (1, -2, 1) on n points between zeros.
inline std::vector<std::vector<double>> second_difference(size_t n) {
  std::vector<std::vector<double>> a(n, std::vector<double>(n));
  for (size_t i = 0; i < n; ++i) {
    a[i][i] = -2;
    if (i > 0) a[i][i - 1] = 1;
    if (i + 1 < n) a[i][i + 1] = 1;
  }
  return a;
}

inline std::vector<double> first_unit(size_t n) {
  std::vector<double> e(n);
  e[0] = 1;
  return e;
}

}  // namespace odeon::test
