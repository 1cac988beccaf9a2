// The end states of tests/golden/references.json, made by make_references.py beside it.
#pragma once
#include <cmath>
#include <fstream>

#include "problems/problem.hpp"

namespace odeon::test {

struct Reference {
  double start, stop, magnitude;
  std::vector<double> initial, end;
  double growth;  // of an error made at one step until the end, relative in the norm of step control; mean of
                  // all steps
};

inline Reference reference_of(const std::string& name) {
  static const nlohmann::ordered_json all = [] {
    std::ifstream in(ODEON_SOURCE_DIR "/tests/golden/references.json");
    return nlohmann::ordered_json::parse(in);
  }();
  const auto& p = all.at("problems").at(name);
  return {p.at("start"),   p.at("stop"), p.at("magnitude"),
          p.at("initial"), p.at("end"),  p.at("growth").at("mean")};
}

// The norm of step control: root mean square, each component relative to its size, or to the size that
// matters.
inline double scaled_error(const std::vector<double>& found, const Reference& expected) {
  double sum = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const double e = (found[i] - expected.end[i]) / (expected.magnitude + std::abs(expected.end[i]));
    sum += e * e;
  }
  return std::sqrt(sum / static_cast<double>(found.size()));
}

}  // namespace odeon::test
